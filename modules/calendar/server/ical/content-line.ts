/** A content line taken apart (RFC 5545 §3.1): `DTSTART;TZID=Europe/Lisbon:20260514T100000`. */
export interface ContentLine {
  /** In small letters, as jCal has it. */
  readonly name: string;
  readonly params: Record<string, string | string[]>;
  /** As it stands there, escaped. */
  readonly value: string;
}

/** Where a line begins in the file, from 1; `text` is null where it is longer than `maxLineBytes`. */
export interface UnfoldedLine {
  readonly line: number;
  readonly text: string | null;
}

/** A line with a long note in it; attachments that stand within a file are longer and are not taken. */
export const maxLineBytes = 64 * 1024;
const maxParams = 40;

const lineFeed = 10;
const carriageReturn = 13;

/**
 * The lines of a file. They are unfolded as bytes, because a fold may stand within a letter of several (RFC 5545 §3.1). Lines end with
 * CRLF, and in what many programs write with LF.
 */
export function* unfoldedLines(bytes: Buffer): Generator<UnfoldedLine> {
  let at = bytes.indexOf('\u{feff}') === 0 ? 3 : 0;
  let line = 0;
  let begun: { line: number; pieces: Buffer[]; bytes: number } | null = null;
  const finish = ({ line: number, pieces, bytes: length }: NonNullable<typeof begun>): UnfoldedLine => ({
    line: number,
    text: length > maxLineBytes ? null : clean(Buffer.concat(pieces).toString('utf8')),
  });
  while (at < bytes.length) {
    const end = bytes.indexOf(lineFeed, at);
    const stop = end === -1 ? bytes.length : end;
    const piece = bytes.subarray(at, stop > at && bytes[stop - 1] === carriageReturn ? stop - 1 : stop);
    at = stop + 1;
    line += 1;
    if ((piece[0] === 32 || piece[0] === 9) && begun) {
      begun.bytes += piece.length - 1;
      if (begun.bytes <= maxLineBytes) begun.pieces.push(piece.subarray(1));
      continue;
    }
    if (begun) yield finish(begun);
    begun = piece.length === 0 ? null : { line, pieces: [piece], bytes: piece.length };
    if (begun && begun.bytes > maxLineBytes) begun.pieces = [];
  }
  if (begun) yield finish(begun);
}

/** RFC 5545 §3.1 has no control characters but the tab; the database has no NUL. */
const clean = (text: string): string => text.replace(/[^\P{Cc}\t]/gu, '').toWellFormed();

const nameBegins = /^[A-Za-z0-9-]{1,100}/;
const paramBegins = /;([A-Za-z0-9-]{1,100})=/y;
const paramValue = /"([^"]*)"|([^",;:]*)/y;

/** RFC 6868 §3.2: line ends, quotes and the sign itself within parameters. */
const decodeParam = (text: string): string =>
  text.replace(/\^(['n^])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign === "'" ? '"' : '^'));
const encodeParam = (text: string): string => {
  const safe = text.replace(/\^/g, '^^').replace(/\r?\n/g, '^n').replace(/"/g, "^'");
  return /[,;:]/.test(safe) ? `"${safe}"` : safe;
};

/** @returns null for what is no such line. */
export function parseLine(text: string): ContentLine | null {
  const name = nameBegins.exec(text)?.[0];
  if (name === undefined) return null;
  const params: Record<string, string | string[]> = {};
  let at = name.length;
  for (let count = 0; text[at] === ';'; count += 1) {
    paramBegins.lastIndex = at;
    const found = paramBegins.exec(text);
    if (!found || count >= maxParams) return null;
    at += found[0].length;
    const values: string[] = [];
    for (;;) {
      paramValue.lastIndex = at;
      const value = paramValue.exec(text);
      if (!value) return null;
      at += value[0].length;
      values.push(decodeParam(value[1] ?? value[2] ?? ''));
      if (text[at] !== ',') break;
      at += 1;
    }
    const key = (found[1] ?? '').toLowerCase();
    // A name that objects have already is no parameter of anybody.
    if (!Object.hasOwn(Object.prototype, key)) params[key] = values.length === 1 ? (values[0] ?? '') : values;
  }
  if (text[at] !== ':') return null;
  return { name: name.toLowerCase(), params, value: text.slice(at + 1) };
}

/** A line of at most 75 octets and its folds, which never part a letter (RFC 5545 §3.1). */
export function formatLine({ name, params, value }: ContentLine): string {
  const text = `${name.toUpperCase()}${Object.entries(params)
    .map(([key, given]) => `;${key.toUpperCase()}=${[given].flat().map(encodeParam).join(',')}`)
    .join('')}:${value}`;
  if (text.length <= 25) return `${text}\r\n`;
  const bytes = Buffer.from(text);
  if (bytes.length <= 75) return `${text}\r\n`;
  const pieces: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    let to = Math.min(bytes.length, from + (from === 0 ? 75 : 74));
    // The second and later bytes of a letter begin with the bits 10.
    while (to < bytes.length && ((bytes[to] ?? 0) & 0xc0) === 0x80) to -= 1;
    pieces.push(bytes.toString('utf8', from, to));
    from = to;
  }
  return `${pieces.join('\r\n ')}\r\n`;
}
