import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import type { BackupKeep } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { underLock } from './base.ts';
import { thinned } from './schedule.ts';
import type { BackupStore } from './store.ts';
import { addedBlobsFolder, type Base, baseFiles, listBases } from './summary.ts';
import { listWal, walFolder } from './wal.ts';
import { openWalsender, parseLsn } from './walsender.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Removes what `keep` no longer wants: bases, unfinished ones, log and lists before the oldest of the days', and blobs that
 * no base names any more. Call it under the base's lock, after a base that is whole. Each base loses its `base.json` first:
 * stopped half-way, nothing looks whole that is not.
 */
export async function thin(options: {
  store: BackupStore;
  keep: BackupKeep;
  zone: string;
  log: Log;
}): Promise<{ bases: number; files: number }> {
  const { store, keep, zone, log } = options;
  let unreadable = false;
  const bases = await listBases(store, (name, why) => {
    unreadable = true;
    log.warn({ name, why }, 'a backup cannot be read; it is left alone, and so are all blobs');
  });
  const { kept, removed, logFrom } = thinned(bases, keep, zone);
  if (logFrom === undefined) return { bases: 0, files: 0 };
  let files = 0;
  const remove = async (name: string) => {
    await store.remove(name);
    files++;
  };
  for (const base of removed) await remove(baseFiles(base.id).summary);
  const ids = new Set(kept.map(({ id }) => id));
  for await (const { name } of store.list('bases/')) {
    const id = name.split('/')[1] ?? '';
    if (!ids.has(id) && !(unreadable && !removed.some((base) => base.id === id))) await remove(name);
  }
  await thinLog({ store, kept, logFrom, remove });
  const from = new Date(new Date(logFrom.startedAt).getTime() - 2 * dayMs);
  for await (const { name, storedAt } of store.list(addedBlobsFolder))
    if (storedAt < from) await remove(name);
  if (!unreadable) await thinBlobs({ store, kept, before: from, remove, log });
  return { bases: removed.length, files };
}

/** `thin` on a connection of its own, where nobody holds the lock already. */
export async function thinUnderLock(
  options: Parameters<typeof thin>[0] & { url: string },
): Promise<{ bases: number; files: number }> {
  const walsender = await openWalsender(options.url);
  try {
    return await underLock(walsender, () => thin(options));
  } finally {
    await walsender.close();
  }
}

async function thinLog(options: {
  store: BackupStore;
  kept: Base[];
  logFrom: Base;
  remove: (name: string) => Promise<void>;
}): Promise<void> {
  const { store, kept, logFrom, remove } = options;
  const folders = new Set<string>();
  for await (const { name } of store.list('wal/')) folders.add(`${name.split('/').slice(0, 3).join('/')}/`);
  for (const folder of folders) {
    // The days' bases of this timeline, the oldest first: the log before it leads nowhere.
    const first = kept.find(
      (base) => base.startedAt >= logFrom.startedAt && walFolder(base.systemId, base.timeline) === folder,
    );
    const [, systemId = '', timeline = '0'] = folder.split('/');
    for await (const piece of listWal(store, systemId, Number.parseInt(timeline, 16))) {
      if (first === undefined ? isOld(piece.storedAt, logFrom) : piece.end <= parseLsn(first.startLsn))
        await remove(piece.name);
    }
  }
}

const isOld = (storedAt: Date, logFrom: Base): boolean => storedAt < new Date(logFrom.startedAt);

async function thinBlobs(options: {
  store: BackupStore;
  kept: Base[];
  before: Date;
  remove: (name: string) => Promise<void>;
  log: Log;
}): Promise<void> {
  const { store, kept, before, remove, log } = options;
  const named = new Set<string>();
  try {
    for (const { id } of kept) {
      const bytes = await buffer(await store.get(baseFiles(id).names));
      const text = (await promisify(zstdDecompress)(bytes)).toString('latin1');
      for (const name of text.split('\n')) named.add(name);
    }
  } catch (error) {
    log.warn({ err: error }, 'which blobs the backups need cannot be read; none is removed');
    return;
  }
  for await (const { name, storedAt } of store.list('blobs/')) {
    if (!named.has(name) && storedAt < before) await remove(name);
  }
}
