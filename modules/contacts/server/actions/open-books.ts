import type { Tx } from '@liaison/core/db';

/**
 * Gives each space of somebody its address book where it has none yet: spaces are older than this module in installations
 * that were updated. Two at once make one.
 */
export async function openBooks(
  tx: Tx,
  { nextId, site }: { nextId(): string; site: number },
  personId: string,
): Promise<void> {
  const missing = await tx.query<{ id: string }>(
    `select s.id from core.member m join core.space s on s.id = m.space_id
     where m.person_id = $1 and s.kind in ('personal', 'team') and s.archived_at is null
       and not exists (select from contacts.book b where b.space_id = s.id) limit 500`,
    [personId],
  );
  for (const { id } of missing) {
    await tx.query(
      `insert into contacts.book (id, org_id, space_id, home_site) values ($1, $2, $3, $4)
       on conflict (space_id) do nothing`,
      [nextId(), tx.orgId, id, site],
    );
  }
}
