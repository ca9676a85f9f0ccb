import type { Tx } from '@liaison/core/db';
import type { PersonSummary } from '../contract/index.ts';
import { digitsOf, foldText, wordsOf } from './fold-text.ts';
import { type SummaryRow, summaryColumns, summaryFrom, toSummary } from './queries.ts';

/** Whom a guest may see: those with whom she shares a space beside the organisation; null for everybody. */
export type VisibleTo = string | null;

/** The condition on person `p` that `visibleTo` as parameter `$n` makes. */
export const visibleCondition = (n: number): string => `($${n}::uuid is null or p.id = $${n} or exists (
  select from core.member a join core.member b on b.space_id = a.space_id
  where a.person_id = $${n} and b.person_id = p.id and a.space_id <> p.org_id))`;

/** Of the many whom one letter finds, so many are looked at. */
const enough = 2000;
// Sorts after everything that begins with the same letters.
const last = '\u{10ffff}';

/**
 * Finds active and invited people, best first; see `People.search`.
 *
 * @param visibleTo the asking guest, or null.
 */
export async function searchPeople(
  tx: Tx,
  text: string,
  limit: number,
  visibleTo: VisibleTo = null,
): Promise<PersonSummary[]> {
  const wanted = foldText(text.trim()).slice(0, 100);
  const digits = digitsOf(wanted);
  // The longest first: it picks by index, the others only look at what it picked.
  const words = digits
    ? [digits]
    : wordsOf(wanted)
        .slice(0, 6)
        .sort((a, b) => b.length - a.length);
  if (words.length === 0) return [];
  const atMost = Math.max(1, Math.min(50, limit));

  const found = new Map<string, SummaryRow>();
  const exact = await tx.query<SummaryRow>(
    `select ${summaryColumns} from ${summaryFrom}
     where p.org_id = core.current_org() and (p.extension = $1 or p.address = $2)
       and p.status in ('active', 'invited') and ${visibleCondition(3)}`,
    [wanted.replace(/\s/g, ''), text.trim().toLowerCase(), visibleTo],
  );
  for (const row of exact) found.set(row.id, row);

  const otherWords = words.slice(1).map(
    (_, i) => `exists (select from people.word w where w.org_id = core.current_org() and w.person_id = p.id
      and w.word >= $${2 * i + 6} and w.word < $${2 * i + 7})`,
  );
  const prefixes = await tx.query<SummaryRow>(
    `select ${summaryColumns} from ${summaryFrom}
     where p.org_id = core.current_org() and p.status in ('active', 'invited')
       and p.id in (select w.person_id from people.word w where w.org_id = core.current_org() and w.word >= $4 and w.word < $5
         ${words.length === 1 ? `order by w.word limit ${enough}` : ''})
       ${otherWords.map((condition) => `and ${condition}`).join(' ')} and ${visibleCondition(1)}
     order by (p.sort_name like $3) desc, p.sort_name, p.id limit $2`,
    [
      visibleTo,
      atMost,
      `${wanted.replace(/[\\%_]/g, '\\$&')}%`,
      ...words.flatMap((word) => [word, `${word}${last}`]),
    ],
  );
  for (const row of prefixes) found.set(row.id, row);

  if (found.size === 0 && !digits && wanted.length >= 3) {
    const typos = await tx.query<SummaryRow>(
      `select ${summaryColumns} from ${summaryFrom}
       where p.org_id = core.current_org() and p.status in ('active', 'invited')
         and word_similarity($1, p.sort_name) >= 0.45 and ${visibleCondition(2)}
       order by word_similarity($1, p.sort_name) desc, p.sort_name, p.id limit $3`,
      [wanted, visibleTo, atMost],
    );
    for (const row of typos) found.set(row.id, row);
  }
  return [...found.values()].slice(0, atMost).map(toSummary);
}
