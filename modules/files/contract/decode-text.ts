/** A text as it can be read, and what it was written in. */
export interface DecodedText {
  readonly text: string;
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
}

/**
 * The first bytes of a file as text: by its mark, as UTF-8 where it is valid, else as Western European. A letter that the cut
 * went through is left out.
 *
 * @returns null for what is no text: it has signs that no text has.
 */
export function decodeText(bytes: Uint8Array, isWhole: boolean): DecodedText | null {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return read(bytes.subarray(2), 'utf-16le', isWhole);
  if (first === 0xfe && second === 0xff) return read(bytes.subarray(2), 'utf-16be', isWhole);
  if (first === 0xef && second === 0xbb && third === 0xbf) return read(bytes.subarray(3), 'utf-8', isWhole);
  // NUL and most control signs are in no text; an escape is in logs with colours.
  if (bytes.some((byte) => byte < 9 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32))) return null;
  try {
    return {
      text: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isWhole }),
      encoding: 'utf-8',
    };
  } catch {
    return read(bytes, 'windows-1252', isWhole);
  }
}

const read = (bytes: Uint8Array, encoding: DecodedText['encoding'], isWhole: boolean): DecodedText => ({
  text: new TextDecoder(encoding).decode(bytes, { stream: !isWhole }),
  encoding,
});
