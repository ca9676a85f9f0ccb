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
] as const;
export type EndReason = (typeof endReasons)[number];

/** One of the two who talk, as the other is shown. */
export const partySchema = z.object({
  /** Null for somebody outside. */
  personId: z.uuid().nullable(),
  name: z.string(),
  address: z.string().nullable(),
  extension: z.string().nullable(),
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
});
export type CallView = z.infer<typeof callViewSchema>;

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
});
export type CallRecord = z.infer<typeof callRecordSchema>;
