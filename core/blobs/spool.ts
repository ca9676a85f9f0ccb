import { constants } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemCode } from '../config/index.ts';
import { BlobTooLargeError } from './blobs.ts';

/**
 * Bytes that come in pieces and are no blob yet: an upload that may be cut and gone on with. What was written before a
 * process was killed is still there. Whoever begins one removes it.
 */
export interface Spool {
  /** How many bytes are there; 0 where nothing was begun, or what was begun has been swept away. */
  size(id: string): Promise<number>;
  /**
   * Writes from `at` on, which is its size as it was asked for, and answers its size when that is on the disk. What came before a
   * source broke off is kept. @throws BlobTooLargeError beyond `maxBytes`; what fits is kept.
   */
  append(
    id: string,
    at: number,
    source: Readable | AsyncIterable<Uint8Array>,
    options: { maxBytes: number; signal?: AbortSignal },
  ): Promise<number>;
  /** All of it, to be stored as a blob. The caller consumes or destroys the stream. */
  open(id: string): Promise<Readable>;
  remove(id: string): Promise<void>;
  /** Removes what nobody has written to for so long; answers how many went. */
  sweep(untouchedMs: number): Promise<number>;
}

/** A spool in a folder of this machine, or one that several share. Nothing is opened before it is used. */
export function createSpool(folder: string): Spool {
  const pathOf = (id: string): string => {
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new TypeError('not an id');
    return join(folder, id);
  };
  const size = async (id: string): Promise<number> =>
    stat(pathOf(id)).then(
      (found) => found.size,
      (error: unknown) => {
        if (systemCode(error) === 'ENOENT') return 0;
        throw error;
      },
    );
  return {
    size,
    async append(id, at, source, { maxBytes, signal }) {
      signal?.throwIfAborted();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // Never truncated and not in append mode: of two who write one piece both write the same bytes to the same place.
      const handle = await open(pathOf(id), constants.O_RDWR | constants.O_CREAT, 0o600);
      let position = at;
      const write = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
        for await (const chunk of chunks) {
          const room = maxBytes - position;
          for (let done = 0; done < Math.min(chunk.byteLength, room); ) {
            const end = Math.min(chunk.byteLength, room);
            const { bytesWritten } = await handle.write(chunk, done, end - done, position);
            done += bytesWritten;
            position += bytesWritten;
          }
          if (chunk.byteLength > room) throw new BlobTooLargeError(maxBytes);
        }
      };
      try {
        await pipeline(source as AsyncIterable<Uint8Array>, write, signal === undefined ? {} : { signal });
      } finally {
        await handle.sync().finally(() => handle.close());
      }
      return position;
    },
    async open(id) {
      const handle = await open(pathOf(id), 'r');
      return handle.createReadStream();
    },
    remove: (id) => rm(pathOf(id), { force: true }),
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
