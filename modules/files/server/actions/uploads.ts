import { notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { folderFor } from '../access.ts';
import { freeName, holderOf, nameColumns, readName } from '../names.ts';
import type { FilesTables } from '../tables.ts';
import { awaitedBytes, lockTreesOf, requireRoom, treeOf } from '../tree-lock.ts';
import { type Needs, tellChanged } from './needs.ts';
import { type Content, writeVersion } from './write-version.ts';

export interface NewUpload {
  readonly folderId: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
}

/** Keeps a place for a file that is about to come: what does not fit is refused before a byte of it is sent. */
export async function beginUpload(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  { folderId, name: given, mediaType, bytes }: NewUpload,
): Promise<string> {
  const name = readName(given);
  const trees = await lockTreesOf(tx, [folderId]);
  const folder = await folderFor(tx, needs.spaces, actor, folderId, 'write');
  const tree = treeOf(trees, folder);
  requireRoom(tree, await awaitedBytes(tx, tree.id), bytes);
  const id = needs.nextId();
  await tx
    .as<FilesTables>()
    .insertInto('files.upload')
    .values({
      id,
      org_id: actor.orgId,
      tree_id: tree.id,
      folder_id: folder.id,
      person_id: actor.personId,
      name,
      media_type: mediaType,
      bytes,
      node_id: null,
    })
    .execute();
  return id;
}

/**
 * Makes a file of an upload whose bytes are stored; on a file of the same name it is the next version. Safe to run twice:
 * the second time it answers the file that there is.
 */
export async function finishUpload(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  uploadId: string,
  content: { sha256: string; bytes: number },
): Promise<string> {
  const [known] = await tx.query<{ folder_id: string }>(
    'select folder_id from files.upload where id = $1 and person_id = $2',
    [uploadId, actor.personId],
  );
  if (!known) throw notFound('This upload');
  const trees = await lockTreesOf(tx, [known.folder_id]);
  const [upload] = await tx.query<{ name: string; media_type: string; node_id: string | null }>(
    'select name, media_type, node_id from files.upload where id = $1 for update',
    [uploadId],
  );
  if (!upload) throw notFound('This upload');
  if (upload.node_id !== null) return upload.node_id;
  const folder = await folderFor(tx, needs.spaces, actor, known.folder_id, 'write');
  const tree = treeOf(trees, folder);
  const written: Content = { ...content, mediaType: upload.media_type };
  const holder = await holderOf(tx, folder.id, upload.name);
  let nodeId = holder?.kind === 'file' ? holder.id : null;
  if (nodeId === null) {
    nodeId = needs.nextId();
    const name = holder === null ? upload.name : await freeName(tx, folder.id, upload.name);
    await tx
      .as<FilesTables>()
      .insertInto('files.node')
      .values({
        id: nodeId,
        org_id: actor.orgId,
        tree_id: tree.id,
        parent_id: folder.id,
        rank: 1,
        ...nameColumns(name),
        sha256: content.sha256,
        changed_by: actor.personId,
        trashed_by: null,
      })
      .execute();
  }
  await writeVersion(tx, tree.id, nodeId, actor.personId, written);
  await tx.query('update files.upload set node_id = $2 where id = $1', [uploadId, nodeId]);
  tellChanged(tx, needs, tree, [nodeId]);
  return nodeId;
}
