import type { Tx } from '@liaison/core/db';
import type { Reached } from './cursor.ts';
import type { Question } from './question.ts';

export interface FoundRow extends Record<string, unknown> {
  readonly kind: string;
  readonly id: string;
  readonly space_id: string;
  readonly title: string;
  /** At most 16,000 characters of it. */
  readonly text: string;
  readonly container: string;
  readonly person_ids: readonly string[];
  readonly at: Date;
  readonly path: string;
  readonly score: number;
  readonly key: string;
}

/** The only way to a document for somebody: what she may read at this moment and that answers a question, best first. */
export const findDocuments = (
  tx: Tx,
  personId: string,
  { question, inTitle, asWritten, there }: Question,
  {
    wanted,
    named,
    days,
    asOf,
    from,
    most,
  }: {
    wanted: readonly string[];
    /** Spaces that have the name of the place that was asked for. */
    named: readonly string[];
    days: { before: string | null; after: string | null; timeZone: string };
    asOf: Date;
    from: Reached | null;
    most: number;
  },
): Promise<FoundRow[]> =>
  tx.query<FoundRow>(
    `select * from search.find($1::uuid, $2, $3, $4, $5::text[], $6::uuid[], $7, $8,
       $9::date::timestamp at time zone $11, $10::date::timestamp at time zone $11, $12::timestamptz, $13::float8, $14, $15::int)`,
    [
      personId,
      question,
      inTitle,
      asWritten,
      wanted,
      named,
      there.question,
      there.inTitle,
      days.before,
      days.after,
      days.timeZone,
      asOf,
      from?.score ?? null,
      from?.key ?? null,
      most,
    ],
  );

/** The spaces of somebody of which the name has all words of one of these places. */
export async function readSpacesNamed(
  tx: Tx,
  personId: string,
  places: readonly (readonly string[])[],
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select s.id from core.member m join core.space s on s.id = m.space_id
     where m.person_id = $1 and exists (
       select from jsonb_array_elements($2::jsonb) as place where (
         select bool_and(position(' ' || w in ' ' || regexp_replace(lower(public.unaccent(s.name)), '[^[:alnum:]]+', ' ', 'g')) > 0)
         from jsonb_array_elements_text(place) as w))
     limit 500`,
    [personId, JSON.stringify(places)],
  );
  return rows.map(({ id }) => id);
}

/** Words that begin so, and in how many of the newest documents; never to be told before what has them was asked for its rights. */
export const readWordsLike = (
  tx: Tx,
  personId: string,
  beginnings: readonly string[],
): Promise<{ word: string; documents: number }[]> =>
  beginnings.length === 0
    ? Promise.resolve([])
    : tx.query<{ word: string; documents: number }>(
        'select word, documents from search.words_like($1::uuid, $2, $3::text[])',
        [personId, beginnings.map((each) => `'~${each}':*`).join(' | '), beginnings],
      );
