import { type Right, type Role, rights, roleRights } from '../contract/index.ts';
import type { Tx } from '../db/index.ts';
import type { Place } from './spaces.ts';

/** A grant that holds at a place: made there, or further out. */
export interface HeldGrant {
  readonly id: string;
  readonly principal: { readonly kind: string; readonly id: string | null };
  /** Of groups and spaces. */
  readonly name: string | null;
  readonly right: Right;
  readonly until: Date | null;
  /** The item that it was made on; null for the container or the space. */
  readonly itemId: string | null;
}

/** Somebody who may read at a place. */
export interface Reader {
  readonly personId: string;
  readonly right: Right;
  /** What gives it: a role in the space, or one of the grants. */
  readonly by: { readonly role: Role } | { readonly grantId: string };
}

/** So many people are named; of a whole organisation only that it may. */
const mostReaders = 1000;
const managing = rights.indexOf('manage');

/**
 * Who may read at a place, each with the one thing that decides, and the grants that hold there, links among them. People who may
 * only because everybody may are not named.
 */
export async function readersOf(
  tx: Tx,
  { spaceId, containerId = null, around = [], itemId }: Place,
): Promise<{ people: Reader[]; grants: HeldGrant[] }> {
  const within = itemId ? [...around, itemId] : around;
  const grants = await tx.query<{
    id: string;
    principal_kind: string;
    principal_id: string | null;
    name: string | null;
    level: number;
    until: Date | null;
    item_id: string | null;
  }>(
    `select g.id, g.principal_kind, g.principal_id, s.name, g.level, g.until, g.item_id
     from core.grant g left join core.space s on s.id = g.principal_id and g.principal_kind in ('group', 'space')
     where g.space_id = $1 and (g.until is null or g.until > now())
       and (g.container_id is null or g.container_id = $2::uuid) and (g.item_id is null or g.item_id = any($3::uuid[]))
     order by array_position($3::uuid[], g.item_id) desc nulls last, g.principal_kind, s.name, g.id limit 1000`,
    [spaceId, containerId, within],
  );
  const people = await tx.query<{
    person_id: string;
    level: number;
    role: Role | null;
    grant_id: string | null;
    grant_level: number | null;
  }>(
    `with held as (
       select g.id, g.level, g.principal_kind, g.principal_id,
         case when g.item_id is not null then 2 + array_position($3::uuid[], g.item_id)
           when g.container_id is not null then 2 else 1 end as depth,
         case g.principal_kind when 'person' then 3 when 'group' then 2 when 'space' then 1 else 0 end as rank
       from core.grant g where g.id = any($4::uuid[])
     ), people as (
       select m.person_id from core.member m where m.space_id = $1
       union select h.principal_id from held h where h.principal_kind = 'person'
       union select m.person_id from held h join core.member m on m.space_id = h.principal_id
         where h.principal_kind in ('group', 'space')
     )
     select * from (
       select p.person_id, core.right_within(p.person_id, $1, $2::uuid, $3::uuid[]) as level, r.role,
         mine.id as grant_id, mine.level as grant_level
       from people p left join core.member r on r.space_id = $1 and r.person_id = p.person_id
         left join lateral (
           select h.id, h.level from held h
           where h.rank > 0 and (h.principal_id = p.person_id or exists (
             select from core.member m where m.space_id = h.principal_id and m.person_id = p.person_id))
           order by h.depth desc, h.rank desc, h.level desc limit 1) mine on true) as each
     where level >= 2 order by level desc, person_id limit $5`,
    [spaceId, containerId, within, grants.map(({ id }) => id), mostReaders],
  );
  const widest = grants
    .filter(({ principal_kind: kind }) => kind === 'organisation' || kind === 'public')
    .reduce<(typeof grants)[number] | null>(
      (one, each) => (each.level > (one?.level ?? 0) ? each : one),
      null,
    );
  return {
    people: people.map(({ person_id: personId, level, role, grant_id: own, grant_level: ownLevel }) => {
      const right = rights[level] ?? 'none';
      const isByRole =
        role !== null && rights[level] === roleRights[role] && (own === null || level === managing);
      if (role !== null && isByRole) return { personId, right, by: { role } };
      const grantId = own !== null && ownLevel === level ? own : (widest?.id ?? own);
      return {
        personId,
        right,
        by: grantId === null && role !== null ? { role } : { grantId: grantId ?? '' },
      };
    }),
    grants: grants.map((row) => ({
      id: row.id,
      principal: { kind: row.principal_kind, id: row.principal_id },
      name: row.name,
      right: rights[row.level] ?? 'none',
      until: row.until,
      itemId: row.item_id,
    })),
  };
}
