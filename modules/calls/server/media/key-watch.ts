import { parseTelephoneEvent } from '@liaison/rtp';

/** Nobody presses faster, and whoever counts our keys must not be kept busy by a telephone gone wild. */
const MOST_PER_SECOND = 20;

/** Tells each key of one end once, with its first packet, however often its packets are repeated (RFC 4733 §2.5.1.4). */
export interface KeyWatch {
  /** The key that begins with this packet, if one does. */
  heard(payload: Buffer, source: { ssrc: number; timestamp: number }, nowMs: number): string | undefined;
}

export function createKeyWatch(): KeyWatch {
  let last: { ssrc: number; timestamp: number } | undefined;
  let second = 0;
  let count = 0;
  return {
    heard(payload, { ssrc, timestamp }, nowMs) {
      const key = parseTelephoneEvent(payload)?.key;
      if (key === undefined) return undefined;
      // All packets of an event share its timestamp (RFC 4733 §2.2.2); an earlier one is a packet that comes late.
      if (last?.ssrc === ssrc && ((timestamp - last.timestamp) | 0) <= 0) return undefined;
      last = { ssrc, timestamp };
      const now = Math.floor(nowMs / 1000);
      if (now !== second) count = 0;
      second = now;
      count += 1;
      return count <= MOST_PER_SECOND ? key : undefined;
    },
  };
}
