import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { StartError, storageError, systemCode } from '../config/index.ts';
import { type BackupStore, checkFileName, FileMissingError, type StoredFile } from './store.ts';

const setting = 'LIAISON_BACKUP_TO';
/** What nobody has written to for so long belongs to a process that is gone. */
const abandonedAfterMs = 60 * 60 * 1000;

/**
 * A backup's files in a folder, best on another disk or a mounted share. Each is written as `incoming/<random>`, synced and
 * renamed: it is there with all its bytes or not at all. The folder is made; the one above it must be there, because a
 * share that is not mounted looks like an empty folder on the wrong disk.
 */
export async function createFolderStore(url: string, options: { mustExist?: boolean }): Promise<BackupStore> {
  const folder = fileURLToPath(url);
  const incoming = join(folder, 'incoming');
  try {
    if (options.mustExist) await readdir(folder);
    else {
      await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
        if (systemCode(error) !== 'EEXIST') throw error;
      });
      await mkdir(incoming, { recursive: true, mode: 0o700 });
      await removeAbandoned(incoming);
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw storageError(error, folder, setting);
    throw new StartError({
      what: `${options.mustExist ? folder : dirname(folder)} is not there`,
      setting,
      mend: 'mount the disk or share, or name another folder',
      cause: error,
    });
  }
  const pathOf = (name: string) => {
    checkFileName(name);
    return join(folder, name);
  };

  return {
    where: folder,
    async put(name, source, signal) {
      const path = pathOf(name);
      const temporary = join(incoming, randomBytes(12).toString('hex'));
      try {
        const bytes = await write(source, temporary, signal);
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await rename(temporary, path);
        await syncFolder(dirname(path));
        return { bytes };
      } catch (error) {
        if (source instanceof Readable) source.destroy();
        await rm(temporary, { force: true }).catch(() => {});
        throw storageError(error, folder, setting);
      }
    },
    async get(name) {
      const handle = await open(pathOf(name), 'r').catch((error: unknown) => {
        throw systemCode(error) === 'ENOENT'
          ? new FileMissingError(name)
          : storageError(error, folder, setting);
      });
      return handle.createReadStream({ highWaterMark: 1024 * 1024 });
    },
    list: (prefix) => walk(folder, prefix),
    async remove(name) {
      await rm(pathOf(name), { force: true });
      // A folder that has become empty goes too; one that has not, stays.
      const { rmdir } = await import('node:fs/promises');
      await rmdir(dirname(pathOf(name))).catch(() => {});
    },
    close() {},
  };
}

async function write(
  source: Readable | Uint8Array,
  temporary: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  signal?.throwIfAborted();
  const handle = await open(temporary, 'wx', 0o600);
  let bytes = 0;
  const take = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      await handle.writeFile(chunk);
    }
  };
  try {
    const from = source instanceof Readable ? source : Readable.from([source]);
    await pipeline(from, take, signal === undefined ? {} : { signal });
    await handle.sync();
  } finally {
    await handle.close();
  }
  return bytes;
}

async function* walk(folder: string, prefix: string): AsyncIterable<StoredFile> {
  // The last folder that the prefix names whole: nothing outside it can match.
  const start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const enter = async function* (below: string): AsyncIterable<StoredFile> {
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw storageError(error, folder, setting);
    });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = `${below}${entry.name}`;
      if (name === 'incoming') continue;
      if (entry.isDirectory()) {
        if (`${name}/`.startsWith(prefix) || prefix.startsWith(`${name}/`)) yield* enter(`${name}/`);
      } else if (entry.isFile() && name.startsWith(prefix)) {
        const found = await stat(join(folder, name)).catch(gone);
        if (found !== undefined) yield { name, bytes: found.size, storedAt: found.mtime };
      }
    }
  };
  yield* enter(start);
}

/** Thinned or put in its place by another process in this moment; anything else is a failure. */
function gone(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error;
}

async function removeAbandoned(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const found = await stat(join(incoming, name)).catch(gone);
    if (found !== undefined && found.mtimeMs < Date.now() - abandonedAfterMs)
      await unlink(join(incoming, name)).catch(gone);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
