/**
 * Makes one unbroken outgoing RTP stream from whatever sources follow each other (a reloaded page, another
 * telephone, a resumed hold): one SSRC, sequence and timestamp that go on without a jump (RFC 3550 §5.1).
 */

/** A source that jumps farther than this has restarted (RFC 3550 §A.1, MAX_DROPOUT). */
const MAX_JUMP = 3000;
/** Later than this a packet is worthless, and an SRTP sender's replay window refuses it. */
const MAX_LATE = 64;
/** The usual packet time, for the step between two sources that follow each other at once. */
const PACKET_TIME_MS = 20;

export interface SourceFields {
  ssrc: number;
  sequence: number;
  timestamp: number;
  marker: boolean;
}

export interface Rewritten {
  sequence: number;
  timestamp: number;
  marker: boolean;
}

export interface Rewriter {
  /** The SSRC of everything that leaves. */
  readonly ssrc: number;
  /**
   * `undefined`: drop it, too late. `clockRate` in timestamp units per second, of this packet's codec. What is returned is
   * the caller's until the next packet, which gets the same object.
   */
  rewrite(source: SourceFields, clockRate: number, nowMs: number): Rewritten | undefined;
  /** The number that this source gave to a packet that left with this one; `undefined` without a source. */
  sourceSequence(sequence: number): number | undefined;
  /** What follows is a new source even if its SSRC is the same: after a hold, or another peer. */
  interrupt(): void;
}

/** The first packet leaves with exactly these numbers; choose them at random (RFC 3550 §5.1). */
export function createRewriter(start: { ssrc: number; sequence: number; timestamp: number }): Rewriter {
  const ssrc = start.ssrc >>> 0;
  let source: number | undefined;
  let sourceHighest = 0;
  let sequenceOffset = 0;
  let timestampOffset = 0;
  /** Of the newest packet that left; one object for all, since there are thousands a second. */
  const last = { sequence: 0, timestamp: 0, atMs: 0 };
  let hasSent = false;
  const rewritten: Rewritten = { sequence: 0, timestamp: 0, marker: false };

  function follow(packet: SourceFields, clockRate: number, nowMs: number) {
    const nextSequence = hasSent ? last.sequence + 1 : start.sequence;
    const elapsedMs = Math.max(PACKET_TIME_MS, nowMs - last.atMs);
    const nextTimestamp = hasSent
      ? last.timestamp + Math.round((elapsedMs * clockRate) / 1000)
      : start.timestamp;
    source = packet.ssrc;
    sourceHighest = packet.sequence;
    sequenceOffset = nextSequence - packet.sequence;
    timestampOffset = nextTimestamp - packet.timestamp;
  }

  return {
    ssrc,
    rewrite(packet, clockRate, nowMs) {
      let marker = packet.marker;
      const ahead = (packet.sequence - sourceHighest) & 0xffff;
      const behind = 0x10000 - ahead;
      if (source !== packet.ssrc || (ahead >= MAX_JUMP && behind > MAX_JUMP)) {
        follow(packet, clockRate, nowMs);
        marker = true; // RFC 3551 §4.1: the first packet of a talkspurt
      } else if (ahead < MAX_JUMP) {
        sourceHighest = packet.sequence;
      } else if (behind > MAX_LATE) {
        return undefined;
      }
      const sequence = (packet.sequence + sequenceOffset) & 0xffff;
      const timestamp = (packet.timestamp + timestampOffset) >>> 0;
      if (!hasSent || ((sequence - last.sequence) & 0xffff) < 0x8000) {
        last.sequence = sequence;
        last.timestamp = timestamp;
        last.atMs = nowMs;
        hasSent = true;
      }
      rewritten.sequence = sequence;
      rewritten.timestamp = timestamp;
      rewritten.marker = marker;
      return rewritten;
    },
    sourceSequence: (sequence) => (source === undefined ? undefined : (sequence - sequenceOffset) & 0xffff),
    interrupt() {
      source = undefined;
    },
  };
}
