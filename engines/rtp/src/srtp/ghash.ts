const BLOCK_BYTES = 16;

/**
 * GHASH, the keyed hash of AES-GCM (NIST SP 800-38D §6.4), over associated data and ciphertext. In TypeScript because
 * node:crypto's GCM costs 28-36 µs for each packet, nearly all of it for making the object; this is 1-2 µs for G.711.
 * Table lookups depend on the key: they could be timed from within this process only, where the key itself lies open.
 */
export interface Ghash {
  /**
   * Over `message` up to `dataEnd`, then `suffix` (4 bytes, where given), as associated data, and from `dataEnd` to
   * `end` as ciphertext. Writes 16 bytes.
   */
  hash(
    message: Uint8Array,
    dataEnd: number,
    end: number,
    out: Uint8Array,
    suffix?: { bytes: Uint8Array; at: number },
  ): void;
}

/** What the eight bits that a shift pushes out add at the top: multiples of the field's polynomial. */
const reductions = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let low = byte;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    const out = low & 1;
    low >>>= 1;
    high >>>= 1;
    if (out) high ^= 0xe100_0000;
  }
  reductions[byte] = high >>> 0;
}

const block = new Uint8Array(BLOCK_BYTES);
const sum = new Uint32Array(4);

/** `hashKey`: the cipher's output for 16 zeros. */
export function createGhash(hashKey: Uint8Array): Ghash {
  /** hashKey times each byte, four words each: the most significant bit of a byte is the lowest power. */
  const table = new Uint32Array(256 * 4);
  const view = new DataView(hashKey.buffer, hashKey.byteOffset, BLOCK_BYTES);
  for (let word = 0; word < 4; word++) table[0x80 * 4 + word] = view.getUint32(word * 4);
  for (let power = 0x40; power > 0; power >>= 1) {
    const [from, to] = [power * 2 * 4, power * 4];
    const out = table[from + 3]! & 1;
    for (let word = 3; word > 0; word--)
      table[to + word] = (table[from + word]! >>> 1) | (table[from + word - 1]! << 31);
    table[to] = (table[from]! >>> 1) ^ (out ? 0xe100_0000 : 0);
  }
  for (let power = 2; power < 256; power *= 2)
    for (let rest = 1; rest < power; rest++)
      for (let word = 0; word < 4; word++)
        table[(power + rest) * 4 + word] = table[power * 4 + word]! ^ table[rest * 4 + word]!;

  /** sum = (sum + 16 bytes from `at`) * hashKey */
  function add(bytes: Uint8Array, at: number) {
    for (let word = 0, from = at; word < 4; word++, from += 4)
      sum[word]! ^=
        (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let word = 3; word >= 0; word--) {
      const factor = sum[word]!;
      for (let shift = 0; shift < 32; shift += 8) {
        const out = d & 0xff;
        const entry = ((factor >>> shift) & 0xff) * 4;
        d = ((d >>> 8) | (c << 24)) ^ table[entry + 3]!;
        c = ((c >>> 8) | (b << 24)) ^ table[entry + 2]!;
        b = ((b >>> 8) | (a << 24)) ^ table[entry + 1]!;
        a = (a >>> 8) ^ reductions[out]! ^ table[entry]!;
      }
    }
    sum[0] = a;
    sum[1] = b;
    sum[2] = c;
    sum[3] = d;
  }

  /** The last block of a part is filled up with zeros. */
  function addPart(message: Uint8Array, start: number, end: number) {
    let at = start;
    for (; at + BLOCK_BYTES <= end; at += BLOCK_BYTES) add(message, at);
    if (at === end) return;
    block.fill(0);
    for (let byte = 0; at < end; at++, byte++) block[byte] = message[at]!;
    add(block, 0);
  }

  return {
    hash(message, dataEnd, end, out, suffix) {
      sum.fill(0);
      let dataBytes = dataEnd;
      if (suffix) {
        // Only the last, incomplete block and the suffix behind it; they may need two.
        const whole = dataEnd - (dataEnd % BLOCK_BYTES);
        addPart(message, 0, whole);
        const rest = new Uint8Array(dataEnd - whole + 4);
        for (let at = whole; at < dataEnd; at++) rest[at - whole] = message[at]!;
        for (let byte = 0; byte < 4; byte++) rest[dataEnd - whole + byte] = suffix.bytes[suffix.at + byte]!;
        addPart(rest, 0, rest.length);
        dataBytes += 4;
      } else addPart(message, 0, dataEnd);
      addPart(message, dataEnd, end);
      // The lengths in bits, each of 64; a packet's are below 2^32.
      block.fill(0);
      const lengths = new DataView(block.buffer);
      lengths.setUint32(4, dataBytes * 8);
      lengths.setUint32(12, (end - dataEnd) * 8);
      add(block, 0);
      for (let byte = 0; byte < BLOCK_BYTES; byte++)
        out[byte] = (sum[byte >> 2]! >>> (24 - (byte & 3) * 8)) & 0xff;
    },
  };
}
