import { isLetter } from './no-numbers.ts';
import { type DigitGroup, digitRuns, digitsOf, isOpenedBefore } from './scan-digits.ts';

/** Digits that stand together as those of one number do, whatever they count: from `start` to before `end` in UTF-16 units. */
export interface WrittenDigits {
  readonly start: number;
  readonly end: number;
  /** As 0 to 9, without zeros in front and without the `(0)` of +44 (0)20 7946 0017; at most 24. */
  readonly digits: string;
}

const mostDigits = 24;
/** So many are a number by themselves. */
const enoughDigits = 6;
const columnOrMinus = /\t|[ \u00a0][-\u2010-\u2014\u2212]$/;
const wideGap = 3;

/**
 * All digits of a text from the left, in one pass, without a look at any country's plan: what may be the beginning of a number, or
 * one of a country that nobody knows. Digits beside letters are no number.
 */
export function* writtenDigits(text: string): Generator<WrittenDigits> {
  for (const run of digitRuns(text)) {
    const isBehindLetter = isLetter(text[run.start - 1] ?? '');
    const groups = run.groups.slice(
      isBehindLetter ? 1 : 0,
      isLetter(text[run.end] ?? '') ? -1 : run.groups.length,
    );
    for (const [at, part] of numbersApart(groups).entries()) {
      const hasPlus = run.hasPlus && !isBehindLetter && at === 0;
      const from = hasPlus ? run.start : part[0]!.start;
      const end = part.at(-1)!.end;
      const digits = digitsOf(part, hasPlus || part[0]!.digits.startsWith('00')).replace(/^0+/, '');
      yield {
        start: isOpenedBefore(text, from, end) ? from - 1 : from,
        end,
        digits: digits.slice(0, mostDigits),
      };
    }
  }
}

const hasEnough = (groups: readonly DigitGroup[]): boolean => {
  let digits = 0;
  for (const group of groups) {
    digits += group.digits.length;
    if (digits >= enoughDigits) return true;
  }
  return false;
};

/** 04 91 22 33 44 / 06 12 34 56 78 are two; of 030 / 12 34 56 78 the first part is the code of a place. */
function numbersApart(groups: readonly DigitGroup[]): DigitGroup[][] {
  const parts: DigitGroup[][] = [];
  for (const group of groups) {
    if (parts.length === 0 || group.gap.length >= wideGap || columnOrMinus.test(group.gap))
      parts.push([group]);
    else parts.at(-1)!.push(group);
  }
  const numbers: DigitGroup[][] = [];
  for (const part of parts) {
    const before = numbers.at(-1);
    const isOther =
      before === undefined || columnOrMinus.test(part[0]!.gap) || (hasEnough(before) && hasEnough(part));
    if (isOther) numbers.push(part);
    else before.push(...part);
  }
  return numbers;
}
