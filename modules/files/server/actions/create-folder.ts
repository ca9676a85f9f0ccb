import { conflict, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { maxDepth } from '../../contract/index.ts';
import { folderFor } from '../access.ts';
import { holderOf, nameColumns, nameTaken, readName } from '../names.ts';
import type { FilesTables } from '../tables.ts';
import { lockTreesOf, treeOf } from '../tree-lock.ts';
import { type Needs, tellChanged } from './needs.ts';

export const tooDeep = () =>
  conflict('files-too-deep', `Folders can lie ${maxDepth} deep in each other, and no deeper.`);

/** A new folder; with `use` the one of that name, so that a whole folder can be sent again. Answers its id. */
export async function createFolder(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  parentId: string,
  { name: given, ifThere }: { name: string; ifThere: 'refuse' | 'use' },
): Promise<string> {
  const name = readName(given);
  const trees = await lockTreesOf(tx, [parentId]);
  const parent = await folderFor(tx, needs.spaces, actor, parentId, 'write');
  const tree = treeOf(trees, parent);
  const holder = await holderOf(tx, parent.id, name);
  if (holder) {
    if (ifThere === 'use' && holder.kind === 'folder') return holder.id;
    throw nameTaken();
  }
  if (parent.around.length + 1 >= maxDepth) throw tooDeep();
  const id = needs.nextId();
  await tx
    .as<FilesTables>()
    .insertInto('files.node')
    .values({
      id,
      org_id: actor.orgId,
      tree_id: tree.id,
      parent_id: parent.id,
      rank: 0,
      ...nameColumns(name),
      sha256: null,
      changed_by: actor.personId,
      trashed_by: null,
    })
    .execute();
  tellChanged(tx, needs, tree, [id]);
  return id;
}
