import { defineEvent, idSchema } from '@liaison/core/contract';
import { z } from 'zod';
import { endReasons } from './call.ts';

/** Told once in the personal space of each of the call's people: their histories and counts follow it. */
const base = z.object({ spaceId: idSchema, callId: idSchema, personId: idSchema });

export const callStarted = defineEvent({
  name: 'calls.call-started',
  version: 1,
  stream: 'spaceId',
  payload: base,
});
export const callAnswered = defineEvent({
  name: 'calls.call-answered',
  version: 1,
  stream: 'spaceId',
  payload: base,
});
export const callEnded = defineEvent({
  name: 'calls.call-ended',
  version: 1,
  stream: 'spaceId',
  payload: base.extend({ reason: z.enum(endReasons), missed: z.boolean() }),
});
/** She looked at her missed calls: none of those until now is new any more. Told in her personal space. */
export const missedSeen = defineEvent({
  name: 'calls.missed-seen',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, personId: idSchema }),
});
