import type { SearchQuery } from '../contract/index.ts';
import { personMark } from './index-documents.ts';

/** A query of PostgreSQL's text search in which `~` stands for the letters of a space; see `search.find`. */
export interface Question {
  readonly question: string;
  /** The same with every word in the title; null where it has none. */
  readonly inTitle: string | null;
  /** The same without stems and beginnings. */
  readonly asWritten: string;
  /** The first two without the place that is asked for: for spaces that have that name themselves. */
  readonly there: { readonly question: string; readonly inTitle: string | null };
}

/** What was found out about the words of a question before it is asked. */
export interface Meant {
  /** Stems of each word; null of words that say nothing, as `the`. */
  readonly stems: ReadonlyMap<string, readonly string[] | null>;
  readonly kinds: readonly string[];
  /** Who was meant by `from:`. */
  readonly personIds: readonly string[];
  readonly numbers: readonly {
    /** Null where it is not whole, or no country's that is known. */
    readonly e164: string | null;
    /** What was typed, without zeros in front. */
    readonly digits: string;
    readonly words: readonly string[];
  }[];
  /** In the place of a word, its neighbours. */
  readonly instead?: ReadonlyMap<string, readonly string[]>;
}

/** Fewer letters begin too many words: they are looked for in titles alone. */
const shortestBeginning = 3;

// A word is letters and digits alone (`searchWords`), so there is nothing in it to escape.
const lexeme = (word: string, mark = '', isBeginning = false): string =>
  `'~${mark}${word}'${isBeginning ? ':*' : ''}`;
const anyOf = (lexemes: readonly string[]): string => `(${lexemes.join(' | ')})`;
const allOf = (parts: readonly string[]): string => parts.join(' & ');

/** The words that have to be there: all, or those that say something where some do. */
export const neededWords = ({ words, phrases }: SearchQuery, stems: Meant['stems']): string[] => {
  const all = [...words, ...phrases.flat()];
  const telling = all.filter((word) => stems.get(word) !== null);
  return telling.length > 0 ? telling : all;
};

/** Null where nothing was asked for that could be found: only what shall not be there, or nothing at all. */
export function questionOf(query: SearchQuery, meant: Meant): Question | null {
  const needed = neededWords(query, meant.stems);
  const last = query.isTyping ? query.words.at(-1) : undefined;
  const written = new Set(query.phrases.flat());
  const wordIn = (word: string, mark: string): string => {
    const isBeginning = word === last;
    const others = meant.instead?.get(word);
    if (others) return anyOf(others.map((other) => lexeme(other, mark)));
    return anyOf([
      lexeme(word, mark, isBeginning && (word.length >= shortestBeginning || mark !== '')),
      // Its people's names, which stand beside it.
      ...(mark === '' ? [lexeme(word, '<', isBeginning && word.length >= shortestBeginning)] : []),
      // Two letters are looked for as beginnings of titles, which are few.
      ...(isBeginning && mark === '' && word.length < shortestBeginning ? [lexeme(word, '^', true)] : []),
      ...(written.has(word) ? [] : (meant.stems.get(word) ?? []).map((stem) => lexeme(stem, mark))),
    ]);
  };
  const places = query.places.map((words) => allOf(words.map((word) => lexeme(word, '>', true))));
  const marks = [
    ...(query.types.length > 0 ? [anyOf(meant.kinds.map((kind) => lexeme(kind, '#')))] : []),
    ...(query.from.length > 0 ? [anyOf(meant.personIds.map((id) => lexeme(personMark(id))))] : []),
    ...meant.numbers.map(({ e164, digits, words }) =>
      anyOf([
        lexeme(digits, '+', true),
        ...(e164 === null ? [] : [lexeme(e164.slice(1), '+', true)]),
        // Or no telephone number at all.
        anyOf([allOf(words.map((word, at) => lexeme(word, '', at === words.length - 1)))]),
      ]),
    ),
  ];
  if (needed.length === 0 && marks.length === 0 && places.length === 0) return null;
  const without = query.without.map((word) => `!${lexeme(word)}`);
  const within = places.length > 0 ? [anyOf(places.map((place) => `(${place})`))] : [];
  const found = needed.map((word) => wordIn(word, ''));
  const titled = needed.map((word) => wordIn(word, '^'));
  const write = (words: readonly string[], where: readonly string[]): string =>
    allOf([...words, ...marks, ...where, ...without]);
  return {
    question: write(found, within),
    inTitle: needed.length === 0 ? null : write(titled, within),
    asWritten: needed.length === 0 ? "'~'" : allOf(needed.map((word) => lexeme(word))),
    there: {
      // Nothing but the place was asked for: everything in it has a kind.
      question: found.length + marks.length > 0 ? write(found, []) : allOf(["'~#':*", ...without]),
      inTitle: needed.length === 0 ? null : write(titled, []),
    },
  };
}
