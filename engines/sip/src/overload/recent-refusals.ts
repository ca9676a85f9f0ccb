import { randomInt } from 'node:crypto';

/** What was refused a moment ago, by whom it came from. */
export interface RecentRefusals {
  /** Whether this branch from this place was refused within the last second. */
  has(branch: string, address: string, port: number): boolean;
  add(branch: string, address: string, port: number): void;
}

/** Twice T1 (RFC 3261 §17.1.1.1): a copy that comes later was sent because the refusal is lost. */
const keptMs = 1000;
/** A power of two, for more than are refused in that time; where two fall together the newer is known. */
const slots = 1 << 15;

/**
 * While more waits in the socket's queue than is read within T1, each request has a copy of itself behind it. The answer to the
 * first is on its way when the second is read: answering that as well, with the same words, is what keeps such a queue as
 * long as it is, since refusing costs twice what reading does.
 *
 * @param seed of the hashes: drawn anew by each agent, so that nobody outside knows which requests fall together.
 */
export function createRecentRefusals(now: () => number, seed = randomInt(2 ** 32)): RecentRefusals {
  // Two hashes of each: one says where, the other what.
  let marks: Uint32Array | undefined;
  let times: Float64Array | undefined;
  let mark = 0;

  function slotOf(branch: string, address: string, port: number): number {
    let first = seed ^ port;
    let second = Math.imul(seed, 0x9e3779b1) ^ port;
    for (const text of [branch, address]) {
      for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at);
        first = Math.imul(first ^ code, 0x01000193);
        second = Math.imul(second + code, 0x85ebca6b) ^ (second >>> 15);
      }
    }
    mark = second >>> 0;
    return (first ^ (first >>> 15)) & (slots - 1);
  }

  return {
    has(branch, address, port) {
      if (!marks || !times) return false;
      const slot = slotOf(branch, address, port);
      return marks[slot] === mark && now() - times[slot]! < keptMs;
    },
    add(branch, address, port) {
      marks ??= new Uint32Array(slots);
      times ??= new Float64Array(slots).fill(Number.NEGATIVE_INFINITY);
      const slot = slotOf(branch, address, port);
      marks[slot] = mark;
      times[slot] = now();
    },
  };
}
