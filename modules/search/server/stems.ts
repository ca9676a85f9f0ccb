import type { Tx } from '@liaison/core/db';

/** Stems of each word in the four languages; null of words that say nothing in one of them. */
export async function readStems(
  tx: Tx,
  words: readonly string[],
): Promise<Map<string, readonly string[] | null>> {
  if (words.length === 0) return new Map();
  const rows = await tx.query<{ word: string; stems: string[] | null }>(
    'select w as word, search.stems_of(w) as stems from unnest($1::text[]) as w',
    [words],
  );
  return new Map(rows.map(({ word, stems }) => [word, stems]));
}
