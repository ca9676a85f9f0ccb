import type { Tx } from '@liaison/core/db';
import { numberWords, wordsOf } from '../contract/fold-text.ts';

/** Somebody with what she is found by. */
export interface FoundBy {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly extension: string | null;
  readonly numbers: readonly { e164: string }[];
}

const wordsOfPerson = ({ name, address, extension, numbers }: FoundBy): string[] => [
  ...new Set([
    ...wordsOf(name),
    // The domain is everybody's and finds nobody.
    ...wordsOf(address.split('@')[0] ?? ''),
    ...(extension ? [extension] : []),
    ...numbers.flatMap(({ e164 }) => numberWords(e164)),
  ]),
];

/** Words that may be mistyped: of letters, and long enough to be recognised. */
const canBeMistyped = (word: string): boolean => word.length > 2 && !/\d/.test(word);

/** Writes the words of people who have none yet. */
export async function writeWords(tx: Tx, people: readonly FoundBy[]): Promise<void> {
  const rows = people.flatMap((person) =>
    wordsOfPerson(person).map((word) => ({ person_id: person.id, word })),
  );
  if (rows.length === 0) return;
  await tx.query(
    `insert into people.word (org_id, person_id, word)
     select core.current_org(), w.person_id, w.word from jsonb_to_recordset($1::jsonb) as w(person_id uuid, word text)`,
    [JSON.stringify(rows)],
  );
  // Sorted, so that two who write the same words cannot wait for each other.
  const words = [...new Set(rows.map(({ word }) => word).filter(canBeMistyped))].sort();
  await tx.query(
    `insert into people.vocabulary (org_id, word)
     select core.current_org(), w.word from unnest($1::text[]) with ordinality as w(word, n) order by w.n
     on conflict do nothing`,
    [words],
  );
}

/** Takes a person's words away, and from the vocabulary those that nobody else has: a rare name says who it was. */
export async function forgetWords(tx: Tx, personId: string): Promise<void> {
  await tx.query(
    `with gone as (delete from people.word where person_id = $1 returning word)
     delete from people.vocabulary v using gone
     where v.org_id = core.current_org() and v.word = gone.word and not exists (
       select from people.word w where w.org_id = core.current_org() and w.word = v.word and w.person_id <> $1)`,
    [personId],
  );
}
