import { forbidden, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { nodeFor } from '../access.ts';
import { nameColumns, readName, requireFreeName } from '../names.ts';
import type { FilesTables } from '../tables.ts';
import { lockTreesOf, treeOf } from '../tree-lock.ts';
import { type Needs, tellChanged } from './needs.ts';

/** Another name in the same folder; another case of the same name is one too. */
export async function renameNode(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  nodeId: string,
  given: string,
): Promise<void> {
  const name = readName(given);
  const trees = await lockTreesOf(tx, [nodeId]);
  const node = await nodeFor(tx, needs.spaces, actor, nodeId, 'write');
  const tree = treeOf(trees, node);
  if (node.parentId === null) throw forbidden('the top of a space is called as the space is');
  if (node.name === name) return;
  await requireFreeName(tx, node.parentId, name, node.id);
  await tx
    .as<FilesTables>()
    .updateTable('files.node')
    .set({ ...nameColumns(name), changed_at: new Date(), changed_by: actor.personId })
    .where('id', '=', node.id)
    .execute();
  tellChanged(tx, needs, tree, [node.id]);
}
