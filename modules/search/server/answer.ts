import type { ContentSource } from '@liaison/core/content';
import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { seenAmong } from '@liaison/core/spaces';
import { countryOfZone, foldText, type People } from '@liaison/people';
import { type FindNumbers, writtenDigits } from '@liaison/reach';
import {
  type FoundItem,
  parseQuery,
  type SearchAnswer,
  type SearchQuery,
  type SearchRemark,
  searchWords,
} from '../contract/index.ts';
import { type FoundRow, findDocuments, readSpacesNamed, readWordsLike } from './access.ts';
import { type Reached, readCursor, writeCursor } from './cursor.ts';
import { kindsOf } from './kinds.ts';
import { beginningsWithAnotherFirst, isAmong, likelyBeginnings, neighboursOf } from './neighbours.ts';
import { digitsOfNumber } from './number-marks.ts';
import { type Marks, markLine, passageOf } from './passage.ts';
import { type Meant, neededWords, type Question, questionOf } from './question.ts';
import { readStems } from './stems.ts';

/** So many items are found of one question, page by page. */
const mostFound = 200;
/** Of so many words another first letter is tried: that is a look for each letter. */
const mostOtherFirst = 2;
/** Of phrases, which the index does not know, so many candidates are read. */
const mostRead = 200;

export interface Needs {
  readonly people: Pick<People, 'find' | 'organisation' | 'search'>;
  readonly sources: readonly ContentSource[];
  readonly findNumbers: FindNumbers;
}

interface Understood extends Meant {
  readonly timeZone: string;
  readonly remarks: readonly SearchRemark[];
}

const myself = new Set(['me', 'moi', 'yo', 'mi', 'eu', 'mim']);

/** Whom the asker means by a name: whole names before parts of them; of a guest those alone whom she meets. */
async function peopleNamed(tx: Tx, { people }: Needs, actor: PersonActor, name: string): Promise<string[]> {
  if (myself.has(foldText(name))) return [actor.personId];
  const found = await people.search(tx, name, 10);
  const ids = found.map(({ id }) => id);
  const seen =
    actor.role === 'guest' && ids.length > 0
      ? ((await seenAmong(tx, [actor.personId], ids)).get(actor.personId) ?? new Set())
      : new Set(ids);
  const visible = found.filter(({ id }) => seen.has(id));
  const whole = visible.filter((each) => foldText(each.name) === foldText(name));
  return (whole.length > 0 ? whole : visible).map(({ id }) => id);
}

/** As the asker dials them, or somebody of her organisation; a number that is still being typed is its digits. */
async function readNumbers(
  tx: Tx,
  { people, findNumbers }: Needs,
  typed: readonly string[],
  timeZone: string,
): Promise<Meant['numbers']> {
  if (typed.length === 0) return [];
  const organisation = countryOfZone((await people.organisation(tx)).timeZone);
  return typed.map((number) => ({
    e164: findNumbers(number, [countryOfZone(timeZone), organisation]).find(({ e164 }) => e164)?.e164 ?? null,
    digits: [...writtenDigits(number)][0]?.digits || '0',
    words: searchWords(number),
  }));
}

async function understand(tx: Tx, needs: Needs, actor: PersonActor, query: SearchQuery): Promise<Understood> {
  const remarks: SearchRemark[] = [];
  const kinds = new Set<string>();
  for (const type of query.types) {
    const named = kindsOf(needs.sources, type);
    if (named.length === 0) remarks.push({ is: 'no-such-type', name: type });
    for (const kind of named) kinds.add(kind);
  }
  const personIds = new Set<string>();
  for (const name of query.from.slice(0, 4)) {
    const named = await peopleNamed(tx, needs, actor, name);
    if (named.length === 0) remarks.push({ is: 'nobody-of-that-name', name });
    for (const id of named) personIds.add(id);
  }
  const timeZone = (await needs.people.find(tx, actor.personId))?.timeZone ?? 'UTC';
  const words = [...new Set([...query.words, ...query.phrases.flat()])];
  return {
    remarks,
    timeZone,
    kinds: [...kinds],
    personIds: [...personIds],
    stems: await readStems(tx, words),
    numbers: await readNumbers(tx, needs, query.numbers, timeZone),
  };
}

const marksOf = (query: SearchQuery, meant: Understood): Marks => {
  const words = neededWords(query, meant.stems);
  const others = words.flatMap((word) => meant.instead?.get(word) ?? []);
  return {
    words: [...words, ...others],
    beginning: query.isTyping ? query.words.at(-1) : undefined,
    stems: words.flatMap((word) => meant.stems.get(word) ?? []),
    numbers: meant.numbers.flatMap(({ e164, digits }) => [
      digits,
      ...(e164 === null ? [] : digitsOfNumber(e164)),
    ]),
  };
};

const present = (row: FoundRow, marks: Marks): FoundItem => ({
  kind: row.kind,
  id: row.id,
  title: row.title === '' ? [] : markLine(row.title, marks),
  passage: row.text === '' ? [] : passageOf(row.text, marks),
  container: row.container,
  spaceId: row.space_id,
  personIds: row.person_ids.slice(0, 5),
  at: row.at.toISOString(),
  path: row.path,
});

interface Asked {
  readonly rows: readonly FoundRow[];
  readonly next: string | null;
}

/** One page. The words of a phrase are found by the index, their order is looked at here. */
async function ask(
  tx: Tx,
  actor: PersonActor,
  { query, meant, question }: { query: SearchQuery; meant: Understood; question: Question },
  { from, limit }: { from: Reached | null; limit: number },
): Promise<Asked> {
  const shown = from?.shown ?? 0;
  const asOf = from?.asOf ?? new Date();
  const atMost = Math.min(limit, mostFound - shown);
  if (atMost <= 0) return { rows: [], next: null };
  const named = query.places.length > 0 ? await readSpacesNamed(tx, actor.personId, query.places) : [];
  const rows = await findDocuments(tx, actor.personId, question, {
    wanted: neededWords(query, meant.stems).filter((word) => !meant.instead?.has(word)),
    named,
    days: { before: query.before, after: query.after, timeZone: meant.timeZone },
    asOf,
    from,
    most: query.phrases.length > 0 ? mostRead : atMost + 1,
  });
  const phrases = query.phrases.map((words) => ` ${words.join(' ')} `);
  const fit =
    phrases.length === 0
      ? rows
      : rows.filter((row) => {
          const text = ` ${searchWords(`${row.title}\n${row.text}`).join(' ')} `;
          return phrases.every((phrase) => text.includes(phrase));
        });
  const page = fit.slice(0, atMost);
  const last = page.at(-1);
  const hasMore = fit.length > atMost && shown + page.length < mostFound;
  return {
    rows: page,
    next:
      hasMore && last
        ? writeCursor({ asOf, score: last.score, key: last.key, shown: shown + page.length })
        : null,
  };
}

/** Words in the place of those that nothing was written with; null where there are none. */
async function guess(
  tx: Tx,
  actor: PersonActor,
  query: SearchQuery,
  meant: Understood,
): Promise<Map<string, readonly string[]> | null> {
  const instead = new Map<string, readonly string[]>();
  const words = neededWords(query, meant.stems).filter((word) => /^\p{L}{4,30}$/u.test(word));
  let others = 0;
  for (const word of words.slice(0, 4)) {
    const isBeginning = query.isTyping && word === query.words.at(-1);
    const like = (beginnings: readonly string[]) => readWordsLike(tx, actor.personId, beginnings);
    const there = await like(likelyBeginnings(word));
    let near = neighboursOf(word, there, isBeginning);
    if (near.length === 0 && others < mostOtherFirst && !isAmong(word, there, isBeginning)) {
      others += 1;
      near = neighboursOf(word, await like(beginningsWithAnotherFirst(word)), isBeginning);
    }
    if (near.length > 0) instead.set(word, near);
  }
  return instead.size > 0 ? instead : null;
}

/** What was typed, with one word in the place of another. */
function withInstead(q: string, word: string, other: string): string {
  const pieces = q.split(/([\p{L}\p{N}\p{M}]+)/u);
  return pieces.map((piece) => (searchWords(piece)[0] === word ? other : piece)).join('');
}

/** Everything that the actor may read now and that answers what was typed, best first, page by page. */
export async function answer(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  { q, cursor, limit }: { q: string; cursor?: string | undefined; limit: number },
): Promise<SearchAnswer> {
  const from = cursor === undefined ? null : readCursor(cursor);
  const query = parseQuery(q);
  const meant = await understand(tx, needs, actor, query);
  const question = questionOf(query, meant);
  const understood: SearchAnswer['understood'] = {
    words: [...query.words],
    phrases: query.phrases.map((words) => words.join(' ')),
    without: [...query.without],
    kinds: [...meant.kinds],
    personIds: [...meant.personIds],
    places: query.places.map((words) => words.join(' ')),
    before: query.before,
    after: query.after,
    numbers: meant.numbers.flatMap(({ e164, digits }) => e164 ?? (digits.length >= 7 ? digits : [])),
  };
  const nothing = { rows: [], next: null, understood, instead: null, remarks: [...meant.remarks] };
  const isInVain =
    (query.from.length > 0 && meant.personIds.length === 0) ||
    (query.types.length > 0 && meant.kinds.length === 0);
  if (question === null || isInVain) return nothing;

  const asked = await ask(tx, actor, { query, meant, question }, { from, limit });
  const shown = (page: Asked, marks: Marks) => ({
    ...nothing,
    rows: page.rows.map((row) => present(row, marks)),
    next: page.next,
  });
  if (asked.rows.length > 0 || from !== null) return shown(asked, marksOf(query, meant));

  const instead = await guess(tx, actor, query, meant);
  if (instead === null) return nothing;
  const guessed = { ...meant, instead };
  const near = await ask(
    tx,
    actor,
    { query, meant: guessed, question: questionOf(query, guessed) ?? question },
    { from: null, limit: 20 },
  );
  if (near.rows.length === 0) return nothing;
  // A word is told only where it stands in something that may be read, as it is written there.
  const readable = new Map(
    near.rows.flatMap((row) =>
      [...`${row.title}\n${row.text}`.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].map(([token]) => [
        searchWords(token)[0] ?? '',
        token,
      ]),
    ),
  );
  let other = q;
  const words: string[] = [];
  for (const [word, likely] of instead) {
    const best = readable.get(likely.find((each) => readable.has(each)) ?? '')?.toLowerCase();
    if (best === undefined) return nothing;
    other = withInstead(other, word, best);
    words.push(best);
  }
  const meantInstead = parseQuery(other);
  const again = {
    ...meant,
    stems: await readStems(tx, [...meantInstead.words, ...meantInstead.phrases.flat()]),
  };
  const anew = questionOf(meantInstead, again);
  if (anew === null) return nothing;
  const page = await ask(
    tx,
    actor,
    { query: meantInstead, meant: again, question: anew },
    { from: null, limit },
  );
  if (page.rows.length === 0) return nothing;
  return { ...shown(page, marksOf(meantInstead, again)), instead: { q: other.slice(0, 200), words } };
}
