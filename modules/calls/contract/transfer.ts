import { defineCommand } from '@liaison/core/contract';
import { z } from 'zod';

const done = z.object({});

/**
 * Hands the other one of a call to somebody else, unasked: its sender leaves at once, and is rung again when nobody
 * answers there. Refused while that person cannot be rung; the call then stays as it is.
 */
export const transferCall = defineCommand({
  name: 'calls.transfer',
  params: z.object({ callId: z.uuid(), to: z.string().trim().min(1).max(254) }),
  result: done,
});

/** Joins the others of two calls of its sender, who leaves both. Both are answered, or the second is still ringing out. */
export const joinCalls = defineCommand({
  name: 'calls.join',
  params: z.object({ callId: z.uuid(), withId: z.uuid() }),
  result: done,
});

/** Rings one telephone of its sender, and goes on there with a call of hers once it answers. */
export const sendToTelephone = defineCommand({
  name: 'calls.send-to-telephone',
  params: z.object({ callId: z.uuid(), deviceId: z.uuid() }),
  result: done,
});

/** Stops the ringing of `calls.send-to-telephone`; the call stays where it is. */
export const stayHere = defineCommand({
  name: 'calls.stay',
  params: z.object({ callId: z.uuid() }),
  result: done,
});
