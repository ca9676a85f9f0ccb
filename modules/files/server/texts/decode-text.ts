import { mostText } from '@liaison/core/content';

/** Signs that no text has, and files of other kinds have nearly always among their first. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for.
const noText = /[\0-\x08\x0e-\x1a\x1c-\x1f]/;

const decode = (encoding: string, bytes: Uint8Array, fatal: boolean): string | null => {
  try {
    // As a stream: a letter that is cut at the end is left out.
    return new TextDecoder(encoding, { fatal }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
};

/**
 * The beginning of a file as text: UTF-8, UTF-16 where a byte order mark says so, and otherwise what Windows has written in the
 * west of Europe and in America. Null for what is no text in any of them.
 */
export function decodeText(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  const text =
    first === 0xff && second === 0xfe
      ? decode('utf-16le', bytes, true)
      : first === 0xfe && second === 0xff
        ? decode('utf-16be', bytes, true)
        : (decode('utf-8', bytes, true) ?? decode('windows-1252', bytes, false));
  return text === null || noText.test(text) ? null : text.toWellFormed();
}

/** The beginning of a file as it is kept to be found; empty for what is no text after all. */
export const keptText = (bytes: Uint8Array): string =>
  decodeText(bytes)?.slice(0, mostText).replaceAll('\0', '').toWellFormed() ?? '';
