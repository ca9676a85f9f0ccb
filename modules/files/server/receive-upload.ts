import { conflict, Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { whileAllowed } from '@liaison/core/http';
import { maxFileBytes } from '../contract/index.ts';
import type { Reply, Request } from './download.ts';
import { isPiece, readOffset, requirePiece, requireTus, tusVersion } from './tus.ts';

/** An upload that is on its way, with what its sender may. */
export interface Upload {
  readonly id: string;
  readonly bytes: number;
  /** The file that it has become. */
  readonly nodeId: string | null;
  /** Asked while bytes come: whether its sender may still send. */
  isAllowed(): Promise<boolean>;
  /** Makes the file, whose bytes are a blob now; safe to run twice. */
  becomeFile(content: { sha256: string; bytes: number }): Promise<void>;
}

export interface Exchange {
  readonly request: Request;
  readonly reply: Reply;
  readonly signal: AbortSignal;
}

/** The sender asks where the upload is, and goes on: what tus answers for one that another request has. */
const cut = () => new Problem(423, 'files-upload-cut', 'This upload was cut; go on from where it is.');

export type Receiver = ReturnType<typeof createReceiver>;

/**
 * The server's half of tus 1.0.0 with the extensions creation, creation-with-upload and termination, whoever sends. Where an
 * upload is, the spool alone knows: so a killed process loses nothing of what it had written. The whole bytes become a blob, and
 * then a row.
 */
export function createReceiver({ blobs }: Pick<Core, 'blobs'>) {
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

  /** Writes what a request carries; answers how much is here then. */
  async function write(upload: Upload, at: number, request: Request, signal: AbortSignal): Promise<number> {
    const source = whileAllowed(request.raw, () => upload.isAllowed());
    try {
      return await spool.append(upload.id, at, source, { maxBytes: upload.bytes, signal });
    } catch (error) {
      if ((error as { statusCode?: unknown }).statusCode === 413) throw error;
      if (!signal.aborted && !request.raw.destroyed) throw error;
      throw cut();
    }
  }

  /** Makes the file of an upload that is whole. */
  async function finish(upload: Upload): Promise<void> {
    const limit = { maxBytes: maxFileBytes };
    const content =
      upload.bytes === 0 ? await blobs.put([], limit) : await blobs.putSpooled(upload.id, limit);
    if (content.bytes !== upload.bytes) throw conflict('files-upload-short', 'This upload is not whole.');
    await upload.becomeFile(content);
    await spool.remove(upload.id);
  }

  /** How much of it is here; what is whole is made a file first, so that whoever is told so finds it. */
  async function settle(upload: Upload): Promise<number> {
    if (upload.nodeId !== null) {
      // A process that was killed once it had the row has left the bytes.
      await spool.remove(upload.id);
      return upload.bytes;
    }
    const size = Math.min(await spool.size(upload.id), upload.bytes);
    if (size === upload.bytes) await finish(upload);
    return size;
  }

  const say = (reply: Reply, headers: Record<string, string | number>): Reply =>
    reply.headers({ 'tus-resumable': tusVersion, ...headers });

  return {
    /** `make` keeps a place for it, or takes all of it at once; and says where it is asked for from now on. */
    async begin(
      { request, reply, signal }: Exchange,
      make: () => Promise<{ location: string } & ({ upload: Upload } | { whole: number })>,
    ): Promise<Reply> {
      say(reply, { 'tus-version': tusVersion, 'tus-max-size': maxFileBytes });
      requireTus(request.headers);
      const made = await make();
      say(reply, { location: made.location });
      if ('whole' in made) return say(reply, { 'upload-offset': made.whole }).status(201).send();
      const { upload } = made;
      // What breaks off now can be gone on with: the upload is there, and its sender asks for it.
      const offset = await holding(upload.id, signal, async (held) => {
        const at = isPiece(request.headers) ? await write(upload, 0, request, held) : 0;
        if (at === upload.bytes) await finish(upload);
        return at;
      });
      return say(reply, { 'upload-offset': offset }).status(201).send();
    },
    /** `find` loads it for its sender, before it is held and after: meanwhile it may have become a file. */
    async tell({ request, reply, signal }: Exchange, find: () => Promise<Upload>): Promise<Reply> {
      if (request.headers['tus-resumable'] !== undefined) requireTus(request.headers);
      const [offset, length] = await holding((await find()).id, signal, async () => {
        const upload = await find();
        return [await settle(upload), upload.bytes];
      });
      return say(reply, { 'upload-offset': offset, 'upload-length': length }).send({ offset, length });
    },
    /** `requireMay` refuses who may not send into its folder any more. */
    async goOn(
      { request, reply, signal }: Exchange,
      find: () => Promise<Upload>,
      requireMay: () => Promise<void>,
    ): Promise<Reply> {
      // What is refused is not read to its end: it may be long.
      say(reply, { connection: 'close' });
      requireTus(request.headers);
      requirePiece(request.headers);
      const at = readOffset(request.headers);
      const offset = await holding((await find()).id, signal, async (held) => {
        const upload = await find();
        await requireMay();
        const here = upload.nodeId === null ? await spool.size(upload.id) : upload.bytes;
        if (at !== here) throw conflict('files-upload-offset', `This upload is at ${here}.`);
        if (upload.nodeId !== null) return here;
        const end = at === upload.bytes ? at : await write(upload, at, request, held);
        if (end === upload.bytes) await finish(upload);
        return end;
      });
      reply.removeHeader('connection');
      return say(reply, { 'upload-offset': offset }).status(204).send();
    },
    /** `forget` takes its row away. */
    async end(
      { reply, signal }: Exchange,
      find: () => Promise<Upload>,
      forget: () => Promise<void>,
    ): Promise<Reply> {
      const { id } = await find();
      await holding(id, signal, async () => {
        await forget();
        await spool.remove(id);
      });
      return say(reply, {}).status(204).send();
    },
  };
}
