import { foldText } from '@liaison/people';
import type { ContactInput, KeptNumber } from '../contract/index.ts';

/** What lists call a card: its name, or the first of its other things that says something. Empty where nothing does. */
export function nameOf(input: ContactInput): string {
  const parts = [input.prefix, input.given, input.additional, input.family, input.suffix];
  const name =
    input.name ||
    parts.filter(Boolean).join(' ') ||
    input.nickname ||
    input.organisation ||
    input.emails[0]?.address ||
    input.numbers[0]?.number ||
    input.sip[0]?.address ||
    '';
  return cut(name, 200);
}

/** No half of a pair of surrogates stays behind. */
export const cut = (text: string, characters: number): string => {
  if (text.length <= characters) return text;
  const short = text.slice(0, characters);
  return short.isWellFormed() ? short : short.slice(0, -1);
};

export const sortKeyOf = (name: string): string => cut(foldText(name), 160).toWellFormed();

const wordsIn = (text: string): string[] =>
  foldText(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => cut(word, 60));

/**
 * The same for names that differ by order, accents, doubled letters or a spelling that sounds alike: `Katherine Schmitt`,
 * `Schmit, Catherine`.
 */
export const nearKeyOf = (name: string): string =>
  wordsIn(name)
    .map((word) =>
      word
        .replace(/ph/g, 'f')
        .replace(/ck|q|k/g, 'c')
        .replace(/h|'/g, '')
        .replace(/y/g, 'i')
        .replace(/z/g, 's')
        .replace(/w/g, 'v')
        .replace(/(.)\1+/gu, '$1'),
    )
    .filter((word) => word !== '')
    .sort()
    .join(' ')
    .slice(0, 160)
    .toWellFormed();

/** At most so many words find a card: what an import brings may have thousands. */
const maxWords = 120;

/** What a card is found by: words of its names, addresses and labels, and endings of its numbers that people type. */
export function wordsOf(input: ContactInput, name: string, numbers: readonly KeptNumber[]): string[] {
  const texts = [name, input.nickname, input.given, input.family, input.organisation, input.title];
  const words = [
    ...texts.flatMap(wordsIn),
    ...numbers.flatMap(({ e164, number }) => (e164 === null ? [number.replace(/\D/g, '')] : endingsOf(e164))),
    ...input.labels.flatMap(wordsIn),
    ...input.emails.flatMap(({ address }) => [...wordsIn(address), cut(foldText(address), 60)]),
    ...input.sip.flatMap(({ address }) => wordsIn(address.replace(/^sips?:/i, ''))),
    ...input.addresses.flatMap(({ city }) => wordsIn(city)),
  ].filter((word) => word !== '');
  return [...new Set(words)].slice(0, maxWords);
}

/** A number with its country, what is dialled at home, and what is dialled in its town: everything that ends it. */
function endingsOf(e164: string): string[] {
  const digits = e164.slice(1);
  return Array.from({ length: Math.max(1, digits.length - 3) }, (_, from) => digits.slice(from));
}

/** What somebody types of a number, as digits that a stored one may begin with; null for other text. */
export function digitsIn(text: string): string | null {
  if (!/^[+(\d][\d\s().\-/]*$/.test(text)) return null;
  const digits = text.replace(/\(0\)/, '').replace(/\D/g, '').replace(/^0+/, '');
  return digits.length >= 2 ? digits.slice(0, 15) : null;
}

/** What is looked for, as beginnings of words. */
export function wantedWords(text: string): string[] {
  const digits = digitsIn(text.trim());
  return digits === null ? [...new Set(wordsIn(text))].slice(0, 6) : [digits];
}

export const emailKey = (address: string): string => cut(foldText(address.trim()), 254);
/** `sip:Alice@Example.org` and `alice@example.org` are the same address to people. */
export const sipKey = (address: string): string => emailKey(address.replace(/^sips?:/i, ''));

/** The ways to a card in the forms in which they are compared. */
export function waysOf(
  input: ContactInput,
  numbers: readonly KeptNumber[],
): { kind: 'number' | 'email' | 'sip'; value: string }[] {
  const ways = [
    ...numbers.flatMap(({ e164 }) => (e164 === null ? [] : [{ kind: 'number' as const, value: e164 }])),
    ...input.emails.map(({ address }) => ({ kind: 'email' as const, value: emailKey(address) })),
    ...input.sip.map(({ address }) => ({ kind: 'sip' as const, value: sipKey(address) })),
  ];
  return [...new Map(ways.map((way) => [`${way.kind} ${way.value}`, way])).values()];
}
