import { countryOfZone } from '@liaison/people';
import type { KeptNumber } from '../contract/index.ts';

export interface ReadNumber {
  readonly e164: string | null;
  readonly extension: string | null;
  readonly shown: string;
}
export type ReadNumberIn = (text: string, timeZone: string) => ReadNumber;

/**
 * The plans of all countries are large: they are loaded with the first number. Digits as people of some countries write them
 * (Arabic-Indic, full width) are read by the library itself.
 */
export async function loadNumbers(): Promise<ReadNumberIn> {
  const { isSupportedCountry, parsePhoneNumberFromString } = await import('libphonenumber-js');
  return (text, timeZone) => {
    const country = countryOfZone(timeZone);
    // `(0)` is dialled at home only: +44 (0)20 7946 0017.
    const typed = text.replace(/^(\s*(?:\+|00)[\d\s]*)\(0\)/, '$1').replace(/^\s*00(?=[1-9])/, '+');
    const parsed = parsePhoneNumberFromString(
      typed,
      country && isSupportedCountry(country) ? { defaultCountry: country } : {},
    );
    // Possible, not valid: plans grow faster than any table of them, and numbers reserved for examples are in none.
    if (!parsed?.isPossible()) return { e164: null, extension: null, shown: text };
    const extension = parsed.ext ?? null;
    const shown = parsed.formatInternational().replace(/ ext\. .*$/, '');
    return { e164: parsed.number, extension, shown: extension ? `${shown}, ${extension}` : shown };
  };
}

/** Keeps what was typed beside what it means. */
export const keepNumbers = (
  read: ReadNumberIn,
  numbers: readonly Pick<KeptNumber, 'label' | 'number'>[],
  timeZone: string,
): KeptNumber[] => numbers.map(({ label, number }) => ({ label, number, ...read(number, timeZone) }));
