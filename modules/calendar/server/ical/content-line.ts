import {
  formatLine as formatContentLine,
  parseLine as parseContentLine,
  Unfolder,
} from '@liaison/core/content-lines';

/** A content line as jCal has it: `DTSTART;TZID=Europe/Lisbon:20260514T100000`. */
export interface ContentLine {
  /** In small letters. */
  readonly name: string;
  readonly params: Record<string, string | string[]>;
  /** As it stands there, escaped. */
  readonly value: string;
}

/** Where a line begins in the file, from 1; `text` is null where it is longer than `maxLineBytes`. */
export interface UnfoldedText {
  readonly line: number;
  readonly text: string | null;
}

/** A line with a long note in it; attachments that stand within a file are longer and are not taken. */
export const maxLineBytes = 64 * 1024;

/** The lines of a file. */
export function* unfoldedLines(bytes: Buffer): Generator<UnfoldedText> {
  const unfolder = new Unfolder({ maxLineBytes });
  for (const lines of [unfolder.push(bytes), unfolder.end()]) {
    for (const { line, bytes: each } of lines) yield { line, text: each && clean(each.toString('utf8')) };
  }
}

/** RFC 5545 §3.1 has no control characters but the tab; the database has no NUL. */
const clean = (text: string): string => text.replace(/[^\P{Cc}\t]/gu, '').toWellFormed();

/** @returns null for what is no such line. */
export function parseLine(text: string): ContentLine | null {
  const parsed = parseContentLine(text);
  if (!parsed || parsed.group !== null) return null;
  const params: Record<string, string | string[]> = {};
  for (const { name, values } of parsed.parameters) {
    if (values.length === 0) return null;
    const key = name.toLowerCase();
    // A name that objects have already is no parameter of anybody.
    if (!Object.hasOwn(Object.prototype, key))
      params[key] = values.length === 1 ? (values[0] ?? '') : [...values];
  }
  return { name: parsed.name.toLowerCase(), params, value: parsed.value };
}

export const formatLine = ({ name, params, value }: ContentLine): string =>
  formatContentLine({
    group: null,
    name: name.toUpperCase(),
    parameters: Object.entries(params).map(([key, given]) => ({
      name: key.toUpperCase(),
      values: [given].flat(),
    })),
    value,
  });
