/** Mulberry32: small, and the same everywhere. Answers integers from 0 up to, and without, `below`. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export type Random = ReturnType<typeof createRandom>;

/** What breaks texts: ends of lines, brackets left open, numbers too large, bytes of no alphabet. */
const pieces = [
  '\r\n',
  '\r\n ',
  '"',
  '<',
  '>',
  ',',
  ';',
  '=',
  ':',
  '%zz',
  '\\',
  '\0',
  '@',
  '[',
  ' ',
  '\xff',
  '*',
]
  .map((piece) => Buffer.from(piece, 'latin1'))
  .concat(Buffer.from('9'.repeat(40)), Buffer.from('-1'), Buffer.from('4294967296'));

/** One to six kinds of damage: bytes changed, lost, repeated, moved, put in, and the end cut off. */
export function damaged(original: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(original);
  for (let left = 1 + random(6); left > 0; left--) {
    const at = random(bytes.length + 1);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    switch (random(6)) {
      case 0:
        bytes = Buffer.concat([before, after.subarray(random(12))]);
        break;
      case 1: {
        const piece = pieces[random(pieces.length)]!;
        const times = random(20) === 0 ? 500 : 1 + random(3);
        bytes = Buffer.concat([before, ...Array.from({ length: times }, () => piece), after]);
        break;
      }
      case 2:
        if (at < bytes.length) bytes[at] = random(256);
        break;
      case 3: {
        const from = random(bytes.length);
        bytes = Buffer.concat([before, bytes.subarray(from, from + random(80)), after]);
        break;
      }
      case 4:
        if (at + 1 < bytes.length) bytes.writeUInt16BE([0, 1, 0x7fff, 0xffff, bytes.length][random(5)]!, at);
        break;
      default:
        if (random(3) === 0) bytes = Buffer.from(before);
    }
    if (bytes.length === 0) bytes = Buffer.from('\r\n\r\n');
  }
  return bytes;
}
