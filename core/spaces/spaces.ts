import { sql } from 'kysely';
import { z } from 'zod';
import {
  type Actor,
  covers,
  defineEvent,
  forbidden,
  idSchema,
  notFound,
  personOf,
  type Right,
  type Role,
  rights,
} from '../contract/index.ts';
import type { CoreTables, Tx } from '../db/index.ts';
import type { Emit } from '../outbox/index.ts';

export const memberJoined = defineEvent({
  name: 'core.member-joined',
  version: 1,
  stream: 'spaceId',
  payload: z.object({
    spaceId: idSchema,
    personId: idSchema,
    role: z.enum(['guest', 'member', 'manager', 'owner']),
  }),
});
export const memberLeft = defineEvent({
  name: 'core.member-left',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, personId: idSchema }),
});
export const memberRoleChanged = defineEvent({
  name: 'core.member-role-changed',
  version: 1,
  stream: 'spaceId',
  payload: z.object({
    spaceId: idSchema,
    personId: idSchema,
    role: z.enum(['guest', 'member', 'manager', 'owner']),
  }),
});
export const grantChanged = defineEvent({
  name: 'core.grant-changed',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, grantId: idSchema }),
});

/** Where a right is asked: an item is looked at before what it lies in, that before its container, that before the space. */
export interface Place {
  readonly spaceId: string;
  readonly containerId?: string | null;
  /** Items that the item lies in, outermost first: the folders around a file. */
  readonly around?: readonly string[];
  readonly itemId?: string | null;
}

/** Who asks, as `core.right_within` knows it: a person, the link that somebody came by, or nobody in particular. */
export const askerOf = (actor: Actor): string | null =>
  actor.kind === 'visitor' ? actor.linkId : personOf(actor);

export interface Grant {
  readonly principal:
    | { readonly kind: 'person' | 'group' | 'space' | 'link'; readonly id: string }
    | { readonly kind: 'organisation' | 'public' };
  readonly right: Right;
  readonly until?: Date | null;
}

export interface Space {
  readonly id: string;
  readonly orgId: string;
  readonly kind: string;
  readonly name: string;
  readonly archivedAt: Date | null;
}

/** Spaces, their members, and the one answer to "may this actor do this". All methods work inside the caller's transaction. */
export interface Spaces {
  /** What `actor` may do at `place`; `none` for a space that is not there. Jobs may do everything in their organisation. */
  rightOf(tx: Tx, actor: Actor, place: Place): Promise<Right>;
  /**
   * @throws Problem 404 when the actor may not even read there (as if it did not exist), 403 when she may read but not this.
   */
  require(tx: Tx, actor: Actor, place: Place, needed: Right): Promise<Right>;
  /**
   * The same answer and refusals for a statement that asked `core.right_of` for this actor itself, beside what else it
   * reads; null where the space is not there.
   */
  decide(tx: Tx, actor: Actor, level: number | null, needed: Right): Right;
  create(
    tx: Tx,
    space: { id?: string; kind: string; name: string; members: readonly { personId: string; role: Role }[] },
  ): Promise<Space>;
  find(tx: Tx, spaceId: string): Promise<Space | null>;
  rename(tx: Tx, spaceId: string, name: string): Promise<void>;
  archive(tx: Tx, spaceId: string, archived: boolean): Promise<void>;
  /** Adds, or changes the role of, one member; says nothing when nothing changed. */
  setMember(tx: Tx, spaceId: string, personId: string, role: Role): Promise<void>;
  removeMember(tx: Tx, spaceId: string, personId: string): Promise<void>;
  members(tx: Tx, spaceId: string): Promise<{ personId: string; role: Role }[]>;
  roleOf(tx: Tx, spaceId: string, personId: string): Promise<Role | null>;
  /** Gives a right at a place, in the place of what the principal was given there before. Answers the grant's id. */
  grant(tx: Tx, place: Place, grant: Grant): Promise<string>;
  revoke(tx: Tx, grantId: string): Promise<void>;
  /** Takes away whatever was granted on items that go for ever, or to another space. */
  revokeAll(tx: Tx, spaceId: string, itemIds: readonly string[]): Promise<void>;
}

const within = ({ around = [], itemId }: Place): readonly string[] => (itemId ? [...around, itemId] : around);

function heldAt(tx: Tx, actor: Actor, level: number | null): Right {
  if (actor.orgId !== tx.orgId) return 'none';
  if (actor.kind === 'job') return 'manage';
  return rights[level ?? 0] ?? 'none';
}

function enough(held: Right, needed: Right): Right {
  if (covers(held, needed)) return held;
  throw covers(held, 'read') ? forbidden(`this needs the right to ${needed} here`) : notFound();
}

export function createSpaces({ emit, nextId, site }: { emit: Emit; nextId(): string; site: number }): Spaces {
  const spaces: Spaces = {
    async rightOf(tx, actor, place) {
      if (actor.orgId !== tx.orgId || actor.kind === 'job') return heldAt(tx, actor, null);
      const [row] = await tx.query<{ level: number | null }>(
        `select core.right_within($1::uuid, s.id, $3::uuid, $4::uuid[]) as level
         from core.space s where s.id = $2::uuid`,
        [askerOf(actor), place.spaceId, place.containerId ?? null, within(place)],
      );
      return heldAt(tx, actor, row?.level ?? null);
    },
    async require(tx, actor, place, needed) {
      return enough(await spaces.rightOf(tx, actor, place), needed);
    },
    decide: (tx, actor, level, needed) => enough(heldAt(tx, actor, level), needed),
    async create(tx, { id = nextId(), kind, name, members }) {
      const orgId = tx.orgId!;
      await tx
        .as<CoreTables>()
        .insertInto('core.space')
        .values({ id, org_id: orgId, kind, name, archived_at: null, home_site: site })
        .execute();
      for (const member of members) await spaces.setMember(tx, id, member.personId, member.role);
      return { id, orgId, kind, name, archivedAt: null };
    },
    async find(tx, spaceId) {
      const row = await tx
        .as<CoreTables>()
        .selectFrom('core.space')
        .select(['id', 'org_id', 'kind', 'name', 'archived_at'])
        .where('id', '=', spaceId)
        .executeTakeFirst();
      return row
        ? {
            id: row.id,
            orgId: row.org_id,
            kind: row.kind,
            name: row.name,
            archivedAt: row.archived_at as Date | null,
          }
        : null;
    },
    async rename(tx, spaceId, name) {
      await tx.as<CoreTables>().updateTable('core.space').set({ name }).where('id', '=', spaceId).execute();
    },
    async archive(tx, spaceId, archived) {
      await tx
        .as<CoreTables>()
        .updateTable('core.space')
        .set({ archived_at: archived ? sql<Date>`coalesce(archived_at, now())` : null })
        .where('id', '=', spaceId)
        .execute();
    },
    async setMember(tx, spaceId, personId, role) {
      const before = await spaces.roleOf(tx, spaceId, personId);
      if (before === role) return;
      await tx
        .as<CoreTables>()
        .insertInto('core.member')
        .values({ org_id: tx.orgId!, space_id: spaceId, person_id: personId, role })
        .onConflict((conflict) => conflict.columns(['space_id', 'person_id']).doUpdateSet({ role }))
        .execute();
      emit(tx, before === null ? memberJoined : memberRoleChanged, { spaceId, personId, role });
    },
    async removeMember(tx, spaceId, personId) {
      const result = await tx
        .as<CoreTables>()
        .deleteFrom('core.member')
        .where('space_id', '=', spaceId)
        .where('person_id', '=', personId)
        .executeTakeFirst();
      if (result.numDeletedRows > 0n) emit(tx, memberLeft, { spaceId, personId });
    },
    async members(tx, spaceId) {
      const rows = await tx
        .as<CoreTables>()
        .selectFrom('core.member')
        .select(['person_id', 'role'])
        .where('space_id', '=', spaceId)
        .orderBy('joined_at')
        .execute();
      return rows.map((row) => ({ personId: row.person_id, role: row.role }));
    },
    async roleOf(tx, spaceId, personId) {
      const row = await tx
        .as<CoreTables>()
        .selectFrom('core.member')
        .select('role')
        .where('space_id', '=', spaceId)
        .where('person_id', '=', personId)
        .executeTakeFirst();
      return row?.role ?? null;
    },
    async grant(tx, place, { principal, right, until }) {
      const [row] = await tx.query<{ id: string }>(
        `insert into core.grant (id, org_id, space_id, container_id, item_id, principal_kind, principal_id, level, until)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (space_id, container_id, item_id, principal_kind, principal_id)
           do update set level = excluded.level, until = excluded.until
         returning id`,
        [
          nextId(),
          tx.orgId,
          place.spaceId,
          place.containerId ?? null,
          place.itemId ?? null,
          principal.kind,
          'id' in principal ? principal.id : null,
          rights.indexOf(right),
          until ?? null,
        ],
      );
      if (!row) throw new Error('a grant was neither written nor there');
      emit(tx, grantChanged, { spaceId: place.spaceId, grantId: row.id });
      return row.id;
    },
    async revoke(tx, grantId) {
      const row = await tx
        .as<CoreTables>()
        .deleteFrom('core.grant')
        .where('id', '=', grantId)
        .returning('space_id')
        .executeTakeFirst();
      if (row) emit(tx, grantChanged, { spaceId: row.space_id, grantId });
    },
    async revokeAll(tx, spaceId, itemIds) {
      const gone = await tx.query<{ id: string }>(
        'delete from core.grant where space_id = $1 and item_id = any($2::uuid[]) returning id',
        [spaceId, itemIds],
      );
      for (const { id } of gone) emit(tx, grantChanged, { spaceId, grantId: id });
    },
  };
  return spaces;
}
