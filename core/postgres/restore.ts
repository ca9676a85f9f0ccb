import { chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createBlobs } from '../blobs/index.ts';
import { type Settings, StartError, storageError, systemCode } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { copyFile, forEach } from './copy-file.ts';
import { startEmbeddedPostgres } from './embedded.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { type Place, preparePlace, unfinishedRestore } from './place.ts';

export interface RestoreOptions {
  settings: Pick<Settings, 'dataFolder' | 'blobsUrl'> & Partial<Pick<Settings, 'databaseUrl'>>;
  /** The folder that `createBackup` wrote; it is not changed. */
  folder: string;
  log: Log;
  onProgress?: (line: string) => void;
  systemFolder?: string;
}

export interface RestoreSummary {
  createdAt: Date;
  blobs: { count: number; bytes: number };
}

/**
 * Brings a backup into an empty data folder, checks every byte against its sum on the way, and starts the database once
 * so that it has replayed its log. Stopped half-way it leaves a mark with which nothing starts: empty the folder and
 * restore again. Throws a `StartError` for a folder that is not empty and a backup that is not whole.
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreSummary> {
  const { settings, onProgress = () => {} } = options;
  const dataFolder = resolve(settings.dataFolder);
  const folder = resolve(options.folder);
  if (settings.databaseUrl !== undefined) {
    const mend = 'unset it to restore into the embedded database';
    throw new StartError({
      what: 'a backup goes into the embedded database only',
      setting: 'DATABASE_URL',
      mend,
    });
  }
  const manifest = await readManifest(folder);
  await refuseUnlessEmpty(dataFolder);
  try {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    const mark = join(dataFolder, unfinishedRestore);
    await writeFile(mark, '', { flag: 'wx', mode: 0o600 });
    const place = await preparePlace({ ...options, dataFolder, isRestore: true });
    onProgress('Checking and copying the database, keys and certificates');
    await placeFiles({ manifest, folder, dataFolder, place });
    onProgress('Checking and copying the blobs');
    await placeBlobs(folder, settings.blobsUrl, manifest);
    await rm(mark);
  } catch (error) {
    throw storageError(error, dataFolder);
  }
  onProgress('Starting the database once');
  const server = await startEmbeddedPostgres({ ...options, dataFolder });
  await server.stop();
  return { createdAt: new Date(manifest.createdAt), blobs: manifest.blobs };
}

async function refuseUnlessEmpty(dataFolder: string): Promise<void> {
  try {
    if ((await readdir(dataFolder)).length === 0) return;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw storageError(error, dataFolder);
  }
  const mend = 'name a folder that is empty or not there yet; nothing is ever restored over data';
  throw new StartError({ what: `${dataFolder} is not empty`, setting: 'LIAISON_DATA', mend });
}

async function placeFiles(options: {
  manifest: Manifest;
  folder: string;
  dataFolder: string;
  place: Place;
}): Promise<void> {
  const { manifest, folder, dataFolder, place } = options;
  const partial = join(place.folder, 'cluster.partial-restore');
  const targetOf = (path: string) => {
    if (path === 'cluster' || path.startsWith('cluster/')) return partial + path.slice('cluster'.length);
    if (path === 'password') return place.passwordFile;
    if (/^(keys|tls)(\/|$)/.test(path)) return join(dataFolder, path);
    throw new StartError({
      what: `the backup names ${path}, which is no part of one`,
      mend: 'name another backup',
    });
  };
  const own = async (path: string, target: string) => {
    if (place.user !== undefined && path.startsWith('cluster'))
      await chown(target, place.user.uid, place.user.gid);
  };
  await rm(partial, { recursive: true, force: true });
  for (const path of manifest.folders.toSorted()) {
    await mkdir(targetOf(path), { recursive: true, mode: 0o700 });
    await own(path, targetOf(path));
  }
  await forEach(manifest.files, 8, async (file) => {
    const target = targetOf(file.path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const copied = await copyFile(join(folder, file.path), target, 0o600).catch((error: unknown) => {
      throw systemCode(error) === 'ENOENT' ? damaged(file.path, 'is missing') : error;
    });
    if (copied.sha256 !== file.sha256 || copied.bytes !== file.bytes) throw damaged(file.path, 'was changed');
    await own(file.path, target);
  });
  await rename(partial, place.cluster);
}

async function placeBlobs(folder: string, blobsUrl: string, manifest: Manifest): Promise<void> {
  const source = join(folder, 'blobs');
  const found = await stat(source).catch(() => undefined);
  const from = found === undefined ? undefined : await createBlobs(pathToFileURL(source).href);
  const to = await createBlobs(blobsUrl);
  let count = 0;
  for await (const { sha256 } of from?.list() ?? []) {
    const { stream } = await from!.open(sha256);
    const stored = await to.put(stream, { maxBytes: Number.MAX_SAFE_INTEGER });
    if (stored.sha256 !== sha256) throw damaged(`blobs/${sha256}`, 'was changed');
    count++;
  }
  if (count < manifest.blobs.count) throw damaged('blobs', `holds ${count} of ${manifest.blobs.count}`);
}

function damaged(path: string, how: string): StartError {
  const mend = 'name another backup, and empty the data folder before you try again';
  return new StartError({ what: `the backup is damaged: ${path} ${how}`, mend });
}
