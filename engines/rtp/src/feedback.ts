/** What a receiver of video asks of who sends it: RTCP feedback (RFC 4585 §6, RFC 5104 §4.3.1). */

import type { OtherRtcp } from './rtcp-packet.ts';

const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;
const GENERIC_NACK = 1;
const PICTURE_LOSS = 1;
const FULL_INTRA_REQUEST = 4;
/** Packets that one request may name: who misses more needs a whole picture. */
const MAX_MISSING = 128;

/** `picture-loss` and `full-intra` ask for a whole picture; `nack` for packets by their numbers. */
export type Feedback =
  | { kind: 'picture-loss' }
  /** `command` counts up with each new wish. */
  | { kind: 'full-intra'; command: number }
  | { kind: 'nack'; sequences: number[] };

export type FeedbackPacket = Feedback & {
  /** Who asks. */
  sender: number;
  /** The stream that it asks about. */
  media: number;
};

/** Takes a feedback packet apart; `undefined` for kinds that are not ours, and for what does not read. */
export function readFeedback({ packetType, count, bytes }: OtherRtcp): FeedbackPacket | undefined {
  if (bytes.length < 12) return undefined;
  const sender = bytes.readUInt32BE(4);
  const media = bytes.readUInt32BE(8);
  if (packetType === PAYLOAD_FEEDBACK && count === PICTURE_LOSS)
    return { kind: 'picture-loss', sender, media };
  if (packetType === PAYLOAD_FEEDBACK && count === FULL_INTRA_REQUEST) {
    // RFC 5104 §4.3.1.2: the stream is named in the entry, and the header's field is 0.
    if (bytes.length < 20) return undefined;
    return { kind: 'full-intra', command: bytes[16]!, sender, media: bytes.readUInt32BE(12) };
  }
  if (packetType !== TRANSPORT_FEEDBACK || count !== GENERIC_NACK) return undefined;
  const sequences: number[] = [];
  for (let at = 12; at + 4 <= bytes.length && sequences.length < MAX_MISSING; at += 4) {
    const first = bytes.readUInt16BE(at);
    const mask = bytes.readUInt16BE(at + 2);
    sequences.push(first);
    for (let bit = 0; bit < 16; bit++) if (mask & (1 << bit)) sequences.push((first + bit + 1) & 0xffff);
  }
  return { kind: 'nack', sequences: sequences.slice(0, MAX_MISSING), sender, media };
}

/** The packet to put behind a report in one compound datagram (RFC 4585 §3.1). */
export function buildFeedback(feedback: FeedbackPacket): OtherRtcp {
  const words: number[] = [feedback.sender >>> 0, 0];
  let packetType = PAYLOAD_FEEDBACK;
  let count = PICTURE_LOSS;
  if (feedback.kind === 'full-intra') {
    count = FULL_INTRA_REQUEST;
    words.push(feedback.media >>> 0, ((feedback.command & 0xff) << 24) >>> 0);
  } else {
    words[1] = feedback.media >>> 0;
    if (feedback.kind === 'nack') {
      packetType = TRANSPORT_FEEDBACK;
      count = GENERIC_NACK;
      for (const sequence of feedback.sequences.slice(0, MAX_MISSING))
        words.push(((sequence & 0xffff) << 16) >>> 0);
    }
  }
  const bytes = Buffer.alloc(4 + words.length * 4);
  words.forEach((word, at) => void bytes.writeUInt32BE(word, 4 + at * 4));
  return { type: 'other', packetType, count, bytes };
}
