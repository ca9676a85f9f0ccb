import type { CountryCode } from 'libphonenumber-js';
import { writtenNumber } from '../contract/index.ts';

/** Digits of a telephone number as somebody wrote it; the country's too where it is known. */
export interface WrittenNumber {
  /** `351210000000`; null where the country is not known, or the plan has no such number. */
  readonly e164Digits: string | null;
  /** What was written, without the zeros before it. */
  readonly digits: string;
}

/** @param timeZone in whose country numbers without one are; null where that is not known */
export type ReadNumbersIn = (text: string, timeZone: string | null) => WrittenNumber[];

/** Of a list of thousands of numbers the first are found. */
const mostNumbers = 60;
const countryOf = new Map<string, CountryCode>();

/** The plans of all countries are large: they are loaded with the first text. */
export async function loadNumbers(): Promise<ReadNumbersIn> {
  const { getCountries, parsePhoneNumberFromString } = await import('libphonenumber-js');
  if (countryOf.size === 0) {
    for (const country of getCountries()) {
      const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
        getTimeZones?: () => string[] | undefined;
      };
      for (const zone of locale.getTimeZones?.() ?? []) {
        if (!countryOf.has(zone)) countryOf.set(zone, country);
      }
    }
  }
  return (text, timeZone) => {
    const found = new Map<string, WrittenNumber>();
    const country = timeZone === null ? undefined : countryOf.get(timeZone);
    for (const [match] of text.matchAll(writtenNumber)) {
      if (found.size >= mostNumbers) break;
      if (/^\d{4}-\d{2}-\d{2}$/.test(match)) continue;
      // `(0)` is dialled at home only: +44 (0)20 7946 0017.
      const typed = match.replace(/^((?:\+|00)[\d\s]*)\(0\)/, '$1').replace(/^00(?=[1-9])/, '+');
      const digits = typed.replace(/\D/g, '').replace(/^0+/, '');
      if (digits.length < 6 || found.has(typed)) continue;
      const parsed = parsePhoneNumberFromString(typed, country ? { defaultCountry: country } : {});
      found.set(typed, { e164Digits: parsed?.isPossible() ? parsed.number.slice(1) : null, digits });
    }
    return [...found.values()];
  };
}

/** What a number is found by: with its country, and what is dialled at home. Country codes have one to three digits. */
export const numberMarks = (numbers: readonly WrittenNumber[]): string[] => [
  ...new Set(
    numbers.flatMap(({ e164Digits, digits }) =>
      [digits, ...(e164Digits === null ? [] : [0, 1, 2, 3].map((from) => e164Digits.slice(from)))]
        .filter((each) => each.length >= 6)
        .map((each) => `+${each}`),
    ),
  ),
];
