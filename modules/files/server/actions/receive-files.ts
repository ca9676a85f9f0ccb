import { type PersonActor, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { folderFor, type NodeAccess } from '../access.ts';
import { fileWith, nameColumns, readName } from '../names.ts';
import { addBytes, awaitedBytes, lockTreesOf, requireRoom, treeOf } from '../tree-lock.ts';
import { type Needs, tellChanged } from './needs.ts';
import { beginUpload, finishUpload, type NewUpload, writeFile } from './uploads.ts';

/** A file whose bytes are stored already. */
export interface WholeFile {
  readonly actor: PersonActor;
  readonly upload: NewUpload;
  readonly content: { readonly sha256: string; readonly bytes: number };
  /** What is written in it, where that was read already. */
  readonly text: string | null;
}

/**
 * `upload`: is asked for by its id, so a row tells what has become of it; each is a version.
 * `batch`: is sent again where nobody heard its answer, so the same bytes under the same name are the file that is there.
 */
export type Way = 'upload' | 'batch';

export interface Made {
  readonly state: 'created' | 'version' | 'same';
  readonly nodeId: string;
  /** Null where nobody asks for it. */
  readonly uploadId: string | null;
}
/** What has become of it; or why it is refused; or that its name is there, so that it comes alone. */
export type Received = Made | { readonly refused: unknown } | 'alone';

/** Makes a file, or the next version of one, of what came whole. */
export async function receiveFile(
  tx: Tx,
  needs: Needs,
  way: Way,
  { actor, upload, content }: WholeFile,
): Promise<Made> {
  const sender = { personId: actor.personId };
  if (way === 'upload') {
    const uploadId = await beginUpload(tx, needs, actor, sender, upload);
    const nodeId = await finishUpload(tx, needs, actor, sender, uploadId, content);
    return { state: 'version', nodeId, uploadId };
  }
  const name = readName(upload.name);
  const trees = await lockTreesOf(tx, [upload.folderId]);
  const folder = await folderFor(tx, needs.spaces, actor, upload.folderId, 'write');
  const tree = treeOf(trees, folder);
  const there = await fileWith(tx, folder.id, name, content.sha256);
  if (there !== null) return { state: 'same', nodeId: there, uploadId: null };
  requireRoom(tree, await awaitedBytes(tx, tree.id), content.bytes);
  const written = { ...content, mediaType: upload.mediaType };
  const { nodeId, isNew } = await writeFile(tx, needs, actor, sender, { folder, tree, name }, written);
  return { state: isNew ? 'created' : 'version', nodeId, uploadId: null };
}

/** Makes new files of one folder in as many statements as one takes. Each is taken or refused by itself. */
export async function receiveFiles(
  tx: Tx,
  needs: Needs,
  way: Way,
  folderId: string,
  files: readonly WholeFile[],
): Promise<readonly Received[]> {
  const trees = await lockTreesOf(tx, [folderId]);
  const folders = new Map<string, NodeAccess | { readonly refused: unknown }>();
  for (const { actor } of files) {
    if (folders.has(actor.personId)) continue;
    const folder = await folderFor(tx, needs.spaces, actor, folderId, 'write').catch((error: unknown) => {
      if (error instanceof Problem && error.status < 500) return { refused: error };
      throw error;
    });
    folders.set(actor.personId, folder);
  }
  const found = [...folders.values()].find((each): each is NodeAccess => 'id' in each);
  if (!found) return files.map(({ actor }) => folders.get(actor.personId) as { refused: unknown });
  const tree = treeOf(trees, found);

  const named = files.map(({ upload }) => nameColumns(readName(upload.name)));
  const [awaited, taken] = await Promise.all([
    awaitedBytes(tx, tree.id),
    tx.query<{ id: string; name_hash: string; sha256: string | null }>(
      'select id, name_hash, sha256 from files.node where parent_id = $1 and name_hash = any($2) and trashed_at is null',
      [folderId, named.map(({ name_hash: hash }) => hash)],
    ),
  ]);
  const there = new Map(taken.map((row) => [row.name_hash, row]));
  const names = new Set(there.keys());
  let bytes = 0;
  const rows: { at: number; nodeId: string; uploadId: string | null }[] = [];
  const outcomes = files.map(({ actor, content }, at): Received => {
    const folder = folders.get(actor.personId)!;
    if ('refused' in folder) return folder;
    const hash = named[at]!.name_hash;
    if (names.has(hash)) {
      const known = there.get(hash);
      const isSame = way === 'batch' && known?.sha256 === content.sha256;
      return isSame ? { state: 'same', nodeId: known.id, uploadId: null } : 'alone';
    }
    try {
      requireRoom(tree, awaited + bytes, content.bytes);
    } catch (refused) {
      return { refused };
    }
    names.add(hash);
    bytes += content.bytes;
    const uploadId = way === 'upload' ? needs.nextId() : null;
    const nodeId = needs.nextId();
    rows.push({ at, nodeId, uploadId });
    return { state: 'created', nodeId, uploadId };
  });
  if (rows.length === 0) return outcomes;
  const of = <Value>(read: (file: WholeFile, row: (typeof rows)[number]) => Value): Value[] =>
    rows.map((row) => read(files[row.at]!, row));
  // Of one transaction, and in this order: each names what the one before made.
  await tx.query(
    `with given as (
       select * from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::text[],
         $11::text[], $12::uuid[], $13::uuid[], $14::text[])
         as g(node_id, name, name_hash, sort_key, words, bytes, sha256, media_type, person_id, upload_id, text)),
     made as (
       insert into files.node (id, org_id, tree_id, parent_id, rank, name, name_hash, sort_key, words, bytes, sha256,
         media_type, version, changed_by)
       select node_id, $1, $2, $3, 1, name, name_hash, sort_key, words, bytes, sha256, media_type, 1, person_id from given),
     kept as (
       insert into files.version (org_id, node_id, number, sha256, bytes, media_type, author_id)
       select $1, node_id, 1, sha256, bytes, media_type, person_id from given),
     read as (
       insert into files.text (org_id, node_id, of_content, text)
       select $1, node_id, sha256, text from given where text is not null)
     insert into files.upload (id, org_id, tree_id, folder_id, person_id, name, media_type, bytes, node_id)
     select upload_id, $1, $2, $3, person_id, name, media_type, bytes, node_id from given where upload_id is not null`,
    [
      files[0]!.actor.orgId,
      tree.id,
      folderId,
      of((_, { nodeId }) => nodeId),
      of((_, { at }) => named[at]!.name),
      of((_, { at }) => named[at]!.name_hash),
      of((_, { at }) => named[at]!.sort_key),
      of((_, { at }) => named[at]!.words),
      of(({ content }) => content.bytes),
      of(({ content }) => content.sha256),
      of(({ upload }) => upload.mediaType),
      of(({ actor }) => actor.personId),
      of((_, { uploadId }) => uploadId),
      of(({ text }) => text),
    ],
  );
  await addBytes(tx, tree.id, bytes);
  tellChanged(
    tx,
    needs,
    tree,
    rows.map(({ nodeId }) => nodeId),
  );
  return outcomes;
}
