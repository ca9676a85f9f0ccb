import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { type Blobs, createBlobs } from '../blobs/index.ts';
import { type Settings, StartError, storageError, systemCode } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { syncFolder } from './cluster.ts';
import { copyFile, forEach } from './copy-file.ts';
import { findRunningPostgres, startEmbeddedPostgres } from './embedded.ts';
import { type Manifest, manifestName } from './manifest.ts';

export interface BackupOptions {
  settings: Pick<Settings, 'dataFolder' | 'blobsUrl'> & Partial<Pick<Settings, 'databaseUrl'>>;
  /** Where it goes: a folder that is empty or not there yet, outside the data folder. */
  folder: string;
  log: Log;
  onProgress?: (line: string) => void;
  systemFolder?: string;
}

export interface BackupSummary {
  folder: string;
  databaseBytes: number;
  blobs: { count: number; bytes: number };
  /** Blobs whose bytes are not what their name says; they are not in the backup. */
  damagedBlobs: string[];
}

/** What PostgreSQL makes anew, or must not find in a copy (PostgreSQL's manual, "Making a base backup": files to omit). */
const emptied = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
const omitted =
  /^(postmaster\.(pid|opts)|pg_internal\.init.*|pgsql_tmp.*|backup_label.*|tablespace_map.*|.*\.partial)$/;

/**
 * Writes everything of a one-machine installation into one folder while it runs: the database by PostgreSQL's own
 * `pg_backup_start` and `pg_backup_stop` with the write-ahead log in between, then blobs, then keys and certificates.
 * In that order, because a row is written after its blob and sealed by a key that is already there. Every row that was
 * committed before the database's part ended is in it. A server that does not run is started for it.
 */
export async function createBackup(options: BackupOptions): Promise<BackupSummary> {
  const { settings, log, onProgress = () => {} } = options;
  const dataFolder = resolve(settings.dataFolder);
  const folder = resolve(options.folder);
  if (settings.databaseUrl !== undefined) {
    const mend =
      'back it up by its own means (pg_basebackup), and copy the data folder and the blobs after it';
    throw new StartError({ what: 'the database is not the embedded one', setting: 'DATABASE_URL', mend });
  }
  if (`${folder}/`.startsWith(`${dataFolder}/`)) {
    throw new StartError({
      what: `${folder} lies in the data folder`,
      mend: 'name a folder outside it, best on another disk',
    });
  }
  if (!(await exists(join(dataFolder, 'postgres')))) {
    throw new StartError({
      what: `${dataFolder} holds no database`,
      setting: 'LIAISON_DATA',
      mend: 'name the data folder',
    });
  }
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await readdir(folder)).length > 0) {
      throw new StartError({ what: `${folder} is not empty`, mend: 'name a new folder for each backup' });
    }
    return await write({ ...options, folder, dataFolder, onProgress });
  } catch (error) {
    throw storageError(error, folder, '');
  } finally {
    log.debug('backup ended');
  }
}

async function write(
  options: BackupOptions & { dataFolder: string; onProgress: (line: string) => void },
): Promise<BackupSummary> {
  const { dataFolder, folder, log, onProgress } = options;
  const running = await findRunningPostgres(dataFolder);
  const started = running === undefined ? await startEmbeddedPostgres({ ...options, dataFolder }) : undefined;
  const { url, place } = running ?? started!;
  try {
    onProgress('Copying the database');
    const manifest: Manifest = {
      format: 'liaison-backup-1',
      createdAt: new Date().toISOString(),
      postgresMajor: 0,
      endLsn: '',
      folders: [],
      files: [],
      blobs: { count: 0, bytes: 0 },
    };
    await copyDatabase({ url, cluster: place.cluster, folder, manifest, onProgress });
    const databaseBytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    onProgress('Copying the blobs');
    const blobs = await createBlobs(options.settings.blobsUrl);
    const damagedBlobs = await copyBlobs(blobs, join(folder, 'blobs'), manifest);
    onProgress('Copying keys and certificates');
    const copy = copyInto(folder, manifest);
    await copy(place.passwordFile, 'password');
    for (const name of ['keys', 'tls']) await copyFolder(join(dataFolder, name), name, folder, manifest);
    await writeManifest(folder, manifest);
    for (const sha256 of damagedBlobs) log.error({ sha256 }, 'a blob is damaged and not in the backup');
    return { folder, databaseBytes, blobs: manifest.blobs, damagedBlobs };
  } finally {
    await started?.stop();
  }
}

async function copyDatabase(options: {
  url: string;
  cluster: string;
  folder: string;
  manifest: Manifest;
  onProgress: (line: string) => void;
}): Promise<void> {
  const { url, cluster, folder, manifest, onProgress } = options;
  const client = new pg.Client({ connectionString: url });
  let lost: Error | undefined;
  client.on('error', (error) => {
    lost = error;
  });
  await client.connect();
  try {
    // The slot keeps every piece of log until this session ends, however long the copy takes.
    const slot = `backup_${randomBytes(6).toString('hex')}`;
    await client.query('SELECT pg_create_physical_replication_slot($1, true, true)', [slot]);
    const begun = await client.query<{ wal: string; version: string }>(
      "SELECT pg_walfile_name(pg_backup_start('liaison', true)) AS wal, current_setting('server_version_num') AS version",
    );
    manifest.postgresMajor = Math.floor(Number(begun.rows[0]!.version) / 10_000);
    await copyFolder(cluster, 'cluster', folder, manifest, { isCluster: true });
    await copyInto(folder, manifest)(join(cluster, 'global', 'pg_control'), 'cluster/global/pg_control');
    onProgress('Ending the copy of the database');
    const ended = await client.query<{ lsn: string; wal: string; labelfile: string; spcmapfile: string }>(
      'SELECT lsn, pg_walfile_name(lsn) AS wal, labelfile, spcmapfile FROM pg_backup_stop(false)',
    );
    const { lsn, wal, labelfile } = ended.rows[0]!;
    manifest.endLsn = lsn;
    const pieces = (await readdir(join(cluster, 'pg_wal'))).filter((name) => {
      return (
        /^[0-9A-F]{8}\.history$/.test(name) ||
        (/^[0-9A-F]{24}$/.test(name) && name >= begun.rows[0]!.wal && name <= wal)
      );
    });
    for (const name of pieces)
      await copyInto(folder, manifest)(join(cluster, 'pg_wal', name), `cluster/pg_wal/${name}`);
    const label = join(folder, 'backup_label.partial');
    await writeFile(label, labelfile, { mode: 0o600 });
    await copyInto(folder, manifest)(label, 'cluster/backup_label');
    await rm(label);
    if (lost !== undefined) throw lost;
  } finally {
    await client.end().catch(() => {});
  }
}

/** A copier that notes what it copied. */
function copyInto(folder: string, manifest: Manifest) {
  return async (source: string, path: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
    manifest.files.push({ path, ...(await copyFile(source, join(folder, path), 0o600)) });
  };
}

async function copyFolder(
  source: string,
  path: string,
  folder: string,
  manifest: Manifest,
  options: { isCluster?: boolean } = {},
): Promise<void> {
  const files: { source: string; path: string }[] = [];
  const walk = async (from: string, to: string) => {
    manifest.folders.push(to);
    await mkdir(join(folder, to), { recursive: true, mode: 0o700 });
    for (const entry of await readdir(from, { withFileTypes: true })) {
      const [nextFrom, nextTo] = [join(from, entry.name), `${to}/${entry.name}`];
      if (entry.isDirectory()) {
        if (options.isCluster && from === source && emptied.has(entry.name)) {
          manifest.folders.push(nextTo);
          await mkdir(join(folder, nextTo), { mode: 0o700 });
        } else if (!omitted.test(entry.name)) await walk(nextFrom, nextTo);
      } else if (entry.isFile()) {
        if (omitted.test(entry.name) || nextTo === 'cluster/global/pg_control') continue;
        files.push({ source: nextFrom, path: nextTo });
      } else {
        throw new StartError({
          what: `${nextFrom} is neither a file nor a folder`,
          mend: 'move it away; a backup holds files only',
        });
      }
    }
  };
  if (!(await exists(source))) return;
  await walk(source, path);
  const copy = copyInto(folder, manifest);
  await forEach(files, 8, async (file) => {
    try {
      await copy(file.source, file.path);
    } catch (error) {
      // Dropped while we copied: the log that is copied too says so.
      if (systemCode(error) !== 'ENOENT' || !options.isCluster || (await exists(file.source))) throw error;
    }
  });
  if (options.isCluster) manifest.folders.push('cluster/pg_wal/archive_status', 'cluster/pg_wal/summaries');
}

async function copyBlobs(blobs: Blobs, folder: string, manifest: Manifest): Promise<string[]> {
  const damaged: string[] = [];
  const target = await createBlobs(pathToFileURL(folder).href);
  for await (const { sha256, bytes } of blobs.list()) {
    const source = await blobs.open(sha256).catch(() => undefined);
    if (source === undefined) continue; // removed meanwhile, so that no row of the copy needs it
    const stored = await target.put(source.stream, { maxBytes: Number.MAX_SAFE_INTEGER });
    if (stored.sha256 === sha256 && stored.bytes === bytes) {
      manifest.blobs.count++;
      manifest.blobs.bytes += bytes;
    } else {
      await target.remove(stored.sha256);
      damaged.push(sha256);
    }
  }
  return damaged;
}

async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const partial = join(folder, `${manifestName}.partial`);
  const handle = await open(partial, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(manifest, undefined, 1)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, join(folder, manifestName));
  await syncFolder(folder);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
