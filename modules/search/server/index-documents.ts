import { createHash } from 'node:crypto';
import { type ContentDocument, type ContentRead, type ContentSource, mostText } from '@liaison/core/content';
import type { Tx } from '@liaison/core/db';
import { countryOfZone, type People } from '@liaison/people';
import { type FindNumbers, mayHoldNumber } from '@liaison/reach';
import { searchWords } from '../contract/index.ts';
import { numberMarks } from './number-marks.ts';

/** Different words of one document; whoever looks for what comes later in a very long one does not find it. */
const mostWords = 4000;
const mostTitle = 500;
const longText = 5000;
/** So many of a document's people are found in it by their names too. */
const mostNamed = 5;
/** Raised when documents are indexed in another way: all of them are read again. */
export const formVersion = 3;

/** A person in a document's words, and in a question for what is hers. */
export const personMark = (personId: string): string => `@${personId.replaceAll('-', '').slice(-14)}`;

/** PostgreSQL holds no NUL, and no half of a pair of surrogates. */
const clean = (text: string, most: number): string =>
  text.slice(0, most).replaceAll('\0', ' ').toWellFormed();

/** Keeps documents as they are now in the place of what was kept of them, and forgets those that are gone. Safe to repeat. */
export async function indexDocuments(
  tx: Tx,
  { people, findNumbers }: { people: Pick<People, 'findMany' | 'organisation'>; findNumbers: FindNumbers },
  { source, ids, documents }: ContentRead,
): Promise<void> {
  const there = new Set(documents.map(({ id }) => id));
  const gone = ids.filter((id) => !there.has(id));
  if (gone.length > 0) {
    await tx.query('delete from search.document where org_id = $1 and kind = $2 and id = any($3::text[])', [
      tx.orgId,
      source.kind,
      gone,
    ]);
  }
  if (documents.length === 0) return;
  const concerned = documents.flatMap(({ personIds }) => personIds.slice(0, mostNamed));
  const known = await people.findMany(tx, [...new Set(concerned)].slice(0, 1000));
  const organisation = countryOfZone((await people.organisation(tx)).timeZone);
  const rows = [];
  for (const document of documents) {
    const named = document.personIds.slice(0, mostNamed).flatMap((id) => known.get(id) ?? []);
    const writer = known.get(document.personIds[0] ?? '');
    const countries = [writer ? countryOfZone(writer.timeZone) : null, organisation];
    rows.push(
      rowOf(source, document, {
        names: named.map(({ name }) => name),
        numbersIn: (text) => numberMarks(findNumbers, text, countries),
      }),
    );
    // Texts may be long, and whoever shares this process has calls to carry.
    if (document.text.length > longText || mayHoldNumber(document.text)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await tx.query(
    `insert into search.document as d (org_id, kind, id, space_id, container_id, around, is_person, title, title_words, text,
       container, person_ids, at, path, words, fingerprint)
     select $1::uuid, $2, n.id, n.space_id, n.container_id, n.around, n.is_person, n.title, n.title_words, n.text,
       n.container, n.person_ids, n.at, n.path,
       search.words_of(n.space_id, n.words, n.title_list, n.marks, n.container_id || n.around), n.fingerprint
     from jsonb_to_recordset($3::jsonb) as n (id text, space_id uuid, container_id uuid, around uuid[], is_person boolean,
         title text, title_words text, text text, container text, person_ids uuid[], at timestamptz, path text, words text[],
         title_list text[], marks text[], fingerprint text)
       left join search.document old on old.org_id = $1::uuid and old.kind = $2 and old.id = n.id
     where old.fingerprint is distinct from n.fingerprint
     on conflict (org_id, kind, id) do update set space_id = excluded.space_id, container_id = excluded.container_id,
       around = excluded.around, is_person = excluded.is_person, title = excluded.title, title_words = excluded.title_words,
       text = excluded.text, container = excluded.container, person_ids = excluded.person_ids, at = excluded.at,
       path = excluded.path, words = excluded.words, fingerprint = excluded.fingerprint`,
    [tx.orgId, source.kind, JSON.stringify(rows)],
  );
}

/** One document as it is kept. */
export function rowOf(
  { kind, isPeople }: Pick<ContentSource, 'kind' | 'isPeople'>,
  document: ContentDocument,
  { names, numbersIn }: { names: readonly string[]; numbersIn: (text: string) => readonly string[] },
) {
  const { id, place, personIds } = document;
  const title = clean(document.title, mostTitle);
  const text = clean(document.text, mostText);
  const container = clean(document.container, mostTitle);
  const titleList = [...new Set(searchWords(title))].slice(0, 60);
  const kept = {
    id,
    space_id: place.spaceId,
    container_id: place.containerId ?? null,
    around: [...(place.around ?? []), ...(place.itemId ? [place.itemId] : [])],
    is_person: isPeople === true,
    title,
    title_words: ` ${titleList.join(' ')} `,
    text,
    container,
    person_ids: [...new Set(personIds)].slice(0, 200),
    at: document.at.toISOString(),
    path: clean(document.path, 2000),
    title_list: titleList,
    words: [...new Set([...titleList, ...searchWords(text)])].slice(0, mostWords),
    marks: [
      `#${kind}`,
      ...[...new Set(personIds)].slice(0, 200).map(personMark),
      ...searchWords(container)
        .slice(0, 20)
        .map((word) => `>${word}`),
      // What somebody wrote is found by its writer's name, as it was then.
      ...[...new Set(names.flatMap(searchWords))].slice(0, 40).map((word) => `<${word}`),
      ...numbersIn(`${title}\n${text}`),
    ],
  };
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([formVersion, kept]))
    .digest('base64url')
    .slice(0, 24);
  return { ...kept, fingerprint };
}
