/**
 * Each message carries a number that is found in the raw bytes, so that the generator need not decode what the servers
 * send: the same search for both of them.
 */
const prefix = Buffer.from('~m');
const length = 11;

export const textOf = (number: number): string =>
  `~m${String(number).padStart(8, '0')}~ The ferry leaves at a quarter past nine, and the pilot wants the papers before that.`;

/** Calls back for each whole marker, and answers what must be kept because one may begin in it. */
export function findMarkers(bytes: Buffer, found: (number: number) => void): Buffer {
  let at = bytes.indexOf(prefix);
  while (at >= 0 && at + length <= bytes.length) {
    if (bytes[at + length - 1] === 0x7e) {
      let number = 0;
      for (let digit = at + 2; digit < at + length - 1; digit++) number = number * 10 + bytes[digit]! - 48;
      found(number);
    }
    at = bytes.indexOf(prefix, at + 2);
  }
  return bytes.subarray(at >= 0 ? at : Math.max(0, bytes.length - 1));
}
