import { z } from 'zod';
import { partySchema } from '../../contract/index.ts';

const personId = z.uuid();
/** Who leaves is on telephones that hang up by themselves. */
const gently = z.boolean();

/** What is asked of the process that owns a call, about who is in it and on what. */
export const transferOrders = [
  /** Hands the other one over to a person. */
  z.object({ order: z.literal('transfer'), personId, to: z.uuid() }),
  /** Where the other one of this person is: what decides which of two calls goes on. */
  z.object({ order: z.literal('peek'), personId }),
  /** Brings the other one of this person out of another call into this one. */
  z.object({
    order: z.literal('join'),
    personId,
    other: z.uuid(),
    /** The one who comes is the caller from then on. */
    comesFirst: z.boolean(),
    gently,
  }),
  /** Lets the other one of this person go to another call; asked by its process. */
  z.object({
    order: z.literal('release'),
    personId,
    into: z.uuid(),
    withWhom: partySchema,
    gently,
  }),
  z.object({ order: z.literal('send'), personId, deviceId: z.uuid() }),
  z.object({ order: z.literal('stay'), personId }),
] as const;

export const peeked = z.object({
  state: z.enum(['ringing', 'connected', 'ended']),
  isCaller: z.boolean(),
  otherId: z.uuid().nullable(),
  otherKind: z.enum(['page', 'telephone', 'service']).nullable(),
});
export type Peeked = z.infer<typeof peeked>;

/** Somebody who comes from a call of another process: a page, whose leg is where its socket is. */
export const releasedPage = z.object({
  party: partySchema,
  connectionId: z.string().nullable(),
  held: z.boolean(),
  round: z.number().int(),
});
