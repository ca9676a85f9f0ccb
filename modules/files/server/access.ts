import { type Actor, conflict, covers, notFound, type Right } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { askerOf, type Place, type Spaces } from '@liaison/core/spaces';

/** A node that somebody may use, and the folders around it. */
export interface NodeAccess {
  readonly id: string;
  readonly treeId: string;
  readonly spaceId: string;
  readonly parentId: string | null;
  readonly kind: 'folder' | 'file';
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string | null;
  readonly mediaType: string;
  readonly version: number;
  readonly trashedAt: Date | null;
  /** The folders that it lies in, the tree's own first. */
  readonly around: readonly { readonly id: string; readonly name: string }[];
  readonly right: Right;
}

interface NodeRow extends Record<string, unknown> {
  readonly id: string;
  readonly tree_id: string;
  readonly space_id: string;
  readonly parent_id: string | null;
  readonly rank: 0 | 1;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string | null;
  readonly media_type: string;
  readonly version: number;
  readonly trashed_at: Date | null;
  readonly archived: boolean;
  readonly level: number | null;
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly in_trash: boolean;
}

/** An asker who is neither a person nor came by a link: rights are found by what is granted to all. */
const nobody = '00000000-0000-0000-0000-000000000000';

/** A node as spaces know it. */
export const placeOf = (
  node: Pick<NodeAccess, 'id' | 'treeId' | 'spaceId' | 'around'>,
): Place & { readonly around: readonly string[]; readonly itemId: string } => ({
  spaceId: node.spaceId,
  containerId: node.treeId,
  around: node.around.map(({ id }) => id),
  itemId: node.id,
});

export interface Where {
  /** In use (what is not said), or itself put into the trash. What lies inside something trashed is nowhere. */
  readonly trash?: boolean;
  /** For who may send into it and not read it: she learns no more than that it is there. */
  readonly blind?: boolean;
}

/** The only way to several nodes for somebody: in the order asked for, or a refusal of the first that may not be. */
export async function nodesFor(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  nodeIds: readonly string[],
  needed: Right,
  { trash = false, blind = false }: Where = {},
): Promise<NodeAccess[]> {
  const rows = await tx.query<NodeRow>(
    `with recursive up as (
       select n.id as origin, n.id, n.parent_id, n.name, n.trashed_at, 0 as depth
       from files.node n where n.id = any($1::uuid[])
       union all
       select up.origin, p.id, p.parent_id, p.name, p.trashed_at, up.depth + 1
       from up cross join lateral (select * from files.node p where p.id = up.parent_id limit 1) p where up.depth < 100
     )
     select n.id, n.tree_id, t.space_id, n.parent_id, n.rank, n.name, n.bytes, n.sha256, n.media_type, n.version,
       n.trashed_at, s.archived_at is not null as archived,
       core.right_within($2::uuid, s.id, t.id, u.ids) as level, u.ids, u.names, u.in_trash
     from files.node n
       join files.tree t on t.id = n.tree_id
       left join core.space s on s.id = t.space_id
       join lateral (
         select array_agg(up.id order by up.depth desc) as ids, array_agg(up.name order by up.depth desc) as names,
           bool_or(up.trashed_at is not null and up.depth > 0) as in_trash
         from up where up.origin = n.id) u on true
     where n.id = any($1::uuid[])`,
    [nodeIds, askerOf(actor) ?? nobody],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return nodeIds.map((id) => {
    const row = byId.get(id);
    if (!row) throw notFound();
    const right = spaces.decide(tx, actor, row.level, blind ? 'free-busy' : 'read');
    if (row.in_trash || (row.trashed_at !== null) !== trash) throw notFound();
    spaces.decide(tx, actor, row.level, needed);
    if (row.archived && (blind || covers(needed, 'write'))) {
      throw conflict('files-archived', 'This team is archived; its files can be read only.');
    }
    return {
      id: row.id,
      treeId: row.tree_id,
      spaceId: row.space_id,
      parentId: row.parent_id,
      kind: row.rank === 0 ? 'folder' : 'file',
      name: row.name,
      bytes: row.bytes,
      sha256: row.sha256,
      mediaType: row.media_type,
      version: row.version,
      trashedAt: row.trashed_at,
      around: row.ids.slice(0, -1).map((each, at) => ({ id: each, name: row.names[at] ?? '' })),
      right,
    };
  });
}

/** The only way to a node for somebody. */
export async function nodeFor(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  nodeId: string,
  needed: Right,
  where: Where = {},
): Promise<NodeAccess> {
  const [node] = await nodesFor(tx, spaces, actor, [nodeId], needed, where);
  if (!node) throw notFound();
  return node;
}

/** A node that must be a folder; a file in its place is as good as missing. */
export async function folderFor(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  nodeId: string,
  needed: Right,
  where: Where = {},
): Promise<NodeAccess> {
  const node = await nodeFor(tx, spaces, actor, nodeId, needed, where);
  if (node.kind !== 'folder') throw notFound();
  return node;
}

/** The only way to a tree itself for somebody. */
export async function treeFor(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  treeId: string,
  needed: Right,
): Promise<{ id: string; spaceId: string; rootId: string; right: Right }> {
  const [row] = await tx.query<{ space_id: string; root_id: string; level: number | null }>(
    `select t.space_id, t.root_id, core.right_of($2::uuid, s.id, t.id, null) as level
     from files.tree t left join core.space s on s.id = t.space_id where t.id = $1`,
    [treeId, askerOf(actor) ?? nobody],
  );
  if (!row) throw notFound();
  const right = spaces.decide(tx, actor, row.level, needed);
  return { id: treeId, spaceId: row.space_id, rootId: row.root_id, right };
}
