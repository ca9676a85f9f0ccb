/** Digits that stand together, with what stands between them and those before. */
export interface DigitGroup {
  readonly start: number;
  readonly end: number;
  /** As 0 to 9, whatever digits were written. */
  readonly digits: string;
  /** What is between this group and the one before; empty for the first. */
  readonly gap: string;
}

/** Groups of digits with nothing but what people write inside a number between them. */
export interface DigitRun {
  /** Of a `+` in front, or the first digit. */
  readonly start: number;
  readonly end: number;
  readonly hasPlus: boolean;
  readonly groups: readonly DigitGroup[];
}

/** Full width, Arabic-Indic and its eastern form, beside ours: each has its ten digits in a row. */
const zeros = [0x30, 0x660, 0x6f0, 0xff10];

function digitOf(code: number): number {
  for (const zero of zeros) if (code >= zero && code <= zero + 9) return code - zero;
  return -1;
}

const isPlus = (code: number): boolean => code === 0x2b || code === 0xff0b;

/** Blanks, dashes, dots, slashes and brackets in their widths, and marks of direction that address books copy along. */
const between = new Set(
  ' \t\u00a0\u2007\u2009\u202f\u3000-\u2010\u2011\u2012\u2013\u2014\u2212\u30fc\uff0d./\uff0f\uff0e()[]\uff08\uff09\u00ad\u200b\u200e\u200f\u2060\u202a\u202c\u202d\u2066\u2069',
);
/** Longer gaps are no part of a number. */
const mostBetween = 4;
/** A sentence ends here, or something is counted. */
const breaks = /\.\s|[-\u2010-\u2014\u2212]{2}|\/\//;

/** Whether there may be a number at all: six digits near each other, or a word that marks an extension. */
export function mayHoldNumber(text: string): boolean {
  let seen = 0;
  let since = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (digitOf(text.charCodeAt(at)) >= 0) {
      seen += 1;
      since = 0;
      if (seen === 6) return true;
    } else {
      since += 1;
      if (since > mostBetween) seen = 0;
    }
  }
  return marksExtension.test(text);
}

const marksExtension = /(?:ext|poste|ramal|interno|anexo|tel:)[^\n\d]{0,10}\d/i;

/** Every run of a text from the left, in one pass. A `+` behind digits begins another. */
export function* digitRuns(text: string): Generator<DigitRun> {
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const plus = isPlus(code);
    if (!plus && digitOf(code) < 0) {
      at += 1;
      continue;
    }
    const start = at;
    const groups: DigitGroup[] = [];
    let from = plus ? at + 1 : at;
    for (;;) {
      const digitsAt = skipBetween(text, from);
      if (digitsAt < 0) break;
      const gap = text.slice(from, digitsAt);
      if (groups.length > 0 && breaks.test(gap)) break;
      const group = readGroup(text, digitsAt, gap);
      groups.push(group);
      from = group.end;
    }
    at = groups.at(-1)?.end ?? start + 1;
    if (groups.length > 0) yield { start, end: at, hasPlus: plus, groups };
  }
}

/** Where the next digit stands, with no more than a gap before it; -1 where something else does. */
function skipBetween(text: string, from: number): number {
  for (let at = from; at < text.length && at - from <= mostBetween; at += 1) {
    if (digitOf(text.charCodeAt(at)) >= 0) return at;
    if (!between.has(text[at]!)) return -1;
  }
  return -1;
}

function readGroup(text: string, start: number, gap: string): DigitGroup {
  let digits = '';
  let end = start;
  for (; end < text.length; end += 1) {
    const digit = digitOf(text.charCodeAt(end));
    if (digit < 0) break;
    // What is longer than any number need not be carried along.
    if (digits.length < 32) digits += digit;
  }
  return { start, end, digits, gap };
}

/** All digits of these groups. Of a number with its country without `(0)`, which is dialled at home only: +44 (0)20 7946 0017. */
export const digitsOf = (groups: readonly DigitGroup[], isAbroad: boolean): string =>
  groups
    .map(({ digits, gap }, i) => (isAbroad && i > 0 && digits === '0' && /[([（]$/.test(gap) ? '' : digits))
    .join('');

/** Whether a bracket before what stands from `start` to before `end` is a part of it, as in (04) 91 22 33 44: it is closed inside. */
export function isOpenedBefore(text: string, start: number, end: number): boolean {
  if (!/[([（]/.test(text[start - 1] ?? '')) return false;
  const inside = text.slice(start, end);
  const closing = inside.search(/[)\]）]/);
  const opening = inside.search(/[([（]/);
  return closing >= 0 && (opening < 0 || closing < opening);
}
