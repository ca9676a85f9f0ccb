import type { Tx } from '../db/index.ts';

/**
 * Whom a guest may see: those with whom she shares a space beside the organisation, and herself. A statement that lists
 * their ids once, instead of asking about one after the other: she sees few of many.
 *
 * @param guest the place of her id in the statement around it, such as `$3`.
 */
export const seenBy = (
  guest: `$${number}`,
): string => `select b.person_id from core.member a join core.member b on b.space_id = a.space_id
  where a.person_id = ${guest}::uuid and a.space_id <> a.org_id union select ${guest}::uuid`;

/** Which of these people each of these guests may see; a guest who sees none of them is missing in the answer. */
export async function seenAmong(
  tx: Tx,
  guestIds: readonly string[],
  personIds: readonly string[],
): Promise<Map<string, Set<string>>> {
  // Both sides are few rows of an index, however many are in a space that they share.
  const rows = await tx.query<{ guest_id: string; person_id: string }>(
    `select distinct a.person_id as guest_id, b.person_id
     from core.member a join core.member b on b.space_id = a.space_id
     where a.person_id = any($1::uuid[]) and b.person_id = any($2::uuid[]) and a.space_id <> a.org_id`,
    [guestIds, personIds],
  );
  const seen = new Map<string, Set<string>>();
  const add = (guestId: string, personId: string): void => {
    seen.set(guestId, (seen.get(guestId) ?? new Set()).add(personId));
  };
  for (const row of rows) add(row.guest_id, row.person_id);
  for (const guestId of guestIds) if (personIds.includes(guestId)) add(guestId, guestId);
  return seen;
}
