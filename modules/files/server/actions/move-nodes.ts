import { conflict, forbidden, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { maxDepth } from '../../contract/index.ts';
import { folderFor, nodesFor } from '../access.ts';
import { requireFreeName } from '../names.ts';
import { requireFolders, requireWhole } from '../narrowed.ts';
import { addBytes, awaitedBytes, lockTreesOf, requireRoom, treeOf } from '../tree-lock.ts';
import { tooDeep } from './create-folder.ts';
import { type Needs, tellChanged } from './needs.ts';
import { bytesOf, insideOf } from './subtree.ts';

/** More is moved to another space in parts: all of it is one transaction. */
const maxAcrossSpaces = 20_000;

/**
 * Into a folder of the same tree or of another one. All trees are locked before it is asked where things are, so that of two
 * people who move each other's folder into their own the second is refused.
 */
export async function moveNodes(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  nodeIds: readonly string[],
  folderId: string,
): Promise<void> {
  const ids = [...new Set(nodeIds)];
  const trees = await lockTreesOf(tx, [...ids, folderId]);
  const folder = await folderFor(tx, needs.spaces, actor, folderId, 'write');
  const nodes = await nodesFor(tx, needs.spaces, actor, ids, 'write');
  await requireFolders(tx, needs.spaces, actor, nodes);
  const target = treeOf(trees, folder);
  const around = new Set([folder.id, ...folder.around.map(({ id }) => id)]);
  for (const node of nodes) {
    const tree = treeOf(trees, node);
    if (node.parentId === null) throw forbidden('the top of a space stays where it is');
    if (around.has(node.id)) {
      throw conflict('files-into-itself', 'A folder cannot be moved into itself or into what lies in it.');
    }
    if (node.parentId === folder.id) continue;
    await requireFreeName(tx, folder.id, node.name);
    const inside = await insideOf(tx, [node.id], maxAcrossSpaces + 1);
    const height = Math.max(0, ...inside.filter(({ rank }) => rank === 0).map(({ depth }) => depth + 1));
    if (folder.around.length + 1 + height > maxDepth) throw tooDeep();
    if (tree.id !== target.id) {
      await requireWhole(tx, actor.personId, node);
      await changeTree(tx, needs, tree, target, inside);
    }
    await tx.query('update files.node set parent_id = $2 where id = $1', [node.id, folder.id]);
    if (tree.id !== target.id) tellChanged(tx, needs, tree, [node.id]);
  }
  tellChanged(tx, needs, target, ids);
}

/** What goes to another space leaves its grants and links behind: who may see it there is that space's business. */
async function changeTree(
  tx: Tx,
  { spaces }: Needs,
  from: ReturnType<typeof treeOf>,
  target: ReturnType<typeof treeOf>,
  inside: Awaited<ReturnType<typeof insideOf>>,
): Promise<void> {
  if (inside.length > maxAcrossSpaces) {
    throw conflict('files-too-many', 'This is too much for one step. Take its folders one after the other.');
  }
  const ids = inside.map(({ id }) => id);
  const bytes = await bytesOf(tx, ids);
  const [now] = await tx.query<{ used_bytes: number }>('select used_bytes from files.tree where id = $1', [
    target.id,
  ]);
  requireRoom({ ...target, usedBytes: now?.used_bytes ?? 0 }, await awaitedBytes(tx, target.id), bytes);
  await tx.query('update files.node set tree_id = $2 where id = any($1::uuid[])', [ids, target.id]);
  await tx.query('update files.upload set tree_id = $2 where folder_id = any($1::uuid[])', [ids, target.id]);
  await tx.query('delete from files.link where node_id = any($1::uuid[])', [ids]);
  await spaces.revokeAll(tx, from.spaceId, ids);
  await addBytes(tx, from.id, -bytes);
  await addBytes(tx, target.id, bytes);
}
