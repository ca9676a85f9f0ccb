import { notFound, type PersonActor, rights } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { seenAmong } from '@liaison/core/spaces';
import type { SharedFile } from '../contract/index.ts';
import { places, readable } from './narrowed.ts';
import { nodeColumns, toListed } from './present.ts';
import { type ListedRow, notInTrash, readPlace, starredColumn, writePlace } from './queries.ts';

const reading = rights.indexOf('read');

/** So many are looked at for one page, whatever of them may be read. */
const maxLookedAt = 200;

/** Of a space in which `person` may give rights. */
const managedBy = (person: string): string => `exists (select from core.member k
  where k.space_id = g.space_id and k.person_id = ${person}::uuid and k.role in ('manager', 'owner'))`;

/**
 * `$1` the reader, `$2` the other one, `$3` how many. Of trees that the reader has as a whole it takes the newest by an index each;
 * of others only what a grant names, so that a large tree of hers costs nothing. Of what the two
 * sent each other, what the reader sent as well.
 */
export const candidatesStatement = (isAfter: boolean): string => `
  with ${places}, named as (
    select g.* from core.grant g where g.principal_id = $2::uuid and ${managedBy('$1')}
    union all select g.* from core.grant g where g.principal_id = $1::uuid and ${managedBy('$2')}
    union all select g.* from core.member m join core.grant g on g.principal_id = m.space_id
      where m.person_id = $1::uuid and ${managedBy('$2')}
    union all select g.* from core.grant g
      where g.principal_id is null and g.principal_kind = 'organisation' and ${managedBy('$2')}
  ), given as materialized (
    select g.item_id, max(date_trunc('milliseconds', g.created_at)) as at, bool_or(g.principal_id is distinct from $2::uuid) as to_me
    from named g where g.item_id is not null and g.level >= ${reading} and (g.until is null or g.until > now())
    group by g.item_id order by at desc limit 1000
  ), candidate as (
    select n.id, greatest(given.at, n.changed_at) as at, case when given.to_me then 'to-me' else 'to-her' end as given
    from given join files.node n on n.id = given.item_id where n.trashed_at is null
    union all
    select c.id, c.changed_at, null from place p cross join lateral (
      select $2::uuid as id
      union all select $1::uuid from core.space s join core.member h on h.space_id = s.id and h.person_id = $2::uuid
        where s.id = p.space_id and s.kind = 'direct') by cross join lateral (
      select n.id, n.changed_at from files.node n
      where n.tree_id = p.id and n.changed_by = by.id and n.rank = 1 and n.trashed_at is null
        ${isAfter ? 'and (n.changed_at, n.id) < ($4::timestamptz, $5::uuid)' : ''}
      order by n.changed_at desc, n.id desc limit $3::integer) c
    where p.whole and not exists (select from given where given.item_id = c.id)
  )
  select id, at, given from candidate ${isAfter ? 'where (at, id) < ($4::timestamptz, $5::uuid)' : ''}
  order by at desc, id desc limit $3::integer`;

/** What two people share, as far as the one who asks may read it. */
export async function readFilesWith(
  tx: Tx,
  actor: PersonActor,
  personId: string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ rows: SharedFile[]; next: string | null }> {
  await requireColleague(tx, actor, personId);
  const from = cursor === undefined ? null : readPlace(cursor, 'changed');
  const candidates = await tx.query<{ id: string; at: Date; given: SharedFile['given'] }>(
    candidatesStatement(from !== null),
    [actor.personId, personId, maxLookedAt, ...(from ? [from[1], from[2]] : [])],
  );
  const rows = await tx.query<ListedRow & { place_name: string }>(
    `with ${places}
     select ${nodeColumns}, ${starredColumn}, case when p.whole and s.kind = 'team' then s.name else '' end as place_name
     from files.node n join place p on p.id = n.tree_id join core.space s on s.id = p.space_id
     where n.id = any($2::uuid[]) and ${notInTrash} and ${readable}
       and (n.id <> all($3::uuid[]) or core.right_within($4::uuid, p.space_id, p.id, files.around(n.id)) >= ${reading})`,
    [
      actor.personId,
      candidates.map(({ id }) => id),
      candidates.filter(({ given }) => given === 'to-her').map(({ id }) => id),
      personId,
    ],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const found = candidates.flatMap(({ id, at, given }) => {
    const row = byId.get(id);
    return row ? [{ ...toListed(row), at: at.toISOString(), given, placeName: row.place_name }] : [];
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const lookedAt = candidates.length === maxLookedAt ? candidates.at(-1) : undefined;
  if (found.length > limit && last) return { rows: page, next: writePlace([1, last.at, last.id]) };
  return { rows: page, next: lookedAt ? writePlace([1, lookedAt.at.toISOString(), lookedAt.id]) : null };
}

/** Somebody of the organisation; for a guest one of those whom she is with. */
async function requireColleague(tx: Tx, actor: PersonActor, personId: string): Promise<void> {
  const [known] = await tx.query(
    'select from core.member where space_id = core.current_org() and person_id = $1',
    [personId],
  );
  const isSeen =
    actor.role !== 'guest' ||
    (await seenAmong(tx, [actor.personId], [personId])).get(actor.personId)?.has(personId) === true;
  if (!known || !isSeen) throw notFound('This person');
}
