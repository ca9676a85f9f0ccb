import type { CountryCode } from 'libphonenumber-js';
import type { KeptNumber } from '../contract/index.ts';

export interface ReadNumber {
  readonly e164: string | null;
  readonly extension: string | null;
  readonly shown: string;
}
export type ReadNumberIn = (text: string, timeZone: string) => ReadNumber;

/** Digits as people of some countries write them (Arabic-Indic, full width) are read by the library itself. */
const regionOf = new Map<string, string>();

/** The plans of all countries are large: they are loaded with the first number. */
export async function loadNumbers(): Promise<ReadNumberIn> {
  const { getCountries, parsePhoneNumberFromString } = await import('libphonenumber-js');
  if (regionOf.size === 0) {
    for (const country of getCountries()) {
      for (const zone of zonesOf(country)) if (!regionOf.has(zone)) regionOf.set(zone, country);
    }
  }
  return (text, timeZone) => {
    const country = regionOf.get(timeZone) as CountryCode | undefined;
    // `(0)` is dialled at home only: +44 (0)20 7946 0017.
    const typed = text.replace(/^(\s*(?:\+|00)[\d\s]*)\(0\)/, '$1').replace(/^\s*00(?=[1-9])/, '+');
    const parsed = parsePhoneNumberFromString(typed, country ? { defaultCountry: country } : {});
    // Possible, not valid: plans grow faster than any table of them, and numbers reserved for examples are in none.
    if (!parsed?.isPossible()) return { e164: null, extension: null, shown: text };
    const extension = parsed.ext ?? null;
    const shown = parsed.formatInternational().replace(/ ext\. .*$/, '');
    return { e164: parsed.number, extension, shown: extension ? `${shown}, ${extension}` : shown };
  };
}

/** The time zones of a country, as the engine's own tables have them. */
function zonesOf(country: string): readonly string[] {
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    getTimeZones?: () => string[] | undefined;
  };
  return locale.getTimeZones?.() ?? [];
}

/** Keeps what was typed beside what it means. */
export const keepNumbers = (
  read: ReadNumberIn,
  numbers: readonly Pick<KeptNumber, 'label' | 'number'>[],
  timeZone: string,
): KeptNumber[] => numbers.map(({ label, number }) => ({ label, number, ...read(number, timeZone) }));
