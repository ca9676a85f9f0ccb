/**
 * Puts packets in order before a decoder, which has a memory and cannot go back. Whoever hears the result has a buffer that
 * plays evenly, so this one has no clock of its own and adds nothing while packets come in order, however unevenly: it waits
 * only where a number is missing, for as long as experience says that it may still come.
 *
 * in order ──a number is missing──▶ waiting ──it came, or was waited for long enough, or too many wait──▶ in order
 */

/** What is waited for a missing packet: between these, longer when one came just after that, shorter when none came. */
const SHORTEST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 60;
const FIRST_WAIT_MS = 40;
const LONGER_BY_MS = 20;
const SHORTER_BY_MS = 5;
/** More than that many at once are not swapped but gone: nothing is waited for. */
const WIDEST_GAP = 10;
/** Packets of 10 ms in the longest wait, twice. */
const MAX_HELD = 12;
/** A source that jumps farther than this has restarted (RFC 3550 §A.1, MAX_DROPOUT). */
const MAX_JUMP = 3000;
/** Numbers that are remembered, to tell a duplicate from what came late. */
const REMEMBERED = 32;

export interface Numbered {
  ssrc: number;
  sequence: number;
}

export interface JitterBufferStats {
  /** Dropped: what followed had been given out already. */
  late: number;
  /** Dropped. */
  duplicates: number;
  /** Numbers that were passed over; one that came late is among them. */
  missing: number;
}

export interface JitterBuffer<Packet extends Numbered> {
  /** Takes a packet as it came. It is the buffer's until it is given out. */
  put(packet: Packet, nowMs: number): void;
  /** The next one in order; `undefined`: none by now. Call until then after each `put`, and when `wakeAtMs` has come. */
  take(nowMs: number): Packet | undefined;
  /** When what waits is given out although something before it is missing; `undefined` while nothing waits. */
  readonly wakeAtMs: number | undefined;
  readonly stats: Readonly<JitterBufferStats>;
}

/** Holds no timer: time is an argument (monotonic milliseconds). */
export function createJitterBuffer<Packet extends Numbered>(): JitterBuffer<Packet> {
  let ssrc: number | undefined;
  let next = 0;
  /** Of the source that ended, in order, to be given out before those of the present one. */
  const leftOver: Packet[] = [];
  const held = new Map<number, { packet: Packet; sinceMs: number }>();
  let waitMs = FIRST_WAIT_MS;
  /** Bit n: number `next - 1 - n` was given out. */
  let given = 0;

  const aheadOf = (sequence: number) => (sequence - next) & 0xffff;

  /** The nearest held number, and since when the first of all waits. */
  function nearest(): { sequence: number; sinceMs: number } | undefined {
    let found: { sequence: number; sinceMs: number } | undefined;
    for (const [sequence, { sinceMs }] of held) {
      found ??= { sequence, sinceMs };
      if (aheadOf(sequence) < aheadOf(found.sequence)) found.sequence = sequence;
      if (sinceMs < found.sinceMs) found.sinceMs = sinceMs;
    }
    return found;
  }

  function restart(packet: Packet) {
    leftOver.push(
      ...[...held.entries()].sort(([a], [b]) => aheadOf(a) - aheadOf(b)).map(([, { packet: old }]) => old),
    );
    held.clear();
    ssrc = packet.ssrc;
    next = packet.sequence;
    given = 0;
  }

  function pass(numbers: number, isGiven: boolean) {
    next = (next + numbers) & 0xffff;
    given = numbers >= REMEMBERED ? 0 : (given << numbers) >>> 0;
    if (isGiven) given |= 1;
  }

  const buffer: { -readonly [name in keyof JitterBuffer<Packet>]: JitterBuffer<Packet>[name] } & {
    stats: JitterBufferStats;
  } = {
    wakeAtMs: undefined,
    stats: { late: 0, duplicates: 0, missing: 0 },
    put(packet, nowMs) {
      const ahead = aheadOf(packet.sequence);
      const behind = 0x10000 - ahead;
      if (packet.ssrc !== ssrc || (ahead >= MAX_JUMP && behind > MAX_JUMP)) {
        restart(packet);
      } else if (ahead > MAX_JUMP) {
        if (behind <= REMEMBERED && ((given >>> (behind - 1)) & 1) === 1) {
          buffer.stats.duplicates += 1;
        } else {
          buffer.stats.late += 1;
          waitMs = Math.min(LONGEST_WAIT_MS, waitMs + LONGER_BY_MS);
        }
        return;
      } else if (held.has(packet.sequence)) {
        buffer.stats.duplicates += 1;
        return;
      }
      held.set(packet.sequence, { packet, sinceMs: nowMs });
    },
    take(nowMs) {
      const old = leftOver.shift();
      if (old) return old;
      const expected = held.get(next);
      if (expected) {
        held.delete(next);
        pass(1, true);
        if (held.size === 0) buffer.wakeAtMs = undefined;
        return expected.packet;
      }
      const first = nearest();
      buffer.wakeAtMs = first && first.sinceMs + waitMs;
      if (!first) return undefined;
      const gap = aheadOf(first.sequence);
      if (nowMs < first.sinceMs + waitMs && gap <= WIDEST_GAP && held.size <= MAX_HELD) return undefined;
      buffer.stats.missing += gap;
      if (gap <= WIDEST_GAP) waitMs = Math.max(SHORTEST_WAIT_MS, waitMs - SHORTER_BY_MS);
      pass(gap, false);
      return buffer.take(nowMs);
    },
  };
  return buffer;
}
