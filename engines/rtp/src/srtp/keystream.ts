import { createCipheriv } from 'node:crypto';

/** One call of the cipher costs 2 µs whatever it does, so it makes the keystream of several packets to come. */
const BLOCKS_AT_ONCE = 192;
const MAX_PACKETS_AT_ONCE = 16;
const BLOCK_BYTES = 16;

/** Raw AES with one key, made once: `createCipheriv` for each packet costs 40 µs. It keeps nothing between blocks. */
export interface BlockCipher {
  /** Of whole blocks. */
  encrypt(blocks: Uint8Array): Buffer;
}

export function createBlockCipher(key: Buffer): BlockCipher {
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  return { encrypt: (blocks) => cipher.update(blocks) };
}

/** The keystream of one SSRC: AES in counter mode (RFC 3711 §4.1.1), or as GCM has it (RFC 7714 §8.1, §9.1). */
export interface Keystream {
  /** Encrypts, or decrypts, in place from `start` to `end`; `index` is the packet's (48 bits for RTP). */
  apply(datagram: Uint8Array, start: number, end: number, index: number): void;
  /** GCM: the block before those of the content, which covers the tag. Cheap for whatever index, and keeps nothing. */
  firstBlock(index: number, out: Uint8Array): void;
}

/** Where SSRC and index are added to the salt, and how many blocks of a packet are not for its content. */
const LAYOUTS = {
  // IV = (k_s * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16), then a count of 16 bits
  'counter-mode': { ssrcAt: 4, saltBytes: 14, ahead: 0, firstCount: 0 },
  // two zeros, SSRC and index (48 bits) over a salt of 12 bytes, then a count of 32 bits from 1
  gcm: { ssrcAt: 2, saltBytes: 12, ahead: 1, firstCount: 1 },
} as const;

export function createKeystream(options: {
  cipher: BlockCipher;
  salt: Buffer;
  ssrc: number;
  mode?: keyof typeof LAYOUTS;
  /** 1 when packets do not follow each other closely, as RTCP's. */
  packetsAtOnce?: number;
}): Keystream {
  const { cipher, salt, ssrc, mode = 'counter-mode', packetsAtOnce = MAX_PACKETS_AT_ONCE } = options;
  const { ssrcAt, saltBytes, ahead, firstCount } = LAYOUTS[mode];
  const indexAt = ssrcAt + 4;
  const base = Buffer.alloc(BLOCK_BYTES);
  salt.copy(base, 0, 0, saltBytes);
  base.writeUInt32BE((base.readUInt32BE(ssrcAt) ^ ssrc) >>> 0, ssrcAt);
  const baseHigh = base.readUInt16BE(indexAt);
  const baseLow = base.readUInt32BE(indexAt + 2);
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
    for (let packet = 0; packet < packets; packet++)
      for (let block = 0; block < blocks; block++, at += BLOCK_BYTES)
        writeCounter(counters, at, index + packet, block);
    stream = cipher.encrypt(size === counters.length ? counters : counters.subarray(0, size));
  }

  function writeCounter(out: Uint8Array, at: number, index: number, block: number) {
    for (let byte = 0; byte < BLOCK_BYTES; byte++) out[at + byte] = base[byte]!;
    const high = baseHigh ^ Math.floor(index / 2 ** 32);
    const low = baseLow ^ index;
    const from = at + indexAt;
    out[from] = high >>> 8;
    out[from + 1] = high;
    out[from + 2] = low >>> 24;
    out[from + 3] = low >>> 16;
    out[from + 4] = low >>> 8;
    out[from + 5] = low;
    const count = block + firstCount;
    out[at + 14] = count >>> 8;
    out[at + 15] = count;
  }

  return {
    apply(datagram, start, end, index) {
      const content = (end - start + BLOCK_BYTES - 1) >> 4;
      if (content === 0) return;
      const needed = content + ahead;
      if (index < first || index >= first + packets || needed > blocks) make(index, needed);
      let from = ((index - first) * blocks + ahead) * BLOCK_BYTES;
      for (let at = start; at < end; at++, from++) datagram[at]! ^= stream[from]!;
    },
    firstBlock(index, out) {
      if (index >= first && index < first + packets) {
        const from = (index - first) * blocks * BLOCK_BYTES;
        for (let byte = 0; byte < BLOCK_BYTES; byte++) out[byte] = stream[from + byte]!;
        return;
      }
      const counter = new Uint8Array(BLOCK_BYTES);
      writeCounter(counter, 0, index, 0);
      out.set(cipher.encrypt(counter));
    },
  };
}
