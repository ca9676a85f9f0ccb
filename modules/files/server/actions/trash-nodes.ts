import { forbidden, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { nodesFor } from '../access.ts';
import { freeName, nameColumns } from '../names.ts';
import { requireFolders } from '../narrowed.ts';
import { lockTreesOf, treeOf } from '../tree-lock.ts';
import { type Needs, tellChanged } from './needs.ts';

/** Into the trash: what lies inside goes along unseen, and comes back with it. */
export async function trashNodes(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  nodeIds: readonly string[],
): Promise<void> {
  const trees = await lockTreesOf(tx, nodeIds);
  const nodes = await nodesFor(tx, needs.spaces, actor, nodeIds, 'write');
  if (nodes.some(({ parentId }) => parentId === null)) throw forbidden('the top of a space stays');
  await requireFolders(tx, needs.spaces, actor, nodes);
  await tx.query(
    'update files.node set trashed_at = now(), trashed_by = $2 where id = any($1::uuid[]) and trashed_at is null',
    [nodeIds, actor.personId],
  );
  for (const node of nodes) tellChanged(tx, needs, treeOf(trees, node), [node.id]);
}

/** Back to the folder they were in; to the top where that is gone or trashed itself. A name taken meanwhile gets a number. */
export async function restoreNodes(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  nodeIds: readonly string[],
): Promise<void> {
  const ids = [...new Set(nodeIds)];
  const trees = await lockTreesOf(tx, ids);
  const nodes = await trashedFor(tx, needs, actor, ids);
  for (const node of nodes) {
    const tree = treeOf(trees, node);
    const [parent] = await nodesFor(tx, needs.spaces, actor, [node.parentId ?? tree.rootId], 'write').catch(
      () => [],
    );
    const folderId = parent?.id ?? tree.rootId;
    const name = nameColumns(await freeName(tx, folderId, node.name));
    await tx.query(
      `update files.node set trashed_at = null, trashed_by = null, parent_id = $2, name = $3, name_hash = $4,
         sort_key = $5, words = $6 where id = $1`,
      [node.id, folderId, name.name, name.name_hash, name.sort_key, name.words],
    );
    tellChanged(tx, needs, tree, [node.id]);
  }
}

/** Nodes that were themselves trashed; also one whose folder went into the trash after it. */
export const trashedFor = (tx: Tx, needs: Needs, actor: PersonActor, nodeIds: readonly string[]) =>
  nodesFor(tx, needs.spaces, actor, nodeIds, 'write', { trash: true });
