import { notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { seenAmong } from '@liaison/core/spaces';

/** Those who were chosen and are still known to the one who chose. */
export async function readOverlay(tx: Tx, actor: PersonActor): Promise<string[]> {
  const rows = await tx.query<{ colleague_id: string }>(
    'select colleague_id from calendar.overlay where person_id = $1 order by position',
    [actor.personId],
  );
  const ids = rows.map((row) => row.colleague_id);
  const known = await knownAmong(tx, actor, ids);
  return ids.filter((id) => known.has(id));
}

export async function writeOverlay(tx: Tx, actor: PersonActor, personIds: readonly string[]): Promise<void> {
  const wanted = [...new Set(personIds)].filter((id) => id !== actor.personId);
  const known = await knownAmong(tx, actor, wanted);
  if (wanted.some((id) => !known.has(id))) throw notFound('One of these people');
  // Two pages of one person at once: the later stands.
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('calendar.overlay ' || $1, 0))`, [
    actor.personId,
  ]);
  await tx.query('delete from calendar.overlay where person_id = $1', [actor.personId]);
  await tx.query(
    `insert into calendar.overlay (org_id, person_id, colleague_id, position)
     select $1, $2, id, position from unnest($3::uuid[]) with ordinality as wanted (id, position)`,
    [tx.orgId, actor.personId, wanted],
  );
}

async function knownAmong(tx: Tx, actor: PersonActor, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx.query<{ person_id: string }>(
    'select person_id from core.member where space_id = core.current_org() and person_id = any($1::uuid[])',
    [ids],
  );
  const members = rows.map((row) => row.person_id);
  if (actor.role !== 'guest') return new Set(members);
  const seen = (await seenAmong(tx, [actor.personId], members)).get(actor.personId) ?? new Set();
  return new Set(members.filter((id) => seen.has(id)));
}
