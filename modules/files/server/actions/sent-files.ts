import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { mendedName, type SentFiles } from '../../contract/index.ts';
import { freeName, holderOf, nameColumns } from '../names.ts';
import type { FilesTables } from '../tables.ts';
import { awaitedBytes, type LockedTree, lockTreesOf, requireRoom } from '../tree-lock.ts';
import { type Needs, tellChanged } from './needs.ts';
import { openTree } from './open-trees.ts';
import { writeVersion } from './write-version.ts';

/** What the folder for what was sent is called where it is made; people call it what they like. */
const folderName = 'Chat';

/** See `SentFiles`. */
export function createSentFiles(needs: Needs, site: number): SentFiles {
  return {
    async keep(tx, actor, { spaceId, files }) {
      const { id: treeId, rootId } = await openTree(tx, { nextId: needs.nextId, site }, spaceId);
      const tree = (await lockTreesOf(tx, [rootId])).get(treeId);
      if (!tree) throw new Error('a tree has gone from its own top');
      requireRoom(
        tree,
        await awaitedBytes(tx, tree.id),
        files.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      const folderId = await sentFolder(tx, needs, actor, tree);
      const ids: string[] = [];
      for (const { name, ...content } of files) {
        const id = await makeNode(tx, needs, actor, tree, {
          parentId: folderId,
          name: await sentName(tx, folderId, mendedName(name)),
          sha256: content.sha256,
        });
        await writeVersion(tx, tree.id, id, actor.personId, content);
        ids.push(id);
      }
      tellChanged(tx, needs, tree, ids);
      return ids;
    },

    async find(tx, nodeIds) {
      if (nodeIds.length === 0) return { here: new Set(), there: new Set(), folders: new Set() };
      const rows = await tx.query<{ id: string; in_trash: boolean; is_folder: boolean }>(
        `with recursive up as (
           select n.id as origin, n.rank = 0 as is_folder, n.parent_id, n.trashed_at, 0 as depth
           from files.node n where n.id = any($1::uuid[])
           union all
           select up.origin, up.is_folder, p.parent_id, p.trashed_at, up.depth + 1
           from up cross join lateral (select * from files.node p where p.id = up.parent_id limit 1) p
           where up.depth < 100)
         select origin as id, is_folder, bool_or(trashed_at is not null) as in_trash from up group by origin, is_folder`,
        [nodeIds],
      );
      return {
        here: new Set(rows.filter(({ in_trash }) => !in_trash).map(({ id }) => id)),
        there: new Set(rows.map(({ id }) => id)),
        folders: new Set(rows.filter((row) => row.is_folder).map(({ id }) => id)),
      };
    },

    async takeBack(tx, actor, nodeIds) {
      if (nodeIds.length === 0) return;
      const trees = await lockTreesOf(tx, nodeIds);
      const rows = await tx.query<{ id: string; tree_id: string }>(
        `update files.node n set trashed_at = now(), trashed_by = $2
         from files.tree t
         where n.id = any($1::uuid[]) and t.id = n.tree_id and n.trashed_at is null and n.version = 1
           and n.parent_id = t.sent_folder_id
           and not exists (select from files.link l where l.node_id = n.id)
           and not exists (select from core.grant g where g.item_id = n.id)
         returning n.id, n.tree_id`,
        [nodeIds, actor.personId],
      );
      for (const tree of trees.values()) {
        const ids = rows.filter(({ tree_id }) => tree_id === tree.id).map(({ id }) => id);
        if (ids.length > 0) tellChanged(tx, needs, tree, ids);
      }
    },
  };
}

/** A node without content yet: what a file is made of is written as its first version. */
async function makeNode(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  tree: LockedTree,
  node: { readonly parentId: string; readonly name: string; readonly sha256: string | null },
): Promise<string> {
  const id = needs.nextId();
  await tx
    .as<FilesTables>()
    .insertInto('files.node')
    .values({
      id,
      org_id: actor.orgId,
      tree_id: tree.id,
      parent_id: node.parentId,
      rank: node.sha256 === null ? 0 : 1,
      ...nameColumns(node.name),
      sha256: node.sha256,
      changed_by: actor.personId,
      trashed_by: null,
    })
    .execute();
  return id;
}

/** What is pasted is called the same again and again: where numbers come to an end, the time tells them apart. */
async function sentName(tx: Tx, folderId: string, name: string): Promise<string> {
  if (!(await holderOf(tx, folderId, name))) return name;
  return freeName(tx, folderId, name).catch(() => {
    const dot = name.lastIndexOf('.');
    const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
    return freeName(
      tx,
      folderId,
      mendedName(`${stem} ${new Date().toISOString().replaceAll(':', '.')}${ending}`),
    );
  });
}

/** The folder of what was sent, wherever in its tree it lies by now; a new one where it, or one around it, is in the trash or gone. */
async function sentFolder(tx: Tx, needs: Needs, actor: PersonActor, tree: LockedTree): Promise<string> {
  const [known] = await tx.query<{ id: string }>(
    `with recursive up as (
       select n.id, n.parent_id, n.trashed_at, 0 as depth from files.tree t
         join files.node n on n.id = t.sent_folder_id and n.tree_id = t.id where t.id = $1
       union all
       select p.id, p.parent_id, p.trashed_at, up.depth + 1 from up join files.node p on p.id = up.parent_id
       where up.depth < 100)
     select t.sent_folder_id as id from files.tree t
     where t.id = $1 and exists (select from up) and not exists (select from up where up.trashed_at is not null)`,
    [tree.id],
  );
  if (known) return known.id;
  const id = await makeNode(tx, needs, actor, tree, {
    parentId: tree.rootId,
    name: await freeName(tx, tree.rootId, folderName),
    sha256: null,
  });
  await tx.query('update files.tree set sent_folder_id = $2 where id = $1', [tree.id, id]);
  tellChanged(tx, needs, tree, [id]);
  return id;
}
