import { defineCommand, defineSignal } from '@liaison/core/contract';
import { z } from 'zod';
import { callViewSchema } from './call.ts';

const callId = z.uuid();
/** Whole session descriptions with candidates; a browser's audio offer has 3 to 8 kB. */
const sdp = z.string().min(1).max(32_000);
const done = z.object({});

/** Rings a person: by id, address, extension or number, as typed. The page that says it is the caller's side. */
export const startCall = defineCommand({
  name: 'calls.start',
  params: z.object({ to: z.string().trim().min(1).max(254) }),
  result: z.object({ call: callViewSchema }),
});
export const answerCall = defineCommand({ name: 'calls.answer', params: z.object({ callId }), result: done });
/** Refuses for all of this person's devices. */
export const declineCall = defineCommand({
  name: 'calls.decline',
  params: z.object({ callId }),
  result: done,
});
/** Ends it, or takes it back while it rings. */
export const hangUpCall = defineCommand({
  name: 'calls.hang-up',
  params: z.object({ callId }),
  result: done,
});
export const holdCall = defineCommand({
  name: 'calls.hold',
  params: z.object({ callId, held: z.boolean() }),
  result: done,
});
/** The calls this person is in or that ring for her, whatever page asks. */
export const listMyCalls = defineCommand({
  name: 'calls.mine',
  params: z.object({}),
  result: z.object({ calls: z.array(callViewSchema) }),
});
/** This page takes over her side of a call: after a reload, or from another page. */
export const takeCall = defineCommand({ name: 'calls.take', params: z.object({ callId }), result: done });

/**
 * Media is agreed in rounds. The server opens one with `calls.media`; a round with a higher number replaces the one
 * before, with a new peer connection. Descriptions are whole (no trickle).
 */
export const describeMedia = defineCommand({
  name: 'calls.describe',
  params: z.object({ callId, round: z.number().int(), sdp }),
  result: done,
});
/** How a round went on this page. After `failed`, or none within 3 s, a direct round is followed by a relayed one. */
export const reportMedia = defineCommand({
  name: 'calls.media-state',
  params: z.object({ callId, round: z.number().int(), state: z.enum(['connected', 'failed']) }),
  result: done,
});

/** To all pages of a person of the call, whenever something of it changes. */
export const callChanged = defineSignal({ name: 'calls.changed', data: callViewSchema });

/** To the page that carries the sound: make (`offer`) or answer (`answer`) a description in this round. */
export const mediaRound = defineSignal({
  name: 'calls.media',
  data: z.object({
    callId,
    round: z.number().int(),
    path: z.enum(['direct', 'relay']),
    role: z.enum(['offer', 'answer']),
    /** The other side's offer, where `role` is `answer`. */
    sdp: sdp.optional(),
  }),
});
/** To the page that offered: the answer of its round. */
export const mediaAnswer = defineSignal({
  name: 'calls.media-answer',
  data: z.object({ callId, round: z.number().int(), sdp }),
});
