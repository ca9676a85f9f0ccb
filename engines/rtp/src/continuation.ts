/**
 * A plain stream that goes on from another address, because the telephone's network gave it one: no signalling names it
 * before the next registration, which may be minutes away. It is believed when it does what no stranger can: after the known
 * place fell silent, several packets carry on with its SSRC and right where its sequence numbers were (48 bits that only
 * who sent or carried the stream knows; RFC 3550 §5.1 chooses both at random). Who can read the stream on its way can also
 * forge its address, so that nothing is given away that was not before; SRTP is what helps against them.
 *
 * silent for a while ──packet that carries on──▶ 1 of 5 … 5 of 5 ──▶ believed      any gap too wide ──▶ 1 of 5
 */

import { SILENT_MS, type SocketAddress } from './latch.ts';

const PACKETS_NEEDED = 5;
/** What a telephone may have sent while nobody heard it: the densest packets that are used, 10 ms. */
const PACKETS_PER_MS = 0.1;
/** RFC 3550 A.1 takes so wide a jump for a restart. */
const WIDEST_JUMP = 3000;
/** Sequence numbers within the new stream may be lost or swapped. */
const WIDEST_STEP = 20;

export interface Continuation {
  /** A packet of the known place was taken. Cheap: it runs for every packet. */
  heard(datagram: Uint8Array, nowMs: number): void;
  /** A valid packet from elsewhere: whether it is now believed to be the same source. */
  proves(datagram: Uint8Array, from: SocketAddress, nowMs: number): boolean;
}

const sequenceOf = (datagram: Uint8Array) => (datagram[2]! << 8) | datagram[3]!;
/** Of a datagram with a whole header. */
export const ssrcOf = (datagram: Uint8Array) =>
  ((datagram[8]! << 24) | (datagram[9]! << 16) | (datagram[10]! << 8) | datagram[11]!) >>> 0;

/** Holds no socket and no timer. Datagrams are RTP with a whole header. */
export function createContinuation(): Continuation {
  let known: { ssrc: number; sequence: number; atMs: number } | undefined;
  let candidate: { address: string; port: number; sequence: number; packets: number } | undefined;

  return {
    heard(datagram, nowMs) {
      known ??= { ssrc: 0, sequence: 0, atMs: 0 };
      known.ssrc = ssrcOf(datagram);
      known.sequence = sequenceOf(datagram);
      known.atMs = nowMs;
    },
    proves(datagram, from, nowMs) {
      if (!known || ssrcOf(datagram) !== known.ssrc) return false;
      const silentMs = nowMs - known.atMs;
      if (silentMs < SILENT_MS) return false;
      const sequence = sequenceOf(datagram);
      const ahead = (sequence - known.sequence) & 0xffff;
      if (ahead === 0 || ahead > Math.min(WIDEST_JUMP, silentMs * PACKETS_PER_MS + WIDEST_STEP)) return false;
      const isNext =
        candidate !== undefined &&
        candidate.address === from.address &&
        candidate.port === from.port &&
        ((sequence - candidate.sequence) & 0xffff) - 1 < WIDEST_STEP;
      if (!candidate || !isNext) {
        candidate = { address: from.address, port: from.port, sequence, packets: 1 };
        return false;
      }
      if (sequence !== candidate.sequence) candidate.packets += 1;
      candidate.sequence = sequence;
      if (candidate.packets < PACKETS_NEEDED) return false;
      candidate = undefined;
      return true;
    },
  };
}
