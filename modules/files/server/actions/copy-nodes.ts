import { conflict, forbidden, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { maxDepth } from '../../contract/index.ts';
import { folderFor, nodesFor } from '../access.ts';
import { freeName, nameColumns } from '../names.ts';
import { lessBelow } from '../narrowed.ts';
import { addBytes, awaitedBytes, lockTreesOf, requireRoom, treeOf } from '../tree-lock.ts';
import { tooDeep } from './create-folder.ts';
import { type Needs, tellChanged } from './needs.ts';
import { insideOf } from './subtree.ts';

/** So many rows are copied in one transaction. */
const maxCopied = 10_000;

/** Copies of the newest versions; their bytes are the same blobs. Answers the ids of the copies, in the order asked for. */
export async function copyNodes(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  nodeIds: readonly string[],
  folderId: string,
): Promise<string[]> {
  const ids = [...new Set(nodeIds)];
  const trees = await lockTreesOf(tx, [...ids, folderId]);
  const folder = await folderFor(tx, needs.spaces, actor, folderId, 'write');
  const nodes = await nodesFor(tx, needs.spaces, actor, ids, 'read');
  const tree = treeOf(trees, folder);
  const around = new Set([folder.id, ...folder.around.map(({ id }) => id)]);
  const made: string[] = [];
  for (const node of nodes) {
    if (node.parentId === null) throw forbidden('the top of a space cannot be copied whole');
    if (node.kind === 'folder' && around.has(node.id)) {
      throw conflict('files-into-itself', 'A folder cannot be copied into itself or into what lies in it.');
    }
    const hidden = await lessBelow(tx, actor.personId, node, 'read');
    const inside = (await insideOf(tx, [node.id], maxCopied + 1, hidden)).filter(({ trashed }) => !trashed);
    if (inside.length > maxCopied) {
      throw conflict(
        'files-too-many',
        'This is too much for one step. Take its folders one after the other.',
      );
    }
    const height = Math.max(0, ...inside.filter(({ rank }) => rank === 0).map(({ depth }) => depth + 1));
    if (folder.around.length + 1 + height > maxDepth) throw tooDeep();
    const copies = new Map(inside.map(({ id }) => [id, needs.nextId()]));
    const written = await tx.query<{ bytes: number }>(
      `insert into files.node (id, org_id, tree_id, parent_id, rank, name, name_hash, sort_key, words, bytes, sha256,
         media_type, version, changed_by)
       select c.id, n.org_id, $3::uuid, coalesce(p.id, $4::uuid), n.rank, n.name, n.name_hash, n.sort_key, n.words,
         n.bytes, n.sha256, n.media_type, n.rank, $5::uuid
       from unnest($1::uuid[], $2::uuid[]) as c(source, id) join files.node n on n.id = c.source
         left join unnest($1::uuid[], $2::uuid[]) as p(source, id) on p.source = n.parent_id and n.id <> $6::uuid
       where n.id <> $6::uuid
       returning bytes`,
      [[...copies.keys()], [...copies.values()], tree.id, folder.id, actor.personId, node.id],
    );
    const top = nameColumns(await freeName(tx, folder.id, node.name));
    const copyId = copies.get(node.id) as string;
    await tx.query(
      `insert into files.node (id, org_id, tree_id, parent_id, rank, name, name_hash, sort_key, words, bytes, sha256,
         media_type, version, changed_by)
       select $1, n.org_id, $2, $3, n.rank, $4, $5, $6, $7, n.bytes, n.sha256, n.media_type, n.rank, $8
       from files.node n where n.id = $9`,
      [copyId, tree.id, folder.id, top.name, top.name_hash, top.sort_key, top.words, actor.personId, node.id],
    );
    await tx.query(
      `insert into files.version (org_id, node_id, number, sha256, bytes, media_type, author_id)
       select n.org_id, n.id, 1, n.sha256, n.bytes, n.media_type, $2::uuid from files.node n
       where n.id = any($1::uuid[]) and n.rank = 1`,
      [[...copies.values()], actor.personId],
    );
    const bytes = written.reduce((sum, row) => sum + row.bytes, node.bytes);
    const [now] = await tx.query<{ used_bytes: number }>('select used_bytes from files.tree where id = $1', [
      tree.id,
    ]);
    requireRoom({ ...tree, usedBytes: now?.used_bytes ?? 0 }, await awaitedBytes(tx, tree.id), bytes);
    await addBytes(tx, tree.id, bytes);
    made.push(copyId);
  }
  tellChanged(tx, needs, tree, made);
  return made;
}
