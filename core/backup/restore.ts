import { chown, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { type Settings, StartError, storageError, systemCode } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { prepareBinaries } from '../postgres/binaries.ts';
import { readOrCreatePassword, readPassword, resetPassword } from '../postgres/cluster.ts';
import { startEmbeddedPostgres } from '../postgres/index.ts';
import { type Place, preparePlace, unfinishedRestore } from '../postgres/place.ts';
import { damaged, joined, summing, unpack, unpackText } from './pack.ts';
import { placeBlobs } from './restore-blobs.ts';
import { isOfStorage, megabytes, sometimes } from './restore-progress.ts';
import type { BackupStore } from './store.ts';
import { type Base, type BaseManifest, baseFiles, listBases, readManifest } from './summary.ts';
import { readTar, TarError } from './tar.ts';
import { listWal, segmentName, walAfter } from './wal.ts';
import { parseLsn } from './walsender.ts';

export interface RestoreOptions {
  settings: Pick<Settings, 'dataFolder' | 'blobsUrl'> & Partial<Pick<Settings, 'databaseUrl'>>;
  store: BackupStore;
  identities: readonly string[];
  /** As it was then; without it as late as the log goes. */
  until?: Date;
  /** One base and nothing after it. */
  base?: string;
  /**
   * `restore` puts blobs where they belong. For a check, `read` opens and sums every one and keeps none, and `present` looks
   * whether each is there, which needs no identity of theirs.
   */
  blobs?: 'restore' | 'read' | 'present';
  log: Log;
  onProgress?: (line: string) => void;
  systemFolder?: string;
}

export interface RestoreSummary {
  base: Base;
  /** Positions and pieces of the log that was played after the base. */
  logPieces: number;
  /** When the last piece of it was written to the store; undefined where there is none. */
  logUntil: Date | undefined;
  /** Whether the log has a hole behind which there is more that cannot be used with this base. */
  hasGap: boolean;
  blobs: { count: number; bytes: number };
}

/** A day of log may take long to play. */
const replayWithinMs = 24 * 60 * 60 * 1000;

/**
 * Brings a backup into an empty data folder: the newest base before the wanted time, the log after it, blobs and keys.
 * Every byte is authenticated and summed on the way. Stopped half-way it leaves a mark with which nothing starts: empty
 * the folder and restore again. Throws a `StartError` for a folder that is not empty, a key that does not fit, and a
 * backup that is not whole.
 */
export async function restoreFromStore(options: RestoreOptions): Promise<RestoreSummary> {
  const { settings, store, identities, onProgress = () => {} } = options;
  const dataFolder = resolve(settings.dataFolder);
  if (settings.databaseUrl !== undefined) {
    throw new StartError({
      what: 'a backup goes into the embedded database only',
      setting: 'DATABASE_URL',
      mend: 'unset it, restore, and bring that cluster to where the database is',
    });
  }
  const base = await chooseBase(options);
  // With the wrong key nothing has been made yet.
  const manifest = await readManifest(store, base.id, identities);
  await refuseUnlessEmpty(dataFolder);
  try {
    await mkdir(dataFolder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    const mark = join(dataFolder, unfinishedRestore);
    await writeFile(mark, '', { flag: 'wx', mode: 0o600 });
    const place = await preparePlace({ ...options, dataFolder, isRestore: true });
    onProgress('Restoring keys and certificates');
    await placeKeys({ ...options, manifest, dataFolder, place });
    const isForeign = (await readPassword(place)) === undefined;
    if (isForeign) await readOrCreatePassword(place);
    onProgress('Restoring the database');
    const log = await placeCluster({ ...options, manifest, place });
    onProgress('Restoring the blobs');
    const blobs = await placeBlobs({ ...options, manifest });
    await rm(mark);
    onProgress('Playing the log');
    await replay(options, dataFolder);
    // It was another server's, whose password stays there.
    if (isForeign) await resetPassword(place, await prepareBinaries(place, () => {}));
    return { base, ...log, blobs };
  } catch (error) {
    throw storageError(error, dataFolder);
  }
}

/** The newest base that fits; one whose name or time is asked for and is not there is refused. */
export async function chooseBase({
  store,
  until,
  base: wanted,
}: Pick<RestoreOptions, 'store' | 'until' | 'base'>): Promise<Base> {
  const unreadable: string[] = [];
  const bases = await listBases(store, (_name, why) => unreadable.push(why));
  if (bases.length === 0) {
    throw new StartError({
      what: `${store.where} holds no whole backup${unreadable[0] === undefined ? '' : ` (${unreadable[0]})`}`,
      mend: 'name the place that LIAISON_BACKUP_TO named',
    });
  }
  const fitting = bases.filter(
    (base) =>
      (wanted === undefined || base.id === wanted) &&
      (until === undefined || new Date(base.endedAt) <= until),
  );
  const chosen = fitting.at(-1);
  if (chosen !== undefined) return chosen;
  const what =
    wanted !== undefined && !bases.some((base) => base.id === wanted)
      ? `there is no backup ${wanted}`
      : `no backup is as old as that; the first ended at ${bases[0]!.endedAt}`;
  throw new StartError({ what, mend: 'look at backups for what there is' });
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

async function placeKeys(options: {
  store: BackupStore;
  identities: readonly string[];
  manifest: BaseManifest;
  dataFolder: string;
  place: Place;
}): Promise<void> {
  const { dataFolder, place } = options;
  for (const [path, content] of await readKeys(options)) {
    const target = path === 'password' ? place.passwordFile : join(dataFolder, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(target, content, { mode: 0o600, flag: 'wx' });
  }
}

/** Small files by where they lay below the data folder, and `password`. */
export async function readKeys(options: {
  store: BackupStore;
  identities: readonly string[];
  manifest: BaseManifest;
}): Promise<Map<string, Buffer>> {
  const { store, identities, manifest } = options;
  const name = baseFiles(manifest.summary.id).keys;
  const keys = JSON.parse(await unpackText({ store, name, identities }, 20_000_000)) as Record<
    string,
    unknown
  >;
  const found = new Map<string, Buffer>();
  for (const [path, content] of Object.entries(keys)) {
    if (typeof content !== 'string') throw damaged(name, 'is not what it should be');
    const isKey = /^(keys|tls)(\/[A-Za-z0-9_-][A-Za-z0-9._-]*){1,4}$/.test(path);
    if (!isKey && path !== 'password') throw damaged(name, `names ${JSON.stringify(path.slice(0, 100))}`);
    found.set(path, Buffer.from(content, 'base64'));
  }
  return found;
}

/** The cluster under another name, with the log that follows it, and its own name at the end. */
async function placeCluster(
  options: RestoreOptions & { manifest: BaseManifest; place: Place },
): Promise<Pick<RestoreSummary, 'logPieces' | 'logUntil' | 'hasGap'>> {
  const { place, until, base, onProgress = () => {} } = options;
  const partial = join(place.folder, 'cluster.partial-restore');
  await rm(partial, { recursive: true, force: true });
  await extractCluster({ ...options, folder: partial });
  let added: Pick<RestoreSummary, 'logPieces' | 'logUntil' | 'hasGap'> = {
    logPieces: 0,
    logUntil: undefined,
    hasGap: false,
  };
  if (base === undefined || until !== undefined) {
    onProgress('Restoring the log');
    added = await extractLog({ ...options, folder: partial });
  }
  const own = (path: string) =>
    place.user === undefined ? undefined : chown(path, place.user.uid, place.user.gid);
  const signal = join(partial, 'recovery.signal');
  await writeFile(signal, '', { mode: 0o600 });
  await own(signal);
  await rename(partial, place.cluster);
  return added;
}

/** The files of a base into a folder that is not there yet; every byte against the manifest's sum. */
export async function extractCluster(options: {
  store: BackupStore;
  identities: readonly string[];
  manifest: BaseManifest;
  place: Pick<Place, 'user'>;
  folder: string;
  onProgress?: (line: string) => void;
}): Promise<void> {
  const { store, identities, manifest, place, folder, onProgress = () => {} } = options;
  const name = baseFiles(manifest.summary.id).database;
  const told = sometimes(onProgress);
  const own = async (path: string) => {
    if (place.user !== undefined) await chown(path, place.user.uid, place.user.gid);
  };
  const sum = summing();
  const archive = joined(await unpack({ store, name, identities }), sum.stream);
  await mkdir(folder, { mode: 0o700 });
  await own(folder);
  try {
    for await (const entry of readTar(archive)) {
      const path = join(folder, entry.path);
      if (entry.kind === 'folder') {
        await mkdir(path, { recursive: true, mode: 0o700 });
        await own(path);
        continue;
      }
      const handle = await open(path, 'wx', 0o600);
      try {
        for await (const part of entry.content) {
          await handle.writeFile(part);
          told(() => {
            const { bytes } = sum.soFar();
            return `Restoring the database: ${megabytes(bytes)} of ${megabytes(manifest.parts.database.bytes)}`;
          });
        }
      } finally {
        await handle.close();
      }
      await own(path);
    }
  } catch (error) {
    archive.destroy();
    throw error instanceof StartError || isOfStorage(error)
      ? error
      : damaged(name, 'was changed or cut', error);
  }
  const { sha256, bytes } = sum.result();
  const wanted = manifest.parts.database;
  if (sha256 !== wanted.sha256 || bytes !== wanted.bytes)
    throw damaged(name, 'is not the one of its manifest');
}

/** Puts the log that follows a base into its segments, as the server itself would have written them. */
export async function extractLog(options: {
  store: BackupStore;
  identities: readonly string[];
  manifest: BaseManifest;
  place: Pick<Place, 'user'>;
  folder: string;
  onProgress?: (line: string) => void;
}): Promise<Pick<RestoreSummary, 'logPieces' | 'logUntil' | 'hasGap'>> {
  const { store, identities, place, folder, onProgress = () => {} } = options;
  const told = sometimes(onProgress);
  const { systemId, timeline, segmentBytes, startLsn, endLsn } = options.manifest.summary;
  const range = { start: parseLsn(startLsn), end: parseLsn(endLsn) };
  const { pieces, gapAt } = await walAfter(listWal(store, systemId, timeline), range);
  for (const [at, piece] of pieces.entries()) {
    told(() => `Restoring the log: ${at} of ${pieces.length} pieces`);
    const content = await unpack({ store, name: piece.name, identities });
    await writePiece({ content, piece, timeline, segmentBytes, folder, place }).catch((error: unknown) => {
      throw error instanceof StartError || isOfStorage(error)
        ? error
        : damaged(piece.name, 'was changed', error);
    });
  }
  return { logPieces: pieces.length, logUntil: pieces.at(-1)?.storedAt, hasGap: gapAt !== undefined };
}

async function writePiece(options: {
  content: Readable;
  piece: { name: string; start: bigint; end: bigint };
  timeline: number;
  segmentBytes: number;
  folder: string;
  place: Pick<Place, 'user'>;
}): Promise<void> {
  const { content, piece, timeline, segmentBytes, folder, place } = options;
  let position = piece.start;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    let rest = chunk;
    while (rest.length > 0) {
      if (position >= piece.end) throw new TarError('the piece is longer than its name says');
      const offset = Number(position % BigInt(segmentBytes));
      const part = rest.subarray(0, segmentBytes - offset);
      const path = join(folder, 'pg_wal', segmentName(timeline, position, segmentBytes));
      const handle = await open(path, 'r+').catch(async (error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw error;
        const made = await open(path, 'wx+', 0o600);
        await made.truncate(segmentBytes);
        if (place.user !== undefined) await made.chown(place.user.uid, place.user.gid);
        return made;
      });
      try {
        await handle.write(part, 0, part.length, offset);
      } finally {
        await handle.close();
      }
      position += BigInt(part.length);
      rest = rest.subarray(part.length);
    }
  }
  if (position !== piece.end) throw new TarError('the piece is shorter than its name says');
}

/**
 * Starts the server once so that it plays its log, up to the wanted time or to the end, and begins a timeline of its own:
 * what it writes from now on never mixes with what the old one may still write.
 */
async function replay(options: RestoreOptions, dataFolder: string): Promise<void> {
  const { until } = options;
  const start = (target: Record<string, string>) =>
    startEmbeddedPostgres({
      ...options,
      dataFolder,
      readyWithinMs: replayWithinMs,
      serverSettings: {
        // Everything lies in pg_wal already; a recovery insists on being told a command.
        restore_command: 'false',
        // Nobody is let in before the end, so that "ready" means that all is played.
        hot_standby: 'off',
        recovery_target_action: 'promote',
        ...target,
      },
    });
  const target: Record<string, string> =
    until === undefined ? {} : { recovery_target_time: postgresTime(until) };
  const server = await start(target).catch((error: unknown) => {
    // The log ends before that time: all of it is what was asked for.
    if (until !== undefined && /before configured recovery target/.test(reasonOf(error))) return start({});
    throw error;
  });
  await server.stop();
}

/** As PostgreSQL reads it before it knows any zone by its name. */
const postgresTime = (time: Date): string => time.toISOString().replace('T', ' ').replace('Z', '+00');

const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${error.message} ${reasonOf(error.cause)}` : String(error ?? '');
