import { invalid } from '@liaison/core/contract';
import type { PhoneNumber } from '../contract/index.ts';

/** The country that most often goes with a time zone's city: for numbers that are typed without `+`. */
const regionOfZone: Record<string, string> = {
  'Europe/Lisbon': 'PT',
  'Atlantic/Azores': 'PT',
  'Atlantic/Madeira': 'PT',
  'Europe/Paris': 'FR',
  'Europe/Madrid': 'ES',
  'Atlantic/Canary': 'ES',
  'Europe/London': 'GB',
  'Europe/Dublin': 'IE',
  'Europe/Brussels': 'BE',
  'Europe/Zurich': 'CH',
  'Africa/Dakar': 'SN',
  'Africa/Nairobi': 'KE',
  'Africa/Abidjan': 'CI',
  'Africa/Luanda': 'AO',
  'Africa/Maputo': 'MZ',
  'America/Sao_Paulo': 'BR',
  'America/Montevideo': 'UY',
  'America/Argentina/Buenos_Aires': 'AR',
  'America/Santiago': 'CL',
  'America/Bogota': 'CO',
  'America/Mexico_City': 'MX',
  'America/Montreal': 'CA',
  'America/Toronto': 'CA',
  'America/New_York': 'US',
  'America/Chicago': 'US',
  'America/Denver': 'US',
  'America/Los_Angeles': 'US',
  'Asia/Manila': 'PH',
};

/**
 * Parses what people type to E.164.
 *
 * @param region ISO 3166-1 of numbers without `+`; guessed from the time zone where it is not given.
 * @throws Problem 400 `invalid` that names the number's place in the list.
 */
export async function parseNumbers(
  inputs: readonly { number: string; label: PhoneNumber['label'] }[],
  { region, timeZone }: { region?: string | undefined; timeZone: string },
): Promise<PhoneNumber[]> {
  const parseNumber = await loadNumberParser();
  const numbers = new Map<string, PhoneNumber>();
  for (const [i, input] of inputs.entries()) {
    const e164 = parseNumber(input.number, { region, timeZone });
    if (e164 === null) {
      throw invalid('This is not a telephone number.', [
        { path: `body.numbers.${i}`, message: 'Write it with its country, such as +351 210 000 000.' },
      ]);
    }
    if (!numbers.has(e164)) numbers.set(e164, { e164, label: input.label });
  }
  return [...numbers.values()];
}

/** One number in E.164, or null for what is none. */
export type NumberParser = (
  text: string,
  where: { region?: string | undefined; timeZone: string },
) => string | null;

/** The plans of all countries are large: they are loaded with the first number. */
export async function loadNumberParser(): Promise<NumberParser> {
  const { isSupportedCountry, parsePhoneNumberFromString } = await import('libphonenumber-js');
  return (text, { region, timeZone }) => {
    const country = region ?? regionOfZone[timeZone];
    const parsed =
      country !== undefined && isSupportedCountry(country)
        ? parsePhoneNumberFromString(text, country)
        : parsePhoneNumberFromString(text);
    // Possible, not valid: plans grow faster than any table of them.
    return parsed?.isPossible() ? parsed.number : null;
  };
}
