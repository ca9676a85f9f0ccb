import { z } from 'zod';
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

const parkedSchema = z.object({
  reaction: z.string(),
  streamId: z.uuid(),
  seq: z.number().int(),
  error: z.string().nullable(),
  parkedAt: z.string(),
});

/** For owners and managers. */
export const listParked = defineRoute({
  method: 'GET',
  path: '/upkeep/parked',
  access: 'session',
  summary: 'Background work of my organisation that failed too often and waits for somebody.',
  response: z.object({ rows: z.array(parkedSchema) }),
});

export const resumeParked = defineRoute({
  method: 'POST',
  path: '/upkeep/parked/resume',
  access: 'session',
  summary: 'Tries parked work again, or passes over the one event that fails.',
  body: z.object({
    reaction: z.string().max(120),
    streamId: z.uuid(),
    how: z.enum(['retry', 'skip']),
  }),
  response: z.object({ rows: z.array(parkedSchema) }),
});
