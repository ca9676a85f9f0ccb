import { createHash, type Hash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { constants, type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemCode } from '../config/index.ts';
import { BlobTooLargeError, type StoredBlob } from './blobs.ts';

/**
 * Bytes that come in pieces and are no blob yet: an upload that may be cut and gone on with. What was written before a
 * process was killed is still there. Whoever begins one removes it.
 */
export interface Spool {
  /** How many bytes are there; 0 where nothing was begun, or what was begun has been swept away. */
  size(id: string): Promise<number>;
  /**
   * Writes from `at` on, which is its size as it was asked for, and answers its size when that is on the disk. What came before a
   * source broke off is kept. What a request of HTTP brings is empty once it is written. @throws BlobTooLargeError beyond `maxBytes`;
   * what fits is kept.
   */
  append(
    id: string,
    at: number,
    source: Readable | AsyncIterable<Uint8Array>,
    options: { maxBytes: number; signal?: AbortSignal },
  ): Promise<number>;
  /** All of it. The caller consumes or destroys the stream. */
  open(id: string): Promise<Readable>;
  remove(id: string): Promise<void>;
  /** Removes what nobody has written to for so long; answers how many went. */
  sweep(untouchedMs: number): Promise<number>;
}

export interface FolderSpool extends Spool {
  /**
   * Closes what is whole, where one process alone ever wrote it: nobody changes that file any more, so that it may become a blob as
   * it is. Null where others may still hold it open: its bytes must be copied.
   */
  seal(id: string): Promise<(StoredBlob & { readonly path: string }) | null>;
}

/** Sums of so many that are on their way are kept; the others are read once more when they are whole. */
const mostSums = 500;
/** So much waits for the disk at once. For more the system looks for memory in one piece, which a machine that shares its memory lacks. */
const waitingBytes = 256 * 1024;
/** After so much the disk begins to write, while more comes. */
const syncEveryBytes = 8 * 1024 * 1024;

/**
 * A spool in a folder of this machine, or one that several share. Nothing is opened before it is used.
 *
 * What one process writes is `<id>.<process>`. Another that goes on with it, because its sender came to it or the first was killed,
 * takes it over by renaming it to `<id>`: from then on several may write it. Sealed it is `<id>.whole`, which nobody writes.
 */
export function createSpool(folder: string): FolderSpool {
  const own = randomBytes(4).toString('hex');
  const sums = new Map<string, { readonly hash: Hash; position: number }>();
  const pathOf = (id: string, kind: 'own' | 'shared' | 'whole'): string => {
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new TypeError('not an id');
    return join(folder, kind === 'shared' ? id : `${id}.${kind === 'own' ? own : kind}`);
  };
  const sizeOf = (path: string): Promise<number | null> =>
    unlessMissing(stat(path).then((found) => found.size));
  /** What other processes have of it. */
  const foreign = async (id: string): Promise<string[]> =>
    ((await unlessMissing(readdir(folder))) ?? [])
      .filter((name) => name.startsWith(`${id}.`))
      .map((name) => join(folder, name));

  async function find(id: string): Promise<{ path: string; kind: string; bytes: number } | null> {
    for (const kind of ['own', 'shared', 'whole'] as const) {
      const path = pathOf(id, kind);
      const bytes = await sizeOf(path);
      if (bytes !== null) return { path, kind, bytes };
    }
    for (const path of await foreign(id)) {
      const bytes = await sizeOf(path);
      if (bytes !== null) return { path, kind: 'foreign', bytes };
    }
    return null;
  }

  /** The file that this process may write to. */
  async function writable(id: string): Promise<string> {
    for (;;) {
      const found = await find(id);
      if (found === null) return pathOf(id, 'own');
      if (found.kind === 'whole') throw new Error('nothing is added to what is whole');
      if (found.kind !== 'foreign') return found.path;
      await unlessMissing(rename(found.path, pathOf(id, 'shared')));
    }
  }

  /** The sum of what is there so far, where this process wrote all of it. */
  function sumTo(id: string, at: number): { readonly hash: Hash; position: number } | undefined {
    if (at === 0) sums.set(id, { hash: createHash('sha256'), position: 0 });
    const sum = sums.get(id);
    if (sum?.position !== at) sums.delete(id);
    for (const oldest of sums.keys()) {
      if (sums.size <= mostSums) break;
      sums.delete(oldest);
    }
    return sums.get(id);
  }

  return {
    size: async (id) => (await find(id))?.bytes ?? 0,
    async append(id, at, source, { maxBytes, signal }) {
      signal?.throwIfAborted();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // Never truncated and not in append mode: of two who write one piece both write the same bytes to the same place.
      const handle = await open(await writable(id), constants.O_RDWR | constants.O_CREAT, 0o600);
      const sum = sumTo(id, at);
      // Nobody else ever sees what a request brings; what others do with theirs, nobody knows.
      const isOurs = source instanceof IncomingMessage;
      const writing = writeTo(handle, at, maxBytes, (bytes) => {
        sum?.hash.update(bytes);
        if (sum) sum.position += bytes.byteLength;
        if (isOurs) giveBack(bytes);
      });
      try {
        await pipeline(
          source as AsyncIterable<Uint8Array>,
          writing.stream,
          signal === undefined ? {} : { signal },
        );
      } finally {
        await writing
          .settled()
          .then(() => handle.sync())
          .finally(() => handle.close());
      }
      return writing.position();
    },
    async open(id) {
      const found = await find(id);
      const handle = await open(found?.path ?? pathOf(id, 'own'), 'r');
      return handle.createReadStream({ highWaterMark: waitingBytes });
    },
    async seal(id) {
      const path = pathOf(id, 'whole');
      await unlessMissing(rename(pathOf(id, 'own'), path));
      const bytes = await sizeOf(path);
      if (bytes === null) return null;
      const sum = sums.get(id);
      sums.delete(id);
      if (sum?.position === bytes) return { path, bytes, sha256: sum.hash.digest('hex') };
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path, { highWaterMark: waitingBytes })) hash.update(chunk);
      return { path, bytes, sha256: hash.digest('hex') };
    },
    async remove(id) {
      sums.delete(id);
      let gone = 0;
      for (const kind of ['own', 'shared', 'whole'] as const) {
        if ((await unlessMissing(rm(pathOf(id, kind)).then(() => true))) !== null) gone += 1;
      }
      if (gone > 0) return;
      for (const path of await foreign(id)) await rm(path, { force: true });
    },
    async sweep(untouchedMs) {
      const names = await readdir(folder).catch(() => []);
      let gone = 0;
      for (const name of names) {
        const found = await stat(join(folder, name)).catch(() => undefined);
        if (found === undefined || found.mtimeMs > Date.now() - untouchedMs) continue;
        await rm(join(folder, name), { force: true });
        gone += 1;
      }
      return gone;
    },
  };
}

const unlessMissing = <Found>(asked: Promise<Found>): Promise<Found | null> =>
  asked.catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });

/**
 * Gives back the memory of a piece at once. Left to the collector, 64 kB that a request brings are one small object to it: it looks
 * through all of the heap for every 50 MB that come, which takes longer than everything else that is done with them.
 */
function giveBack(piece: Uint8Array): void {
  const { buffer } = piece;
  // A part of something larger is not alone in it.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === piece.byteLength) buffer.transfer(0);
}

/**
 * Takes what comes and writes it from a place on: what came while the disk was busy is one write.
 *
 * @param wrote told of the bytes in their order, once they are written.
 */
function writeTo(
  handle: FileHandle,
  at: number,
  maxBytes: number,
  wrote: (bytes: Uint8Array) => void,
): { stream: Writable; position(): number; settled(): Promise<void> } {
  let position = at;
  let synced = at;
  let inFlight: Promise<unknown> = Promise.resolve();
  let syncing: Promise<unknown> | null = null;
  let failure: unknown;
  const write = async (chunks: readonly Uint8Array[]): Promise<void> => {
    let room = maxBytes - position;
    const fitting = chunks.flatMap((chunk) => {
      const some = chunk.subarray(0, Math.max(0, room));
      room -= chunk.byteLength;
      return some.byteLength > 0 ? [some] : [];
    });
    const wanted = fitting.reduce((sum, { byteLength }) => sum + byteLength, 0);
    let { bytesWritten } =
      wanted === 0 ? { bytesWritten: 0 } : await handle.writev(fitting as Uint8Array[], position);
    if (bytesWritten < wanted) {
      const rest = Buffer.concat(fitting).subarray(bytesWritten);
      for (let done = 0; done < rest.length; ) {
        const more = await handle.write(rest, done, rest.length - done, position + bytesWritten);
        done += more.bytesWritten;
        bytesWritten += more.bytesWritten;
      }
    }
    position += wanted;
    for (const chunk of fitting) wrote(chunk);
    if (room < 0) throw new BlobTooLargeError(maxBytes);
    if (position - synced >= syncEveryBytes && syncing === null) {
      synced = position;
      syncing = handle.datasync().then(
        () => {
          syncing = null;
        },
        (error: unknown) => {
          // The system tells of it once: who waits at the end must hear of it.
          failure = error;
        },
      );
    }
  };
  const take = (chunks: readonly Uint8Array[], done: (error?: Error | null) => void): void => {
    const written = write(chunks);
    inFlight = written.catch(() => {});
    written.then(() => done(), done);
  };
  return {
    stream: new Writable({
      highWaterMark: waitingBytes,
      write: (chunk: Uint8Array, _encoding, done) => take([chunk], done),
      writev: (chunks, done) =>
        take(
          chunks.map(({ chunk }) => chunk as Uint8Array),
          done,
        ),
    }),
    position: () => position,
    async settled() {
      await inFlight;
      await syncing;
      if (failure !== undefined) throw failure;
    },
  };
}
