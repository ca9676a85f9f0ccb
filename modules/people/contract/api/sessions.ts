import { defineRoute, idSchema } from '@liaison/core/contract';
import { z } from 'zod';

export const sessionSchema = z.object({
  id: idSchema,
  current: z.boolean(),
  /** `Firefox`, `Chrome`, …; null when the program does not say. */
  browser: z.string().nullable(),
  /** `Windows`, `Android`, … */
  system: z.string().nullable(),
  ip: z.string().nullable(),
  signedInAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
});
export type Session = z.infer<typeof sessionSchema>;

export const listSessions = defineRoute({
  method: 'GET',
  path: '/sessions',
  access: 'session',
  summary: 'Where I am signed in.',
  response: z.object({ sessions: z.array(sessionSchema) }),
});

/** Cut everywhere within 5 s. */
export const revokeSession = defineRoute({
  method: 'DELETE',
  path: '/sessions/:id',
  access: 'session',
  summary: 'End one of my sessions.',
  params: z.object({ id: idSchema }),
});

export const revokeOtherSessions = defineRoute({
  method: 'POST',
  path: '/sessions/revoke-others',
  access: 'session',
  summary: 'End all my sessions but this one.',
  response: z.object({ revoked: z.number().int() }),
});

/** For managers and owners: a lost laptop. */
export const revokeSessionsOfPerson = defineRoute({
  method: 'POST',
  path: '/people/:id/revoke-sessions',
  access: 'session',
  summary: 'End all sessions of a person.',
  params: z.object({ id: idSchema }),
  response: z.object({ revoked: z.number().int() }),
});
