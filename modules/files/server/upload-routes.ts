import { conflict, notFound, type PersonActor, Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { beginUpload, continueUpload, endUpload, maxFileBytes, readUpload } from '../contract/index.ts';
import { folderFor } from './access.ts';
import type { Needs } from './actions/needs.ts';
import * as uploads from './actions/uploads.ts';
import { type Reply, type Request, stillReads } from './download.ts';
import { isPiece, readCreation, readOffset, requirePiece, requireTus, tusVersion } from './tus.ts';
import { whileAllowed } from './while-allowed.ts';

interface Upload {
  readonly id: string;
  readonly folderId: string;
  readonly bytes: number;
  /** The file that it has become. */
  readonly nodeId: string | null;
}

/** What nobody has gone on with for so long is given up: its rows by retention, its bytes here. */
const sweptAfterMs = 8 * 24 * 60 * 60 * 1000;

/** The sender asks where the upload is, and goes on: what tus answers for one that another request has. */
const cut = () => new Problem(423, 'files-upload-cut', 'This upload was cut; go on from where it is.');

/**
 * tus 1.0.0 with the extensions creation, creation-with-upload and termination. Where an upload is, the spool alone knows: so
 * a killed process loses nothing of what it had written. The whole bytes become a blob, and then a row.
 */
export function serveUploads(core: Core, needs: Needs): void {
  const { http, db, blobs, jobs } = core;
  const { spool } = blobs;
  /** Who has an upload in this process. */
  const holders = new Map<string, { readonly gone: AbortController; readonly done: Promise<unknown> }>();

  /**
   * One request at a time has an upload. A newer one takes over from one whose line has died unnoticed: it is cut, and waited
   * for. Between processes nothing is held: there both would write the same bytes to the same place.
   */
  async function holding<T>(
    uploadId: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    for (let before = holders.get(uploadId); before && !signal.aborted; before = holders.get(uploadId)) {
      before.gone.abort();
      await before.done.catch(() => {});
    }
    // Whoever is gone herself takes nothing from anybody.
    if (signal.aborted) throw cut();
    const gone = new AbortController();
    const done = work(AbortSignal.any([signal, gone.signal])).finally(() => holders.delete(uploadId));
    holders.set(uploadId, { gone, done });
    return done;
  }

  const find = async (actor: PersonActor, uploadId: string): Promise<Upload> => {
    const [row] = await db.read(actor.orgId, (tx) =>
      tx.query<{ id: string; folder_id: string; bytes: number; node_id: string | null }>(
        'select id, folder_id, bytes, node_id from files.upload where id = $1 and person_id = $2',
        [uploadId, actor.personId],
      ),
    );
    if (!row) throw notFound('This upload');
    return { id: row.id, folderId: row.folder_id, bytes: row.bytes, nodeId: row.node_id };
  };

  /** Writes what a request carries; answers how much is here then. */
  async function write(
    actor: PersonActor,
    upload: Upload,
    at: number,
    { request, signal }: { request: Request; signal: AbortSignal },
  ): Promise<number> {
    const source = whileAllowed(request.raw, stillReads(core, request, actor, upload.folderId, 'write'));
    try {
      return await spool.append(upload.id, at, source, { maxBytes: upload.bytes, signal });
    } catch (error) {
      if ((error as { statusCode?: unknown }).statusCode === 413) throw error;
      if (!signal.aborted && !request.raw.destroyed) throw error;
      throw cut();
    }
  }

  /** Makes the file of an upload that is whole. */
  async function finish(actor: PersonActor, upload: Upload): Promise<void> {
    const content = await blobs.put(upload.bytes === 0 ? [] : await spool.open(upload.id), {
      maxBytes: maxFileBytes,
    });
    if (content.bytes !== upload.bytes) throw conflict('files-upload-short', 'This upload is not whole.');
    await db.transaction(actor.orgId, (tx) => uploads.finishUpload(tx, needs, actor, upload.id, content));
    await spool.remove(upload.id);
  }

  /** How much of it is here; what is whole is made a file first, so that whoever is told so finds it. */
  async function settle(actor: PersonActor, upload: Upload): Promise<number> {
    if (upload.nodeId !== null) return upload.bytes;
    const size = Math.min(await spool.size(upload.id), upload.bytes);
    if (size === upload.bytes) await finish(actor, upload);
    return size;
  }

  const say = (reply: Reply, headers: Record<string, string | number>): Reply =>
    reply.headers({ 'tus-resumable': tusVersion, ...headers });

  http.route(beginUpload, async ({ actor, request, reply, signal }) => {
    say(reply, { 'tus-version': tusVersion, 'tus-max-size': maxFileBytes });
    requireTus(request.headers);
    const wanted = readCreation(request.headers);
    const id = await db.transaction(actor.orgId, (tx) => uploads.beginUpload(tx, needs, actor, wanted));
    const upload: Upload = { id, folderId: wanted.folderId, bytes: wanted.bytes, nodeId: null };
    say(reply, { location: `/api/v1/files/uploads/${id}` });
    // What breaks off now can be gone on with: the upload is there, and its sender asks for it.
    const offset = await holding(id, signal, async (held) => {
      const at = isPiece(request.headers) ? await write(actor, upload, 0, { request, signal: held }) : 0;
      if (at === upload.bytes) await finish(actor, upload);
      return at;
    });
    return say(reply, { 'upload-offset': offset }).status(201).send();
  });
  http.route(readUpload, async ({ actor, params, request, reply, signal }) => {
    if (request.headers['tus-resumable'] !== undefined) requireTus(request.headers);
    await find(actor, params.uploadId);
    const [offset, length] = await holding(params.uploadId, signal, async () => {
      const upload = await find(actor, params.uploadId);
      return [await settle(actor, upload), upload.bytes];
    });
    return say(reply, { 'upload-offset': offset, 'upload-length': length }).send({ offset, length });
  });
  http.route(continueUpload, async ({ actor, params, request, reply, signal }) => {
    // What is refused is not read to its end: it may be long.
    say(reply, { connection: 'close' });
    requireTus(request.headers);
    requirePiece(request.headers);
    const at = readOffset(request.headers);
    await find(actor, params.uploadId);
    const offset = await holding(params.uploadId, signal, async (held) => {
      const upload = await find(actor, params.uploadId);
      await db.read(actor.orgId, (tx) => folderFor(tx, core.spaces, actor, upload.folderId, 'write'));
      const here = upload.nodeId === null ? await spool.size(upload.id) : upload.bytes;
      if (at !== here) throw conflict('files-upload-offset', `This upload is at ${here}.`);
      if (upload.nodeId !== null) return here;
      const end = at === upload.bytes ? at : await write(actor, upload, at, { request, signal: held });
      if (end === upload.bytes) await finish(actor, upload);
      return end;
    });
    reply.removeHeader('connection');
    return say(reply, { 'upload-offset': offset }).status(204).send();
  });
  http.route(endUpload, async ({ actor, params, reply, signal }) => {
    await find(actor, params.uploadId);
    await holding(params.uploadId, signal, async () => {
      await db.transaction(actor.orgId, (tx) =>
        tx.query('delete from files.upload where id = $1 and person_id = $2', [
          params.uploadId,
          actor.personId,
        ]),
      );
      await spool.remove(params.uploadId);
    });
    return say(reply, {}).status(204).send();
  });

  jobs.every('files.sweep-uploads', '23 4 * * *', async () => {
    await spool.sweep(sweptAfterMs);
  });
}
