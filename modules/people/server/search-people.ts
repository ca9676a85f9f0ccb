import type { Tx } from '@liaison/core/db';
import { seenBy } from '@liaison/core/spaces';
import { digitsOf, foldText, wordsOf } from '../contract/fold-text.ts';
import type { PersonStatus, PersonSummary } from '../contract/index.ts';
import { type SummaryRow, summaryColumns, summaryFrom, toSummary } from './queries.ts';
import { createSearchAmong } from './search-few.ts';
import { beginningWith, endOf, type Wanted } from './wanted-words.ts';

/** Whom a guest may see: those with whom she shares a space beside the organisation; null for everybody. */
export type VisibleTo = string | null;

/** The condition on person `p` that `visibleTo`, as parameter `$n`, makes. */
export const visibleCondition = (visibleTo: VisibleTo, n: number): string =>
  visibleTo === null ? `$${n}::uuid is null` : `p.id = any(array(${seenBy(`$${n}`)}))`;

/** Among whom is searched: active and invited people unless told. */
export interface SearchAmong {
  /** The asking guest, or null. */
  readonly visibleTo?: VisibleTo;
  readonly statuses?: readonly PersonStatus[];
  readonly role?: string | undefined;
  readonly teamId?: string | undefined;
}

/** Of the many whom a letter or two find, so many are looked at. */
const enough = 500;
/** Of names that begin with one of several words, so many are asked for the others. */
const enoughOfOneBeginning = 600;
/** Words that a mistyped one may have been. */
const likely = 6;
/** Shorter words are like too many. */
const shortestGuessed = 4;
/**
 * Finds people, best first; see `People.search`. What begins the name is read in the order of the list of names, so
 * that few letters cost no more than many; the words are asked only where that did not give enough.
 */
export async function searchPeople(
  tx: Tx,
  text: string,
  limit: number,
  among: SearchAmong = {},
): Promise<PersonSummary[]> {
  const wanted = foldText(text.trim()).slice(0, 100);
  const digits = digitsOf(wanted);
  const words = digits ? [digits] : wordsOf(wanted).slice(0, 6);
  if (words.length === 0) return [];
  const atMost = Math.max(1, Math.min(50, limit));
  const { visibleTo = null, statuses = ['active', 'invited'], role = null, teamId = null } = among;
  const found = new Map<string, SummaryRow>();
  const add = (rows: readonly SummaryRow[]): boolean => {
    for (const row of rows) found.set(row.id, row);
    return found.size >= atMost;
  };
  const best = (): PersonSummary[] => [...found.values()].slice(0, atMost).map(toSummary);
  const extension = wanted.replace(/\s/g, '');
  const address = text.trim().toLowerCase();

  if (visibleTo !== null || role !== null || teamId !== null) {
    const search = createSearchAmong(tx, { visibleTo, statuses, role, teamId });
    add(await search.exact(extension, address));
    const known = await areKnown(tx, words);
    if (!known.includes(false)) add(await search.byWords(wanted, words, words.map(beginningWith), atMost));
    const guesses = found.size === 0 && !digits ? await guess(tx, words, known) : null;
    if (guesses) add(await search.byWords(wanted, words, guesses, atMost));
    return best();
  }

  const search = createSearch(tx, statuses);
  add(await search.exact(extension, address));
  let done = !digits && add(await search.byBeginning(wanted, atMost));
  for (const word of words.length > 1 ? words : []) {
    const others = words.filter((other) => other !== word);
    done ||= add(await search.byOneBeginning(word, others, atMost));
  }
  done ||= add(await search.byWords(words.map(beginningWith), atMost));
  if (!done && found.size === 0 && !digits) {
    const guesses = await guess(tx, words, await areKnown(tx, words));
    if (guesses) add(await search.byWords(guesses, atMost));
  }
  return best();
}

/** Among everybody: many have each word, so that few are looked at of each list. */
function createSearch(tx: Tx, statuses: readonly PersonStatus[]) {
  const conditions = 'p.org_id = core.current_org() and p.status = any($1::text[])';
  const run = (sql: string, parameters: readonly unknown[]) =>
    tx.query<SummaryRow>(sql, [statuses, ...parameters]);
  const inOrder = 'order by p.sort_name, p.id';

  return {
    exact: (extension: string, address: string) =>
      run(
        `select ${summaryColumns} from ${summaryFrom} where ${conditions} and (p.extension = $2 or p.address = $3)`,
        [extension, address],
      ),
    byBeginning: (beginning: string, atMost: number) =>
      run(
        `select ${summaryColumns} from ${summaryFrom}
         where ${conditions} and p.sort_name >= $2 and p.sort_name < $3 ${inOrder} limit $4`,
        [beginning, endOf(beginning), atMost],
      ),
    /** Names that begin with one word and have the others too. Complete only where few names begin so. */
    byOneBeginning(word: string, others: readonly string[], atMost: number) {
      const has = others.map(
        (
          _,
          i,
        ) => `exists (select from people.word w where w.person_id = p.id and w.org_id = core.current_org()
          and w.word >= $${2 * i + 5} and w.word < $${2 * i + 6})`,
      );
      return run(
        `select ${summaryColumns} from (
           select p.id, p.sort_name from people.person p
           where ${conditions} and p.sort_name >= $2 and p.sort_name < $3 ${inOrder} limit ${enoughOfOneBeginning}
         ) p0 join people.person p on p.id = p0.id
         join core.member m on m.space_id = p.org_id and m.person_id = p.id
         where ${has.join(' and ')} ${inOrder} limit $4`,
        [word, endOf(word), atMost, ...others.flatMap((other) => [other, endOf(other)])],
      );
    },
    /** Everybody who has a word of each kind. */
    byWords(wanted: readonly Wanted[], atMost: number) {
      const parameters: unknown[] = [atMost];
      const bind = (value: unknown): string => `$${1 + parameters.push(value)}`;
      const has = (each: Wanted): string =>
        'oneOf' in each
          ? `w.word = any(${bind(each.oneOf)}::text[])`
          : `w.word >= ${bind(each.from)} and w.word < ${bind(each.to)}`;
      // Each list of people is read from the index alone, and then joined: whichever word is the rare one.
      const lists = wanted.map(
        (each, i) => `w${i} as materialized (
          select distinct w.person_id from people.word w where w.org_id = core.current_org() and ${has(each)}
          ${wanted.length === 1 ? `limit ${enough}` : ''})`,
      );
      const joined = wanted.map((_, i) => (i === 0 ? 'w0' : `join w${i} using (person_id)`)).join(' ');
      const candidates = `candidate as materialized (select person_id from ${joined} limit ${enough})`;
      return run(
        `with ${[...lists, candidates].join(', ')} select ${summaryColumns} from (
           select p.id from candidate c join people.person p on p.id = c.person_id
           where ${conditions} ${inOrder} limit $2
         ) best join people.person p on p.id = best.id
         join core.member m on m.space_id = p.org_id and m.person_id = p.id ${inOrder}`,
        parameters,
      );
    },
  };
}

/** Whether somebody of the organisation has a word that begins as each of them. */
async function areKnown(tx: Tx, words: readonly string[]): Promise<boolean[]> {
  const rows = await tx.query<{ known: boolean }>(
    `select exists (select from people.word w
       where w.org_id = core.current_org() and w.word >= typed.beginning and w.word < typed.ending) as known
     from unnest($1::text[], $2::text[]) with ordinality as typed (beginning, ending, place) order by typed.place`,
    [words, words.map(endOf)],
  );
  return rows.map((row) => row.known);
}

/**
 * What was probably meant: words that begin as typed where there are any, and otherwise the likeliest of the
 * organisation's names. Null where some word is like none, or none was mistyped.
 */
async function guess(tx: Tx, words: readonly string[], known: readonly boolean[]): Promise<Wanted[] | null> {
  if (!known.includes(false)) return null;
  const guesses: Wanted[] = [];
  for (const [at, word] of words.entries()) {
    if (known[at]) {
      guesses.push(beginningWith(word));
      continue;
    }
    // Most mistakes are made behind the first letter, and there are many times fewer words of one.
    const [letter = ''] = word;
    const near =
      word.length < shortestGuessed ? [] : ((await like(tx, word, letter)) ?? (await like(tx, word, '')));
    if (!near?.length) return null;
    guesses.push({ oneOf: near });
  }
  return guesses;
}

/** The words of the organisation's names, beginning with some letters, that are likest to a mistyped one; null for none. */
async function like(tx: Tx, word: string, beginning: string): Promise<string[] | null> {
  const rows = await tx.query<{ word: string }>(
    `select v.word from people.vocabulary v
     where v.org_id = core.current_org() and v.word >= $3 and v.word < $4
       and length(v.word) >= $2 and word_similarity($1, v.word) >= 0.45
     order by word_similarity($1, v.word) desc, v.word limit ${likely}`,
    [word, word.length - 2, beginning, endOf(beginning)],
  );
  return rows.length > 0 ? rows.map((row) => row.word) : null;
}
