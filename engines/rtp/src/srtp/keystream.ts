import { createCipheriv } from 'node:crypto';

/** One call of the cipher costs 2 µs whatever it does, so it makes the keystream of several packets to come. */
const BLOCKS_AT_ONCE = 192;
const MAX_PACKETS_AT_ONCE = 16;
const BLOCK_BYTES = 16;

/**
 * The keystream of one SSRC: AES in counter mode (RFC 3711 §4.1.1). Made by one raw AES object for the life of the
 * stream: `createCipheriv` for each packet costs 40 µs.
 */
export interface Keystream {
  /** Encrypts, or decrypts, in place from `start` to `end`; `index` is the packet's (48 bits for RTP). */
  apply(datagram: Uint8Array, start: number, end: number, index: number): void;
}

export function createKeystream(options: {
  key: Buffer;
  salt: Buffer;
  ssrc: number;
  /** 1 when packets do not follow each other closely, as RTCP's. */
  packetsAtOnce?: number;
}): Keystream {
  const { key, salt, ssrc, packetsAtOnce = MAX_PACKETS_AT_ONCE } = options;
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  // IV = (k_s * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16)
  const base = Buffer.alloc(BLOCK_BYTES);
  salt.copy(base);
  base.writeUInt32BE((base.readUInt32BE(4) ^ ssrc) >>> 0, 4);
  const baseHigh = base.readUInt16BE(8);
  const baseLow = base.readUInt32BE(10);
  let counters = Buffer.alloc(0);
  let stream: Uint8Array = counters;
  let first = -1;
  let packets = 0;
  let blocks = 0;

  function make(index: number, needed: number) {
    // Packets of a stream are about as large as each other: keep the largest, within reason.
    blocks = Math.max(needed, Math.min(blocks, needed * 2));
    packets = Math.max(1, Math.min(packetsAtOnce, Math.floor(BLOCKS_AT_ONCE / blocks)));
    first = index;
    const size = packets * blocks * BLOCK_BYTES;
    if (counters.length < size) counters = Buffer.allocUnsafe(size);
    let at = 0;
    for (let packet = 0; packet < packets; packet++) {
      const high = baseHigh ^ Math.floor((index + packet) / 2 ** 32);
      const low = baseLow ^ (index + packet);
      for (let block = 0; block < blocks; block++, at += BLOCK_BYTES) {
        for (let byte = 0; byte < 8; byte++) counters[at + byte] = base[byte]!;
        counters[at + 8] = high >>> 8;
        counters[at + 9] = high;
        counters[at + 10] = low >>> 24;
        counters[at + 11] = low >>> 16;
        counters[at + 12] = low >>> 8;
        counters[at + 13] = low;
        counters[at + 14] = block >>> 8;
        counters[at + 15] = block;
      }
    }
    stream = cipher.update(size === counters.length ? counters : counters.subarray(0, size));
  }

  return {
    apply(datagram, start, end, index) {
      const needed = (end - start + BLOCK_BYTES - 1) >> 4;
      if (needed === 0) return;
      if (index < first || index >= first + packets || needed > blocks) make(index, needed);
      let from = (index - first) * blocks * BLOCK_BYTES;
      for (let at = start; at < end; at++, from++) datagram[at]! ^= stream[from]!;
    },
  };
}
