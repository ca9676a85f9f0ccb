import { foldText } from '@liaison/people';
import { writtenDigits } from '@liaison/reach';
import { mostQueryCharacters } from './api.ts';

/** What somebody typed into the box, taken apart. Words are folded: lower case, without accents. */
export interface SearchQuery {
  readonly words: readonly string[];
  /** The last of `words` is still being typed: it stands for whatever begins so. */
  readonly isTyping: boolean;
  /** In quotes: their words follow each other. */
  readonly phrases: readonly (readonly string[])[];
  readonly without: readonly string[];
  readonly from: readonly string[];
  readonly places: readonly (readonly string[])[];
  readonly types: readonly string[];
  /** Days: `2026-01-31`. */
  readonly before: string | null;
  readonly after: string | null;
  /** What looks like a telephone number, as it was typed. Its words are not among `words`. */
  readonly numbers: readonly string[];
}

/** What is beyond is left out. */
export const mostQueryWords = 16;
const mostWordCharacters = 40;

type Operator = 'from' | 'in' | 'type' | 'before' | 'after';

/** As people of the four languages write them, folded. */
const operators: Readonly<Record<string, Operator>> = {
  from: 'from',
  de: 'from',
  in: 'in',
  dans: 'in',
  en: 'in',
  em: 'in',
  type: 'type',
  tipo: 'type',
  before: 'before',
  avant: 'before',
  antes: 'before',
  after: 'after',
  apres: 'after',
  despues: 'after',
  depois: 'after',
};

/** The words of a text, folded; what stands between them is forgotten. */
export const searchWords = (text: string): string[] =>
  foldText(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) =>
      (word.length > mostWordCharacters
        ? [...word].slice(0, mostWordCharacters).join('')
        : word
      ).toWellFormed(),
    );

const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) &&
  text >= '1900-01-01' &&
  !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) &&
  new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);

const piece = /(?<minus>-)?(?:(?<operator>\p{L}{2,12}):(?=\S))?(?:"(?<quoted>[^"]*)"?|(?<plain>[^\s"]+))/gu;

/** Of a number that is still being typed. */
const fewestDigits = 5;

/** Takes the numbers out of a question; a blank stays in their place. */
function splitNumbers(text: string): { rest: string; numbers: string[] } {
  const numbers: string[] = [];
  let rest = '';
  let at = 0;
  for (const { start, end } of writtenDigits(text)) {
    const found = text.slice(start, end);
    // A day, or something behind an operator, in quotes or not wanted.
    if (isDay(found) || ':"-'.includes(text[start - 1] ?? ' ')) continue;
    if (found.replace(/\P{Nd}/gu, '').length < fewestDigits) continue;
    numbers.push(found);
    rest += `${text.slice(at, start)} `;
    at = end;
  }
  return { rest: rest + text.slice(at), numbers };
}

/**
 * Takes a question apart. Whatever is not understood, an operator with nothing behind it or a day that there is not, is
 * words like the rest: there is no question that is wrong.
 */
export function parseQuery(typed: string): SearchQuery {
  const words: string[] = [];
  const phrases: string[][] = [];
  const without: string[] = [];
  const from: string[] = [];
  const places: string[][] = [];
  const types: string[] = [];
  const days: { before: string | null; after: string | null } = { before: null, after: null };
  let left = mostQueryWords;
  const take = (into: string[], found: readonly string[]): void => {
    for (const word of found.slice(0, left)) if (!into.includes(word)) into.push(word);
    left -= Math.min(left, found.length);
  };

  const text = typed.slice(0, mostQueryCharacters).toWellFormed().normalize('NFC');
  const { rest, numbers } = splitNumbers(text);
  let isTyping = false;
  for (const { groups = {} } of rest.matchAll(piece)) {
    const { minus, operator, quoted, plain } = groups;
    const value = quoted ?? plain ?? '';
    const found = searchWords(value);
    const known = operator === undefined ? undefined : operators[foldText(operator)];
    isTyping = false;
    if (known === undefined || minus !== undefined || found.length === 0) {
      const all = operator === undefined ? found : searchWords(`${operator} ${value}`);
      if (minus !== undefined) take(without, all);
      else if (quoted !== undefined && operator === undefined && all.length > 1) {
        const phrase: string[] = [];
        for (const word of all.slice(0, left)) phrase.push(word);
        left -= phrase.length;
        if (phrase.length > 0) phrases.push(phrase);
      } else {
        take(words, all);
        isTyping = quoted === undefined;
      }
    } else if (known === 'before' || known === 'after') {
      if (isDay(value)) days[known] = value;
      else take(words, searchWords(`${operator} ${value}`));
    } else if (left > 0) {
      left -= 1;
      if (known === 'from') from.push(value.trim());
      else if (known === 'in') places.push(found.slice(0, 6));
      else types.push(foldText(value.trim()));
    }
  }
  return {
    words,
    isTyping: isTyping && words.length > 0 && /[\p{L}\p{N}\p{M}]$/u.test(rest),
    phrases,
    without,
    from,
    places,
    types,
    ...days,
    numbers: numbers.slice(0, 3),
  };
}
