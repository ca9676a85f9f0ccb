import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm, stat, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { StartError, storageError, systemCode } from '../config/index.ts';
import {
  BlobMissingError,
  type Blobs,
  BlobTooLargeError,
  isBlobName,
  type PutOptions,
  type StoredBlob,
} from './blobs.ts';
import { FileStream } from './file-stream.ts';
import { createSpool } from './spool.ts';

/** An unfinished file that nobody has written to for this long belongs to a process that is gone. */
const abandonedAfterMs = 60 * 60 * 1000;

/**
 * Blobs as files: `<folder>/ab/<sha256>` with `ab` the name's first two digits. A blob is written as
 * `<folder>/incoming/<random>`, synced, and only then linked to its name: a name is there with all its bytes or not at
 * all, whatever happens to the process or the power. Linking never replaces, so a blob is never rewritten. A blob that is to go
 * is moved to `<folder>/removing/<sha256>.<random>` first, where it is still found, and looked at once more.
 */
export async function createFolderBlobs(url: string): Promise<Blobs> {
  const folder = folderOf(url);
  const incoming = join(folder, 'incoming');
  const removing = join(folder, 'removing');
  const pathOf = (sha256: string) => {
    if (!isBlobName(sha256)) throw new TypeError('not the name of a blob');
    return join(folder, sha256.slice(0, 2), sha256);
  };
  /** Those whose removal was broken off come back; one that is under way just does not happen. */
  const putBackAll = async () => {
    for (const name of await readdir(removing)) {
      const [sha256] = name.split('.');
      if (isBlobName(sha256)) await putBack(join(removing, name), pathOf(sha256));
    }
  };
  /** Where a blob lies: under its name, or for a moment where it is removed. */
  const find = async <Found>(
    sha256: string,
    look: (path: string) => Promise<Found>,
  ): Promise<Found | null> => {
    const path = pathOf(sha256);
    for (let attempt = 1; attempt <= 3; attempt++) {
      const found = await unlessMissing(look(path));
      if (found !== null) return found;
      const moved = (await readdir(removing)).find((name) => name.startsWith(sha256));
      if (moved === undefined && attempt > 1) break;
      const away = moved === undefined ? null : await unlessMissing(look(join(removing, moved)));
      if (away !== null) return away;
    }
    return null;
  };
  try {
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    await mkdir(removing, { recursive: true, mode: 0o700 });
    await removeAbandoned(incoming);
    await putBackAll();
  } catch (error) {
    throw storageError(error, folder, 'BLOBS_URL');
  }

  const spool = createSpool(join(folder, 'spool'));
  const put: Blobs['put'] = async (source, options) => {
    const temporary = join(incoming, randomBytes(12).toString('hex'));
    try {
      const stored = await receive(source, temporary, options);
      await keep(temporary, pathOf(stored.sha256));
      return stored;
    } finally {
      await unlessMissing(unlink(temporary));
    }
  };

  return {
    spool,
    put,
    async putAll(contents) {
      const all = contents.map((content) => ({
        content,
        temporary: join(incoming, randomBytes(12).toString('hex')),
        sha256: createHash('sha256').update(content).digest('hex'),
      }));
      // Each folder is synced once, after all of its names are there.
      const folders = new Set<string>();
      const later = async (each: string) => void folders.add(each);
      try {
        await allEnded(all.map(({ temporary, content }) => writeWhole(temporary, content)));
        await allEnded(all.map(({ temporary, sha256 }) => keep(temporary, pathOf(sha256), later)));
        await allEnded([...folders].map(syncFolder));
      } finally {
        await allEnded(all.map(({ temporary }) => unlessMissing(unlink(temporary))));
      }
      return all.map(({ sha256, content }) => ({ sha256, bytes: content.byteLength }));
    },
    async putSpooled(id, options) {
      const sealed = await spool.seal(id);
      if (sealed === null) return put(await spool.open(id), options);
      const { path, sha256, bytes } = sealed;
      if (bytes > options.maxBytes) throw new BlobTooLargeError(options.maxBytes);
      // Its last byte may have come hours ago, and the collector spares what is young.
      const now = new Date();
      await utimes(path, now, now);
      await keep(path, pathOf(sha256));
      return { sha256, bytes };
    },
    async open(sha256, range = {}) {
      const handle = await find(sha256, (path) => open(path, 'r'));
      if (handle === null) throw new BlobMissingError(sha256);
      try {
        const { size } = await handle.stat();
        const start = Math.max(0, range.start ?? 0);
        const bytes = Math.max(0, Math.min(size - 1, range.end ?? size - 1) - start + 1);
        return { stream: new FileStream(handle, start, start + bytes), bytes };
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
    has: async (sha256) => (await find(sha256, (path) => stat(path))) !== null,
    async remove(sha256) {
      await rm(pathOf(sha256), { force: true });
    },
    // Moving it is enough to tell a put before from a put after.
    async condemn() {},
    async pardon() {},
    async removeCondemned(sha256, before) {
      const away = join(removing, `${sha256}.${randomBytes(6).toString('hex')}`);
      if ((await unlessMissing(rename(pathOf(sha256), away).then(() => true))) === null) return null;
      // Whoever put it until now renewed its time, and whoever does from now on finds no blob of that name and links her own.
      const found = await unlessMissing(stat(away));
      if (found === null) return null;
      if (found.mtimeMs < before.getTime()) {
        await rm(away, { force: true });
        return found.size;
      }
      await putBack(away, pathOf(sha256));
      return null;
    },
    async *list() {
      await removeAbandoned(incoming);
      await putBackAll();
      for (const prefix of (await readdir(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name)).toSorted()) {
        for (const sha256 of (await readdir(join(folder, prefix))).filter(isBlobName).toSorted()) {
          const found = await stat(pathOf(sha256)).catch(() => undefined);
          if (found !== undefined) yield { sha256, bytes: found.size, storedAt: found.mtime };
        }
      }
    },
  };
}

async function receive(
  source: Parameters<Blobs['put']>[0],
  temporary: string,
  options: PutOptions,
): Promise<StoredBlob> {
  const { maxBytes, signal } = options;
  signal?.throwIfAborted();
  const handle = await open(temporary, 'wx', 0o600);
  const hash = createHash('sha256');
  let bytes = 0;
  const write = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new BlobTooLargeError(maxBytes);
      hash.update(chunk);
      await handle.writeFile(chunk); // writes at the current position, and all of it
    }
  };
  try {
    // `pipeline` ends a source that stands still when the signal comes.
    await pipeline(source as AsyncIterable<Uint8Array>, write, signal === undefined ? {} : { signal });
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}

async function writeWhole(temporary: string, content: Uint8Array): Promise<void> {
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** As `Promise.all`, and nothing is under way any more when it rejects. */
async function allEnded(all: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(all)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** @param sync makes the names in a folder safe, at once or before anybody is told of them. */
async function keep(temporary: string, path: string, sync = syncFolder): Promise<void> {
  const parent = join(path, '..');
  for (let attempt = 1; ; attempt++) {
    try {
      await link(temporary, path);
      await sync(parent);
      return;
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT' && attempt <= 3) {
        await mkdir(parent, { recursive: true, mode: 0o700 });
        await sync(join(parent, '..'));
        continue;
      }
      if (code !== 'EEXIST') throw error;
    }
    // It is there already. Its new time tells the collector that somebody is about to name it again.
    const now = new Date();
    try {
      await utimes(path, now, now);
      // Still there: so whoever moves it away to remove it does so after this, and sees its time.
      await stat(path);
      await sync(parent); // another put may have linked it without having synced yet
      return;
    } catch (error) {
      // Removed at this very moment: link ours after all.
      if (systemCode(error) !== 'ENOENT' || attempt > 3) throw error;
    }
  }
}

const unlessMissing = <Found>(asked: Promise<Found>): Promise<Found | null> =>
  asked.catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });

/** Back to its name, unless somebody put it there anew meanwhile. */
async function putBack(away: string, path: string): Promise<void> {
  const linked = await unlessMissing(
    link(away, path).then(
      () => true,
      (error: unknown) => {
        if (systemCode(error) === 'EEXIST') return true;
        throw error;
      },
    ),
  );
  if (linked === null) return;
  await syncFolder(join(path, '..'));
  await rm(away, { force: true });
}

async function removeAbandoned(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const found = await stat(join(incoming, name)).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < Date.now() - abandonedAfterMs) {
      await unlink(join(incoming, name)).catch(() => {});
    }
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

function folderOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    const mend = 'name a folder of this machine, such as file:///srv/liaison/blobs';
    throw new StartError({ what: 'that is not a folder', setting: 'BLOBS_URL', mend, cause: error });
  }
}
