import { type FindNumbers, writtenDigits } from '@liaison/reach';

/** Fewer stand everywhere: hours, years, rooms. */
const fewestDigits = 6;
/** Of a list of thousands of numbers the first are found. */
const mostMarks = 1000;

/** ITU-T E.164: the codes of countries that have one or two digits; all others have three. */
const countryCode = /^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

/** The digits of a number, with its country and as it is dialled at home, without zeros in front. */
export const digitsOfNumber = (e164: string): string[] => {
  const digits = e164.slice(1);
  return [digits, digits.replace(countryCode, '').replace(/^0+/, '')];
};

/**
 * The numbers of a text, and what else stands in digits as it stands there: a number of a country that nobody knows, an invoice.
 *
 * @param countries where a number without a country may be, the likeliest first.
 */
export function numberMarks(
  find: FindNumbers,
  text: string,
  countries: readonly (string | null)[],
): readonly string[] {
  const marks = new Set<string>();
  for (const { e164 } of find(text, countries)) {
    if (marks.size >= mostMarks) break;
    for (const digits of e164 === null ? [] : digitsOfNumber(e164)) {
      if (digits.length >= fewestDigits) marks.add(`+${digits}`);
    }
  }
  for (const { start, end, digits } of writtenDigits(text)) {
    if (marks.size >= mostMarks) break;
    if (digits.length < fewestDigits || /^\d{4}-\d{2}-\d{2}$/.test(text.slice(start, end))) continue;
    marks.add(`+${digits}`);
  }
  return [...marks];
}
