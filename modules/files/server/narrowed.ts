import { type Actor, conflict, covers, forbidden, type Right, rights } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Spaces } from '@liaison/core/spaces';
import { type NodeAccess, nodesFor } from './access.ts';

const reading = rights.indexOf('read');

/**
 * What somebody may read, row by row, at the cost of one question per tree where no file of it has a grant of its own. `$1` is the
 * person; a statement begins with it, joins `place p on p.id = n.tree_id` and asks for `readable`.
 *
 * `whole`: she may read at its top. `uneven`: there are grants inside, so that each row is asked for.
 */
export const places = `place as materialized (
  select t.id, t.space_id, core.right_of($1::uuid, t.space_id, t.id, null) >= ${reading} as whole,
    exists (select from core.grant g where g.space_id = t.space_id and g.item_id is not null and g.principal_kind <> 'link') as uneven
  from files.tree t where t.space_id in (
    select m.space_id from core.member m where m.person_id = $1::uuid
    union select g.space_id from core.grant g where g.principal_id = $1::uuid
    union select g.space_id from core.member m join core.grant g on g.principal_id = m.space_id where m.person_id = $1::uuid
    union select g.space_id from core.grant g where g.principal_id is null))`;

export const readable = `case when p.uneven
  then core.right_within($1::uuid, p.space_id, p.id, files.around(n.id)) >= ${reading} else p.whole end`;

/** By the grants of its space, which are few, and never by its rows, which may be many: `$4` is the folder, `$5` its path. */
export const hiddenStatement = `
  select n.id from core.grant g cross join lateral
    (select n.id from files.node n where n.id = g.item_id and n.parent_id = $4::uuid offset 0) n
  where g.space_id = $2::uuid and g.item_id is not null and g.principal_kind <> 'link'
    and core.right_within($1::uuid, $2::uuid, $3::uuid, $5::uuid[] || n.id) < ${reading}`;

/** Rows of a folder that somebody who reads it may not read: those alone are asked for that a grant names. */
export async function hiddenIn(tx: Tx, asker: string, folder: NodeAccess): Promise<string[]> {
  const around = [...folder.around.map(({ id }) => id), folder.id];
  const rows = await tx.query<{ id: string }>(hiddenStatement, [
    asker,
    folder.spaceId,
    folder.treeId,
    folder.id,
    around,
  ]);
  return rows.map(({ id }) => id);
}

/** Whatever lies in a node, however deep, where somebody has less than a right that she has on the node itself. */
export async function lessBelow(
  tx: Tx,
  asker: string,
  node: Pick<NodeAccess, 'id' | 'treeId' | 'spaceId'>,
  needed: Right,
): Promise<string[]> {
  const rows = await tx.query<{ item_id: string }>(
    `select distinct g.item_id from core.grant g cross join lateral files.around(g.item_id) as path
     where g.space_id = $2 and g.item_id is not null and g.principal_kind <> 'link' and g.item_id <> $4
       and $4 = any(path) and core.right_within($1::uuid, $2::uuid, $3::uuid, path) < $5`,
    [asker, node.spaceId, node.treeId, node.id, rights.indexOf(needed)],
  );
  return rows.map((row) => row.item_id);
}

/** Into another space all goes that is inside, and belongs to others then: not what is kept from whom moves it. */
export async function requireWhole(tx: Tx, asker: string, node: NodeAccess): Promise<void> {
  if ((await lessBelow(tx, asker, node, 'write')).length === 0) return;
  throw conflict(
    'files-part-closed',
    'A part of this may not be changed by you, so that it cannot go elsewhere.',
  );
}

/** The folders around a node as far as somebody may know of them: from the outermost behind which she reads all of them. */
export async function knownAround(tx: Tx, asker: string, node: NodeAccess): Promise<NodeAccess['around']> {
  if (node.around.length === 0) return [];
  const ids = node.around.map(({ id }) => id);
  const [row] = await tx.query<{ hidden: number }>(
    `select coalesce(max(i), 0)::integer as hidden from generate_series(1, cardinality($4::uuid[])) i
     where core.right_within($1::uuid, $2::uuid, $3::uuid, ($4::uuid[])[1:i]) < ${reading}`,
    [asker, node.spaceId, node.treeId, ids],
  );
  return node.around.slice(row?.hidden ?? 0);
}

/** To take something out of its folder is to change the folder: who was given a single file may write it and not take it away. */
export async function requireFolders(
  tx: Tx,
  spaces: Spaces,
  actor: Actor,
  nodes: readonly NodeAccess[],
): Promise<void> {
  const folderIds = [...new Set(nodes.flatMap(({ parentId }) => parentId ?? []))];
  const folders = await nodesFor(tx, spaces, actor, folderIds, 'free-busy').catch(() => []);
  if (folders.length === folderIds.length && folders.every(({ right }) => covers(right, 'write'))) return;
  throw forbidden('this needs the right to write in the folder that it lies in');
}

/** Which of these nodes a grant keeps from somebody who is in the space: what they are called is not for all of it. */
export async function closedToSome(tx: Tx, nodeIds: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select n.id from files.node n join files.tree t on t.id = n.tree_id
     where n.id = any($1::uuid[]) and exists (
       select from core.grant g where g.space_id = t.space_id and g.level < ${reading} and g.principal_kind <> 'link'
         and g.item_id = any(files.around(n.id)))`,
    [nodeIds],
  );
  return rows.map(({ id }) => id);
}
