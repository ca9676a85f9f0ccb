import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { addBytes, lockTreesOf, treeOf } from '../tree-lock.ts';
import { type Needs, tellChanged } from './needs.ts';
import { bytesOf, insideOf } from './subtree.ts';
import { trashedFor } from './trash-nodes.ts';

/** More than a folder may hold with all inside. */
const maxDeleted = 2_000_000;

/** Deletes for ever what somebody finds in the trash. */
export async function deleteNodes(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  nodeIds: readonly string[],
): Promise<void> {
  const trees = await lockTreesOf(tx, nodeIds);
  const nodes = await trashedFor(tx, needs, actor, nodeIds);
  for (const node of nodes) {
    const tree = treeOf(trees, node);
    // What lay inside is told as well: whoever keeps something of it cannot look up any more what that was.
    tellChanged(tx, needs, tree, await forget(tx, tree.id, [node.id]));
  }
}

/**
 * Removes nodes with everything inside, and gives their room back; the tree's row is locked by whoever calls. Blobs stay:
 * another file may be of the same bytes. Answers the ids of all that went.
 */
export async function forget(tx: Tx, treeId: string, nodeIds: readonly string[]): Promise<string[]> {
  const inside = await insideOf(tx, nodeIds, maxDeleted);
  const ids = inside.map(({ id }) => id);
  const bytes = await bytesOf(tx, ids);
  await tx.query('delete from files.version where node_id = any($1::uuid[])', [ids]);
  await tx.query('delete from files.star where node_id = any($1::uuid[])', [ids]);
  await tx.query('delete from files.link where node_id = any($1::uuid[])', [ids]);
  await tx.query('delete from core.grant where item_id = any($1::uuid[])', [ids]);
  await tx.query('delete from files.node where id = any($1::uuid[])', [ids]);
  // Behind its file: who keeps a text holds the file, so that none is written after this.
  await tx.query('delete from files.text where node_id = any($1::uuid[])', [ids]);
  await addBytes(tx, treeId, -bytes);
  return ids;
}
