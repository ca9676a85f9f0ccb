import { type Actor, conflict, notFound } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { folderFor, type NodeAccess } from '../access.ts';
import { freeName, holderOf, nameColumns, readName } from '../names.ts';
import type { FilesTables } from '../tables.ts';
import { awaitedBytes, type LockedTree, lockTreesOf, requireRoom, treeOf } from '../tree-lock.ts';
import { type Needs, tellChanged } from './needs.ts';
import { type Content, writeVersion } from './write-version.ts';

export interface NewUpload {
  readonly folderId: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
}

/** Who sends: a person, or a stranger on a visit by a link, who sees nothing of the folder. */
export type Sender =
  | { readonly personId: string }
  | { readonly personId: null; readonly linkId: string; readonly visit: string };

const neededOf = (sender: Sender) => (sender.personId === null ? 'free-busy' : 'write');
const blindOf = (sender: Sender) => ({ blind: sender.personId === null });

/** So many strangers' uploads of one link wait at once: each holds its room. */
const mostByLink = 100;

/** Keeps a place for a file that is about to come: what does not fit is refused before a byte of it is sent. */
export async function beginUpload(
  tx: Tx,
  needs: Needs,
  actor: Actor,
  sender: Sender,
  { folderId, name: given, mediaType, bytes }: NewUpload,
): Promise<string> {
  const name = readName(given);
  const trees = await lockTreesOf(tx, [folderId]);
  const folder = await folderFor(tx, needs.spaces, actor, folderId, neededOf(sender), blindOf(sender));
  const tree = treeOf(trees, folder);
  if (sender.personId === null) {
    const waiting = await tx.query(
      'select 1 from files.upload where link_id = $1 and node_id is null limit $2',
      [sender.linkId, mostByLink],
    );
    if (waiting.length === mostByLink) {
      throw conflict('files-link-busy', 'Too many files are on their way by this link. Try again later.');
    }
  }
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
      person_id: sender.personId,
      link_id: sender.personId === null ? sender.linkId : null,
      visit: sender.personId === null ? sender.visit : null,
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
  actor: Actor,
  sender: Sender,
  uploadId: string,
  content: { sha256: string; bytes: number },
): Promise<string> {
  const [known] = await tx.query<{ folder_id: string }>(
    `select folder_id from files.upload where id = $1 and person_id is not distinct from $2::uuid
       and link_id is not distinct from $3::uuid`,
    [uploadId, sender.personId, sender.personId === null ? sender.linkId : null],
  );
  if (!known) throw notFound('This upload');
  const trees = await lockTreesOf(tx, [known.folder_id]);
  const [upload] = await tx.query<{ name: string; media_type: string; node_id: string | null }>(
    'select name, media_type, node_id from files.upload where id = $1 for update',
    [uploadId],
  );
  if (!upload) throw notFound('This upload');
  if (upload.node_id !== null) return upload.node_id;
  const folder = await folderFor(tx, needs.spaces, actor, known.folder_id, neededOf(sender), blindOf(sender));
  const tree = treeOf(trees, folder);
  const { nodeId } = await writeFile(
    tx,
    needs,
    actor,
    sender,
    { folder, tree, name: upload.name },
    {
      ...content,
      mediaType: upload.media_type,
    },
  );
  await tx.query('update files.upload set node_id = $2 where id = $1', [uploadId, nodeId]);
  return nodeId;
}

/** Content under a name in a folder, whose tree is locked: a new file, or the next version of the one that is called so. */
export async function writeFile(
  tx: Tx,
  needs: Needs,
  actor: Actor,
  sender: Sender,
  { folder, tree, name: wanted }: { folder: NodeAccess; tree: LockedTree; name: string },
  written: Content,
): Promise<{ nodeId: string; isNew: boolean }> {
  const holder = await holderOf(tx, folder.id, wanted);
  // A stranger writes over nothing: what is there already is not hers, and she does not know of it.
  const versionOf = holder?.kind === 'file' && sender.personId !== null ? holder.id : null;
  const nodeId = versionOf ?? needs.nextId();
  if (versionOf === null) {
    const name = holder === null ? wanted : await freeName(tx, folder.id, wanted);
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
        sha256: written.sha256,
        changed_by: sender.personId,
        trashed_by: null,
      })
      .execute();
  }
  await writeVersion(tx, tree.id, nodeId, sender.personId, written);
  tellChanged(tx, needs, tree, [nodeId]);
  return { nodeId, isNew: versionOf === null };
}
