import { z } from 'zod';
import { partySchema } from '../../contract/index.ts';
import { farLine } from '../far/messages.ts';

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
    /** The leg that its telephone becomes there. */
    as: z.uuid(),
  }),
  /** Another telephone of this person, which calls, takes the place of one of her legs; answered by `replaced`. */
  z.object({
    order: z.literal('replace'),
    personId,
    deviceId: z.uuid(),
    old: z.string().max(64),
    as: z.uuid(),
    line: farLine,
    offer: z.string().max(64_000).optional(),
    takesInfo: z.boolean(),
    /** Only while the old one rings (RFC 3891 §6.1). */
    isEarlyOnly: z.boolean(),
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

const released = {
  party: partySchema,
  held: z.boolean(),
  round: z.number().int(),
};

/** Somebody who comes from a call of another process. */
export const releasedFarAway = z.discriminatedUnion('kind', [
  /** A page, whose leg is where its socket is. */
  z.object({ kind: z.literal('page'), ...released, connectionId: z.string().nullable() }),
  /** A telephone, whose dialog goes on being driven where its flow is. */
  z.object({ kind: z.literal('telephone'), ...released, deviceId: z.string(), line: farLine }),
]);
export type ReleasedFarAway = z.infer<typeof releasedFarAway>;

/** The status of a refusal, if it is one. */
export const replaced = z.object({ refused: z.number().int().optional() });
