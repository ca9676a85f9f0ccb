import type { CountryCode } from 'libphonenumber-js';
import { isNamedOtherwise, isPartOfMore, isShapedOtherwise } from './no-numbers.ts';
import {
  type DigitGroup,
  type DigitRun,
  digitRuns,
  digitsOf,
  isOpenedBefore,
  mayHoldNumber,
} from './scan-digits.ts';

/** A number in a text, from `start` to before `end` in UTF-16 units. */
export interface FoundNumber {
  readonly start: number;
  readonly end: number;
  /** Null for an extension of the house. */
  readonly e164: string | null;
  /** Of the number, or of the house. */
  readonly extension: string | null;
}

/**
 * Finds the numbers of a text, from the left.
 *
 * @param countries where a number without a country may be, the likeliest first: the writer's, her organisation's (ISO 3166-1).
 */
export type FindNumbers = (text: string, countries: readonly (string | null | undefined)[]) => FoundNumber[];

/** More are not looked for in one text. */
const mostFound = 1000;
/** Plans are asked so often for one text, whatever stands in it. */
const mostTries = 3000;
const fewestDigits = 7;
/** With a prefix for abroad and one for home. */
const mostDigits = 19;
/** 04/91/22/33/44 */
const mostParts = 6;

/** Web addresses are followed, not dialled. */
const webAddress = /https?:\/\/[^\s<>"]+/gi;
/** RFC 3966 §3: visual separators, no blanks. */
const telLink =
  /(?<![\p{L}\p{N}])tel:(\+?[\d(][\d().-]{0,40}(?<=\d))(?:;phone-context=(\+\d{1,6}))?(?:;ext=(\d{1,7}))?/giu;
const ownExtension =
  /^[\s\u00a0]{0,2}[,;(]?[\s\u00a0]{0,2}(?:;?ext=|(?:ext(?:ension|ensión|ensão|ensao)?|poste|ramal|interno|anexo|x|#)[.:]{0,2}[\s\u00a0]{0,2})(\d{1,7})(?![\p{L}\p{N}])/iu;
const houseExtension =
  /(?<![\p{L}\p{N}_])(?:ext(?:ension|ensión|ensão|ensao)?|poste|ramal|interno|anexo)(?:[.:][\s\u00a0]?|[\s\u00a0])(?:n[°º][\s\u00a0]?)?(\d{2,8})(?![\p{L}\p{N}_@]|[.,:/-]\d)/giu;
/** Between two numbers, or inside of one that is written so: 030 / 12 34 56. */
const mayPart = /[/\uff0f\t]|[\s\u00a0][-\u2010-\u2014\u2212][\s\u00a0]|[\s\u00a0]{2}/;

/** The plans of all countries are large: a page loads them with the first text that may hold a number. */
export async function loadNumberFinder(): Promise<FindNumbers> {
  const { isSupportedCountry, parsePhoneNumberFromString } = await import('libphonenumber-js/min');

  /** With its country: possible is enough, because plans grow faster than any table of them. */
  const abroad = (digits: string): { e164: string; isValid: boolean } | null => {
    const parsed = parsePhoneNumberFromString(`+${digits}`);
    return parsed?.isPossible() ? { e164: parsed.number, isValid: parsed.isValid() } : null;
  };
  /** Without it: as its country dials it, and a number there is such as this one. */
  const atHome = (digits: string, countries: readonly CountryCode[]): string | null => {
    for (const country of countries) {
      const parsed = parsePhoneNumberFromString(digits, country);
      if (!parsed?.isValid()) continue;
      const fromHere = digits.endsWith(parsed.formatNational().replace(/\D/g, ''));
      const fromAbroad =
        !digits.startsWith(String(parsed.nationalNumber)) && digits.includes(`${parsed.countryCallingCode}`);
      // Nobody leaves out what is dialled first at home (0 in France): without it the digits are something else.
      if (fromHere || (fromAbroad && isDialledAbroad(digits, parsed.countryCallingCode)))
        return parsed.number;
    }
    return null;
  };

  return (text, countries) => {
    if (!mayHoldNumber(text)) return [];
    const homes = [...new Set(countries)].filter(
      (country): country is CountryCode => !!country && isSupportedCountry(country),
    );
    const found: FoundNumber[] = [];
    let tries = 0;
    const mayTry = (): boolean => {
      tries += 1;
      return tries <= mostTries && found.length < mostFound;
    };
    const taken = rangesOf(text, webAddress);

    for (const match of text.matchAll(telLink)) {
      if (found.length >= mostFound || !mayTry()) break;
      const start = match.index;
      const end = start + match[0].length;
      const digits = match[1]!.replace(/\D/g, '');
      const context = match[2];
      const extension = match[3] ?? null;
      if (!match[1]!.startsWith('+') && context === undefined && /^\d{2,6}$/.test(digits)) {
        found.push({ start, end, e164: null, extension: digits });
      } else {
        const whole = context === undefined ? digits : `${context.slice(1)}${digits.replace(/^0/, '')}`;
        const e164 =
          match[1]!.startsWith('+') || context !== undefined ? abroad(whole)?.e164 : atHome(whole, homes);
        if (e164) found.push({ start, end, e164, extension });
      }
      taken.push([start, end]);
    }
    taken.sort(([a], [b]) => a - b);

    /** Behind the extension of a number, where it has one. */
    const extensionAt = (end: number) => ownExtension.exec(text.slice(end, end + 32));
    const wholeEnd = (end: number): number => end + (extensionAt(end)?.[0].length ?? 0);
    const add = (groups: readonly DigitGroup[], from: number, e164: string): void => {
      const end = groups.at(-1)!.end;
      const opened = isOpenedBefore(text, from, end);
      const extension = extensionAt(end);
      found.push({
        start: opened ? from - 1 : from,
        end: wholeEnd(end),
        e164,
        extension: extension?.[1] ?? null,
      });
    };

    /** The most of the groups that are a number; what is behind it is another matter. */
    const tryAbroad = (run: DigitRun): number => {
      let possible: { count: number; e164: string } | null = null;
      for (let count = groupsWithin(run.groups, mostDigits); count > 0; count -= 1) {
        const groups = run.groups.slice(0, count);
        const digits = digitsOf(groups, true);
        if (digits.length < fewestDigits) break;
        if (isPartOfMore(text, run.start, wholeEnd(groups.at(-1)!.end), { hasPlus: true }) || !mayTry())
          continue;
        const number = abroad(digits);
        if (number?.isValid) {
          add(groups, run.start, number.e164);
          return count;
        }
        possible ??= number && { count, e164: number.e164 };
      }
      if (!possible) return 0;
      add(run.groups.slice(0, possible.count), run.start, possible.e164);
      return possible.count;
    };

    /** All of the groups, or all between signs that may part numbers. */
    const tryAtHome = (groups: readonly DigitGroup[], isBehindAnother = false): void => {
      const parts = partsOf(groups);
      for (let i = 0; i < parts.length; ) {
        let taking = 0;
        for (let many = Math.min(mostParts, parts.length - i); many > 0 && taking === 0; many -= 1) {
          const some = parts.slice(i, i + many).flat();
          const e164 = numberAtHome(some, isBehindAnother || i > 0);
          if (e164 === null) continue;
          add(some, some[0]!.start, e164);
          taking = many;
        }
        i += taking || 1;
      }
    };
    const numberAtHome = (groups: readonly DigitGroup[], isBehindAnother: boolean): string | null => {
      const { length } = digitsOf(groups, false);
      if (length < fewestDigits || length > mostDigits) return null;
      const [start, end] = [groups[0]!.start, groups.at(-1)!.end];
      if (isShapedOtherwise({ groups }) || isPartOfMore(text, start, wholeEnd(end), { isBehindAnother }))
        return null;
      if (isNamedOtherwise(text, start, end) || !mayTry()) return null;
      const digits = digitsOf(groups, false);
      // As it is dialled from nearly everywhere, by whoever has any country.
      if (/^00[1-9]/.test(digits)) {
        const number = abroad(digitsOf(groups, true).slice(2));
        return number?.isValid ? number.e164 : null;
      }
      return atHome(digits, homes);
    };

    let next = 0;
    for (const run of digitRuns(text)) {
      if (found.length >= mostFound || tries > mostTries) break;
      while (next < taken.length && taken[next]![1] <= run.start) next += 1;
      const other = taken[next];
      if (other && other[0] < run.end) continue;
      if (!run.hasPlus) {
        tryAtHome(run.groups);
        continue;
      }
      const count = tryAbroad(run);
      const rest = run.groups.slice(count);
      if (count > 0 && rest.length > 0 && mayPart.test(rest[0]!.gap)) tryAtHome(rest, true);
    }

    for (const match of text.matchAll(houseExtension)) {
      if (found.length >= mostFound) break;
      const [start, end] = [match.index, match.index + match[0].length];
      if (found.some((each) => each.start < end && start < each.end)) continue;
      if (taken.some(([from, to]) => from < end && start < to)) continue;
      found.push({ start, end, e164: null, extension: match[1]! });
    }
    return found.sort((a, b) => a.start - b.start);
  };
}

/** Prefixes for abroad (00 in most of the world, 011 in North America, 010 in Japan) before a country's own. */
const isDialledAbroad = (digits: string, callingCode: string): boolean =>
  ['00', '011', '010', '0011'].some((prefix) => digits.startsWith(prefix + callingCode));

const rangesOf = (text: string, pattern: RegExp): [start: number, end: number][] =>
  [...text.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length]);

function groupsWithin(groups: readonly DigitGroup[], most: number): number {
  let digits = 0;
  for (const [count, group] of groups.entries()) {
    digits += group.digits.length;
    if (digits > most) return count;
  }
  return groups.length;
}

function partsOf(groups: readonly DigitGroup[]): DigitGroup[][] {
  const parts: DigitGroup[][] = [];
  for (const [i, group] of groups.entries()) {
    if (i === 0 || mayPart.test(group.gap)) parts.push([group]);
    else parts.at(-1)!.push(group);
  }
  return parts;
}
