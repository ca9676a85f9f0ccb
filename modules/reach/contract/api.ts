import { defineCommand, defineRoute, defineSignal } from '@liaison/core/contract';
import { z } from 'zod';
import { reachabilitySchema } from './reachability.ts';

/** Everybody of the organisation who is not simply offline and unseen. */
export const listReachability = defineRoute({
  method: 'GET',
  path: '/reach',
  access: 'session',
  summary: 'Who of the organisation can be reached now; people who are missing are offline.',
  response: z.object({ rows: z.array(reachabilitySchema) }),
});

export const setMyReachability = defineRoute({
  method: 'PUT',
  path: '/reach/me',
  access: 'session',
  summary: 'Asks not to be disturbed, or says one is away, until a time; `free` takes both back.',
  body: z.object({
    state: z.enum(['free', 'dnd', 'away']),
    /** At most 30 days ahead; null stays until it is taken back. */
    until: z.iso.datetime({ offset: true }).nullable().default(null),
  }),
  response: reachabilitySchema,
});

/** Sent by a page when nobody touched it for some minutes, and when somebody does again. */
export const setIdle = defineCommand({
  name: 'reach.set-idle',
  params: z.object({ idle: z.boolean() }),
  result: z.object({}),
});

/** To everybody of the organisation, within a second of the change. */
export const reachChanged = defineSignal({ name: 'reach.changed', data: reachabilitySchema });
