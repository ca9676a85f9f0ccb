import { foldText } from '@liaison/people';

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

export const mostQueryCharacters = 200;
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

/**
 * Five digits and more with nothing between them but what numbers are written with: `+44 (0)20 7946 0017`, `06.12.34.56.78`. What
 * stands in parentheses is a part of it, or they stand around it.
 */
export const writtenNumber =
  /(?<![\p{L}\p{N}])(?:\+?\d|\(\+?\d{1,5}\))(?:[ \u00a0.\-/]{0,2}(?:\d|\(\d{1,5}\))){4,18}(?![\p{L}\p{N}])/gu;

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
  const numbers: string[] = [];
  const days: { before: string | null; after: string | null } = { before: null, after: null };
  let left = mostQueryWords;
  const take = (into: string[], found: readonly string[]): void => {
    for (const word of found.slice(0, left)) if (!into.includes(word)) into.push(word);
    left -= Math.min(left, found.length);
  };

  const text = typed.slice(0, mostQueryCharacters).toWellFormed().normalize('NFC');
  const rest = text.replace(writtenNumber, (found, at: number) => {
    // A day, or something behind an operator, in quotes or not wanted.
    if (isDay(found) || ':"-'.includes(text[at - 1] ?? ' ')) return found;
    numbers.push(found.trim());
    return ' ';
  });
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
