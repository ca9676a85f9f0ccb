import { z } from 'zod';
import { pageOf, pageQuery } from './page.ts';
import { defineRoute } from './route.ts';

/** What a person may ask about what is kept of her, and what administrators look after. Served by `core/upkeep`. */
export const exportMyData = defineRoute({
  method: 'GET',
  path: '/personal-data/mine',
  access: 'session',
  summary: 'Everything that is known of me, as one zip.',
});

export const listRetention = defineRoute({
  method: 'GET',
  path: '/personal-data/retention',
  access: 'session',
  summary: 'What is kept, for how long, and why.',
  response: z.object({
    rows: z.array(
      z.object({ module: z.string(), what: z.string(), days: z.number().nullable(), why: z.string() }),
    ),
  }),
});

/** Background work of an organisation that failed so often that it waits for somebody. */
export const parkedWorkSchema = z.object({
  /** Names this very failure, for `resumeParked`. */
  id: z.string(),
  /** A reaction waits at one event, and with it all later ones of that space; a job waits alone. */
  kind: z.enum(['reaction', 'job']),
  /** `module.verb-thing`. */
  name: z.string(),
  /** The event at which a reaction waits, `module.thing-happened`; null for a job. */
  event: z.string().nullable(),
  /** When what is to be done came up. */
  since: z.iso.datetime(),
  /** When it was tried last. */
  parkedAt: z.iso.datetime(),
  tries: z.number().int(),
  error: z.string().nullable(),
});
export type ParkedWork = z.infer<typeof parkedWorkSchema>;

/** For owners and managers; latest parked first. */
export const listParked = defineRoute({
  method: 'GET',
  path: '/upkeep/parked',
  access: 'session',
  summary: 'Background work of my organisation that failed too often and waits for somebody.',
  query: pageQuery,
  response: pageOf(parkedWorkSchema).extend({ total: z.number().int() }),
});

/** For owners and managers. 404 where it is no longer stuck, or stuck at something else. */
export const resumeParked = defineRoute({
  method: 'POST',
  path: '/upkeep/parked/resume',
  access: 'session',
  summary: 'Tries parked work again, or gives the one thing up that fails.',
  body: z.object({ id: z.string().max(200), how: z.enum(['retry', 'skip']) }),
});
