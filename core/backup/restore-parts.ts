import { createHash } from 'node:crypto';
import { mkdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StartError } from '../config/index.ts';
import type { SystemUser } from '../postgres/system-user.ts';
import { chooseBase, extractCluster, extractLog, type RestoreOptions, readKeys } from './restore.ts';
import { placeBlobs } from './restore-blobs.ts';
import { readManifest } from './summary.ts';
import { listWal, walAfter, walFolder } from './wal.ts';
import { parseLsn } from './walsender.ts';

/**
 * A restore into a database that is not the embedded one, by those who keep that: each part by itself, where its data belongs. Each
 * may be done again after it was interrupted.
 */
export type PartOptions = Pick<
  RestoreOptions,
  'store' | 'identities' | 'until' | 'base' | 'onProgress' | 'log'
>;

/** What a backup holds, before anything of it is brought anywhere. */
export interface BackupFound {
  id: string;
  endedAt: string;
  /** The version of the program that made it. */
  program: string;
  postgresMajor: number;
  databaseBytes: number;
  blobs: { count: number; bytes: number };
  /** Where the log lies that follows it, below the place, and from which position it is needed. */
  log: { folder: string; from: string; pieces: number; until: string | undefined; hasGap: boolean };
  /** SHA-256 of the master key that seals what is in the database. */
  masterKey: string | undefined;
}

/** Throws a `StartError` where no backup fits, and where no identity opens it. */
export async function findBackup(options: PartOptions): Promise<BackupFound> {
  const { store, identities } = options;
  const base = await chooseBase(options);
  const manifest = await readManifest(store, base.id, identities);
  const { summary } = manifest;
  const range = { start: parseLsn(summary.startLsn), end: parseLsn(summary.endLsn) };
  const { pieces, gapAt } = usesLog(options)
    ? await walAfter(listWal(store, summary.systemId, summary.timeline), range)
    : { pieces: [], gapAt: undefined };
  const masterKey = (await restoreKeys({ ...options, base: base.id })).get(masterKeyPath);
  return {
    id: base.id,
    endedAt: base.endedAt,
    program: base.program,
    postgresMajor: base.postgresMajor,
    databaseBytes: summary.database.bytes,
    blobs: { count: summary.blobs.count, bytes: summary.blobs.bytes },
    log: {
      folder: walFolder(summary.systemId, summary.timeline),
      from: range.start.toString(16).padStart(16, '0'),
      pieces: pieces.length,
      until: pieces.at(-1)?.storedAt.toISOString(),
      hasGap: gapAt !== undefined,
    },
    masterKey: masterKey && createHash('sha256').update(masterKey).digest('hex'),
  };
}

/** As a restore on one machine has it: a base that is named is taken as it is, unless a time is named too. */
const usesLog = ({ base, until }: PartOptions): boolean => base === undefined || until !== undefined;

const masterKeyPath = 'keys/master.key';

/** Small files by where they lay: `keys/master.key`. */
export async function restoreKeys(options: PartOptions): Promise<Map<string, Buffer>> {
  const base = await chooseBase(options);
  const manifest = await readManifest(options.store, base.id, options.identities);
  return readKeys({ ...options, manifest });
}

/**
 * The files of a cluster with the log that follows, whole or not at all, ready for a PostgreSQL of that version to be started on
 * with `recovery.signal` and a `restore_command`. What an interrupted one left is begun anew; a folder that is there is refused.
 *
 * @param folder is made; its parent is there
 */
export async function restoreCluster(
  options: PartOptions & { folder: string; user?: SystemUser | undefined },
): Promise<{ pieces: number; until: Date | undefined }> {
  const { store, identities, folder, user, onProgress = () => {} } = options;
  const base = await chooseBase(options);
  const manifest = await readManifest(store, base.id, identities);
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await refuseWithoutRoom(dirname(folder), manifest.summary.database.bytes);
  await refuseWhereOneIs(folder);
  const place = { user };
  onProgress('Restoring the database');
  await extractCluster({ store, identities, manifest, place, folder: partial, onProgress });
  let log: { logPieces: number; logUntil: Date | undefined } = { logPieces: 0, logUntil: undefined };
  if (usesLog(options)) {
    onProgress('Restoring the log');
    log = await extractLog({ store, identities, manifest, place, folder: partial, onProgress });
  }
  await rename(partial, folder);
  return { pieces: log.logPieces, until: log.logUntil };
}

async function refuseWhereOneIs(folder: string): Promise<void> {
  try {
    // The one way to look that leaves nothing behind where there is none.
    await mkdir(folder);
    await rm(folder, { recursive: true });
  } catch (error) {
    throw new StartError({
      what: `${folder} is there already, or cannot be made`,
      mend: 'name a folder that is not there yet, in one that is',
      cause: error,
    });
  }
}

async function refuseWithoutRoom(folder: string, databaseBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  // The log that is played adds to it.
  const needed = databaseBytes * 1.2 + 512_000_000;
  if (bavail * bsize >= needed) return;
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
  throw new StartError({
    what: `the database needs ${gigabytes(needed)} GB in ${folder}, and ${gigabytes(bavail * bsize)} GB are free`,
    mend: 'free some space there, and try again',
  });
}

/** Every blob that the store of blobs does not have yet. */
export async function restoreBlobs(
  options: PartOptions & { blobsUrl: string },
): Promise<{ count: number; bytes: number }> {
  const { store, identities, blobsUrl } = options;
  const base = await chooseBase(options);
  const manifest = await readManifest(store, base.id, identities);
  return placeBlobs({ ...options, manifest, settings: { blobsUrl } });
}
