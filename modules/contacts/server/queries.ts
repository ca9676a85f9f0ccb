import { invalid } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { BirthdayOn, ContactKind, ContactRow, KnownName, Sorting } from '../contract/index.ts';
import { booksOf } from './access.ts';
import { wantedWords } from './derive.ts';
import { type ContactRecord, columns, toRow, withCompany } from './rows.ts';

/** The place in the order after which a page begins. */
const writePlace = (sort: Sorting, key: string, id: string): string =>
  Buffer.from(JSON.stringify([key, id, ...(sort === 'name' ? [] : [sort])])).toString('base64url');

function readPlace(cursor: string, wanted: Sorting): [sortKey: string, id: string] {
  try {
    const place = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const [sortKey, id, sort = 'name'] = place;
    if (
      typeof sortKey === 'string' &&
      // The database counts 160 characters, of which some are two here.
      sortKey.length <= 320 &&
      !sortKey.includes('\0') &&
      sortKey.isWellFormed() &&
      typeof id === 'string' &&
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) &&
      sort === wanted
    ) {
      return [sortKey, id];
    }
  } catch {
    // Not one of ours.
  }
  throw invalid('This page was not found; begin with the first.');
}

export interface ListQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly sort: Sorting;
  readonly label?: string | undefined;
  readonly kind?: ContactKind | undefined;
  readonly companyId?: string | undefined;
  readonly text?: string | undefined;
}

/** Sorts after everything that begins with the same letters. */
const endOf = (beginning: string): string => `${beginning}\u{10ffff}`;

/**
 * One page of some books by name. Each book gives its first rows by its own index, so that what lies before the page is not
 * looked at; words are beginnings in an index of words.
 */
export async function readContacts(
  tx: Tx,
  bookIds: readonly string[],
  { cursor, limit, sort, label, kind, companyId, text }: ListQuery,
): Promise<{ rows: ContactRow[]; next: string | null }> {
  const key = sort === 'family' ? 'family_key' : 'sort_key';
  const parameters: unknown[] = [bookIds, limit + 1];
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  const conditions = ['c.deleted_at is null'];
  if (cursor !== undefined) {
    const [sortKey, id] = readPlace(cursor, sort);
    conditions.push(`(c.${key}, c.id) > (${bind(sortKey)}, ${bind(id)}::uuid)`);
  }
  if (label !== undefined) conditions.push(`${bind(label)} = any(c.labels)`);
  if (kind !== undefined) conditions.push(`c.kind = ${bind(kind)}`);
  if (companyId !== undefined) conditions.push(`c.company_id = ${bind(companyId)}::uuid`);
  const words = text ? wantedWords(text) : [];
  if (text && words.length === 0) return { rows: [], next: null };
  for (const word of words) {
    conditions.push(`c.id in (select w.contact_id from contacts.word w
      where w.book_id = b.id and w.word >= ${bind(word)} and w.word < ${bind(endOf(word))})`);
  }
  const rows = await tx.query<ContactRecord>(
    `select ${columns} from unnest($1::uuid[]) as b(id) cross join lateral (
       select * from contacts.contact c where c.book_id = b.id and ${conditions.join(' and ')}
       order by c.${key}, c.id limit $2) c ${withCompany}
     order by c.${key}, c.id limit $2`,
    parameters,
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    rows: shown.map(toRow),
    next: rows.length > limit && last ? writePlace(sort, last[key], last.id) : null,
  };
}

/** Cards by their ids, whoever asks: rights were asked before. */
export async function readRows(tx: Tx, ids: readonly string[]): Promise<ContactRecord[]> {
  return tx.query<ContactRecord>(
    `select ${columns} from contacts.contact c ${withCompany} where c.id = any($1::uuid[]) and c.deleted_at is null`,
    [ids],
  );
}

export async function readLabels(
  tx: Tx,
  bookIds: readonly string[],
): Promise<{ label: string; count: number }[]> {
  return tx.query<{ label: string; count: number }>(
    `select l.label, count(*)::int as count from contacts.contact c cross join lateral unnest(c.labels) as l(label)
     where c.book_id = any($1::uuid[]) and c.deleted_at is null and c.labels <> '{}'
     group by l.label order by lower(l.label), l.label limit 500`,
    [bookIds],
  );
}

/**
 * What numbers in E.164 are called for somebody: her own book first, then by the books' and cards' order. Of a number that very
 * many cards have, a few are looked at.
 */
export async function readNames(
  tx: Tx,
  personId: string,
  numbers: readonly string[],
): Promise<Map<string, KnownName>> {
  const books = await booksOf(tx, personId);
  const rows = await tx.query<{ value: string; id: string; name: string; organisation: string }>(
    `select distinct on (n.value) n.value, c.id, c.name, coalesce(f.name, c.card ->> 'organisation', '') as organisation
     from unnest($1::text[]) as n(value) cross join unnest($2::uuid[]) with ordinality as b(id, place)
       cross join lateral (
         select w.contact_id from contacts.way w where w.book_id = b.id and w.kind = 'number' and w.value = n.value limit 20
       ) w join contacts.contact c on c.id = w.contact_id and c.deleted_at is null ${withCompany}
     order by n.value, b.place, (c.kind = 'person') desc, c.sort_key, c.id`,
    [numbers, books.map(({ id }) => id)],
  );
  return new Map(
    rows.map(({ value, id, name, organisation }) => [
      value,
      { number: value, name, contactId: id, organisation },
    ]),
  );
}

const dayMs = 86_400_000;

/** The birthdays of some days, in their order. */
export async function readBirthdays(
  tx: Tx,
  bookIds: readonly string[],
  { from, days }: { from: string; days: number },
): Promise<BirthdayOn[]> {
  const first = Date.parse(`${from}T00:00:00Z`);
  const month = (at: number) => new Date(at).getUTCMonth() + 1;
  const months = new Set<number>();
  for (let at = 0; at <= days; at += 1) months.add(month(first + at * dayMs));
  const rows = await tx.query<{
    id: string;
    book_id: string;
    name: string;
    birth_year: number | null;
    birth_month: number;
    birth_day: number;
  }>(
    `select id, book_id, name, birth_year, birth_month, birth_day from contacts.contact
     where book_id = any($1::uuid[]) and birth_month = any($2::smallint[]) and deleted_at is null limit 20000`,
    [bookIds, [...months]],
  );
  const found: BirthdayOn[] = [];
  for (const row of rows) {
    const startYear = new Date(first).getUTCFullYear();
    for (const year of [startYear, startYear + 1]) {
      const isLeap = new Date(Date.UTC(year, 2, 0)).getUTCDate() === 29;
      const day = row.birth_month === 2 && row.birth_day === 29 && !isLeap ? 28 : row.birth_day;
      const at = Date.UTC(year, row.birth_month - 1, day);
      if (at < first || at > first + (days - 1) * dayMs) continue;
      if (row.birth_year !== null && row.birth_year > year) continue;
      found.push({
        contactId: row.id,
        bookId: row.book_id,
        name: row.name,
        date: new Date(at).toISOString().slice(0, 10),
        turns: row.birth_year === null ? null : year - row.birth_year,
      });
    }
  }
  return found
    .sort((a, b) => (a.date === b.date ? (a.name < b.name ? -1 : 1) : a.date < b.date ? -1 : 1))
    .slice(0, 500);
}

export interface DuplicateGroup {
  readonly reason: 'number' | 'email' | 'name';
  readonly contacts: ContactRow[];
}

/** Cards of a book that share a number, an address, or nearly a name; each pair is suggested once. */
export async function readDuplicates(tx: Tx, bookId: string): Promise<DuplicateGroup[]> {
  const groups = await tx.query<{ reason: DuplicateGroup['reason']; ids: string[] }>(
    `(select w.kind as reason, (array_agg(w.contact_id order by w.contact_id))[1:5] as ids
      from contacts.way w where w.book_id = $1 and w.kind in ('number', 'email')
      group by w.kind, w.value having count(*) between 2 and 20 limit 200)
     union all
     (select 'name', (array_agg(c.id order by c.id))[1:5] from contacts.contact c
      where c.book_id = $1 and c.deleted_at is null and c.near_key <> '' and position(' ' in c.near_key) > 0
      group by c.near_key having count(*) between 2 and 20 limit 200)
     union all
     (select 'name', (array_agg(c.id order by c.id))[1:5] from contacts.contact c
      where c.book_id = $1 and c.deleted_at is null and c.near_key <> '' and position(' ' in c.near_key) = 0
        and c.kind = 'company'
      group by c.near_key having count(*) between 2 and 20 limit 100)`,
    [bookId],
  );
  const known = new Set<string>();
  const fresh = groups.filter(({ ids }) => {
    const key = ids.join();
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
  const some = fresh.slice(0, 100);
  const rows = new Map(
    (await readRows(tx, [...new Set(some.flatMap(({ ids }) => ids))])).map((row) => [row.id, toRow(row)]),
  );
  return some
    .map(({ reason, ids }) => ({ reason, contacts: ids.flatMap((id) => rows.get(id) ?? []) }))
    .filter(({ contacts }) => contacts.length > 1 && new Set(contacts.map(({ kind }) => kind)).size === 1);
}
