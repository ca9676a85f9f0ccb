import { z } from 'zod';

/** How a call came to its end, as both sides are told. */
export const endReasons = [
  'completed',
  'cancelled',
  'declined',
  'busy',
  'no-answer',
  'offline',
  'do-not-disturb',
  'lost',
  'failed',
  'transferred',
] as const;
export type EndReason = (typeof endReasons)[number];

/** One of the two who talk, as the other is shown. */
export const partySchema = z.object({
  /** Null for somebody outside. */
  personId: z.uuid().nullable(),
  name: z.string(),
  address: z.string().nullable(),
  extension: z.string().nullable(),
  /** Her card in the reader's address books, which gave the name of somebody outside. */
  contactId: z.uuid().nullish(),
});
export type Party = z.infer<typeof partySchema>;

/** A running call as one of its people sees it, on all of her pages. */
export const callViewSchema = z.object({
  id: z.uuid(),
  direction: z.enum(['incoming', 'outgoing']),
  state: z.enum(['ringing', 'connected', 'ended']),
  peer: partySchema,
  /** Where this person's side of the call is; null while her devices ring. */
  mine: z
    .object({
      kind: z.enum(['page', 'telephone']),
      /** The page that has the sound; null for a telephone, or a page that is gone and may come back. */
      connectionId: z.string().nullable(),
      deviceId: z.string().nullish(),
    })
    .nullable(),
  /** What the other one speaks through, once connected. */
  peerKind: z.enum(['page', 'telephone', 'service']).nullable(),
  /** How many of the callee's devices ring. */
  ringing: z.object({ pages: z.boolean(), telephones: z.number().int() }),
  heldByMe: z.boolean(),
  heldByPeer: z.boolean(),
  /** The other page lost its connection and is waited for. */
  peerLost: z.boolean(),
  startedAt: z.string(),
  answeredAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  reason: z.enum(endReasons).nullable(),
  /** Who hung up a call that was answered; none while it runs, and where nobody did. */
  endedBy: z.enum(['me', 'peer']).nullish(),
  /** Which pair of people it joins: counts up with every transfer, so that a call may come back to somebody who left it. */
  part: z.number().int().nullish(),
  /** Who handed it over, for both who talk then. */
  transferredBy: partySchema.nullish(),
  /** To whom its reader handed it over, or who she was joined with: with reason `transferred`. */
  transferredTo: partySchema.nullish(),
  /** It came back, because whom it was transferred to was not reached. */
  returned: z.object({ from: partySchema, reason: z.enum(endReasons) }).nullish(),
  /** Its sound goes on in this call, with somebody else: with reason `transferred`. */
  continuesAs: z.uuid().nullish(),
  /** The telephone of its reader that rings to take it over from the page. */
  movingTo: z.string().nullish(),
});
export type CallView = z.infer<typeof callViewSchema>;

/** One direction of a call that a relay carried, over its whole length; the worst of what was measured on the way. */
const directionQualitySchema = z.object({
  /** Packets that did not arrive, 0 to 1. */
  loss: z.number(),
  jitterMs: z.number(),
  /** 1 (bad) to 4.5: the E-model of ITU-T G.107, see the README. */
  mos: z.number(),
});

/** A line of the history, as its reader sees it. */
export const callRecordSchema = z.object({
  id: z.uuid(),
  direction: z.enum(['incoming', 'outgoing']),
  peer: partySchema,
  startedAt: z.string(),
  answeredAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  reason: z.enum(endReasons).nullable(),
  /** Rang here and was not answered by anybody; `seen` once its reader looked at it. */
  missed: z.boolean(),
  seen: z.boolean(),
  /** How it sounded, where a relay measured it: what came from the peer, and what the reader sent. */
  quality: z
    .object({ theirs: directionQualitySchema.nullable(), mine: directionQualitySchema.nullable() })
    .nullish(),
  /** Who handed the peer over. */
  transferredBy: partySchema.nullish(),
  /** Whom the peer talked with after this, by a transfer; also told to the peer. */
  transferredTo: partySchema.nullish(),
  /** It came back from there, where nobody answered. */
  returnedFrom: partySchema.nullish(),
});
export type CallRecord = z.infer<typeof callRecordSchema>;
