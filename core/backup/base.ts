import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { BlobMissingError, type Blobs } from '../blobs/index.ts';
import { StartError, systemCode } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { blobFile, bytesOf, type Packed, pack } from './pack.ts';
import type { BackupStore } from './store.ts';
import { type BaseManifest, type BaseSummary, baseFiles, formatName, stampOf } from './summary.ts';
import { formatLsn, openWalsender, type Walsender } from './walsender.ts';

export interface BaseOptions {
  /** Address of the database, for a login that may replicate. */
  url: string;
  store: BackupStore;
  recipients: readonly string[];
  /**
   * Who else may read what belongs to this base alone: the process that has just written it, to check it. Blobs, which
   * bases share, are never encrypted to it.
   */
  checker?: string;
  blobs: Blobs;
  /** Keys and certificates lie here. */
  dataFolder: string;
  /** The file with the embedded database's password, where it is embedded. */
  passwordFile?: string | undefined;
  nameKey: Buffer;
  version: string;
  log: Log;
  onProgress?: (line: string) => void;
  signal?: AbortSignal;
}

/** The advisory lock of who makes or removes a base; it goes with the connection. */
const baseLock = '5193281, 1';

/**
 * Writes a new base: database, then blobs that the store does not have yet, then keys. In that order, because a row is
 * written after its blob and sealed by a key that is already there. Whatever ends it early leaves a folder without
 * `base.json`, which counts for nothing and goes with the next thinning; older backups are never touched.
 * Throws a `StartError` while another one is being made, whoever makes it.
 */
export async function makeBase(options: BaseOptions): Promise<BaseSummary> {
  const { url, store, signal, onProgress = () => {} } = options;
  const walsender = await openWalsender(url);
  try {
    return await underLock(walsender, async () => {
      signal?.throwIfAborted();
      const startedAt = new Date();
      const id = `${stampOf(startedAt)}-${randomBytes(3).toString('hex')}`;
      const files = baseFiles(id);
      const recipients = [...options.recipients, ...(options.checker === undefined ? [] : [options.checker])];
      const packAs = (name: string, source: Readable) => pack(source, { store, name, recipients, signal });

      onProgress('Copying the database');
      const copied = await copyDatabase(walsender, (archive) => packAs(files.database, archive));
      const endedAt = new Date();
      onProgress('Copying the blobs');
      const blobs = await copyBlobs(options, packAs, files);
      onProgress('Copying keys and certificates');
      const keys = await packAs(files.keys, bytesOf(JSON.stringify(await readKeys(options))));

      const summary: BaseSummary = {
        format: formatName,
        id,
        startedAt: startedAt.toISOString(),
        endedAt: endedAt.toISOString(),
        program: options.version,
        postgresMajor: copied.postgresMajor,
        systemId: copied.systemId,
        timeline: copied.timeline,
        segmentBytes: copied.segmentBytes,
        startLsn: formatLsn(copied.start),
        endLsn: formatLsn(copied.end),
        database: { bytes: copied.packed.bytes, storedBytes: copied.packed.storedBytes },
        blobs: blobs.figures,
        recipients: [...options.recipients],
      };
      const sumOf = ({ bytes, sha256 }: Packed) => ({ bytes, sha256 });
      const manifest: BaseManifest = {
        summary,
        parts: { database: sumOf(copied.packed), keys: sumOf(keys), blobs: sumOf(blobs.packed) },
        nameKey: options.nameKey.toString('hex'),
      };
      await packAs(files.manifest, bytesOf(JSON.stringify(manifest)));
      await store.put(files.summary, Buffer.from(`${JSON.stringify(summary, undefined, 1)}\n`), signal);
      return summary;
    });
  } finally {
    await walsender.close();
  }
}

/** One at a time over all processes and commands: who holds the connection holds the lock. */
export async function underLock<Result>(walsender: Walsender, work: () => Promise<Result>): Promise<Result> {
  const [row] = await walsender.rows(`SELECT pg_try_advisory_lock(${baseLock})::text AS held`);
  if (row?.held !== 'true') {
    throw new StartError({ what: 'another backup is being made', mend: 'wait until it has ended' });
  }
  try {
    return await work();
  } finally {
    await walsender.rows(`SELECT pg_advisory_unlock(${baseLock})`).catch(() => {});
  }
}

async function copyDatabase(walsender: Walsender, store: (archive: Readable) => Promise<Packed>) {
  const { systemId } = await walsender.identify();
  const [settings] = await walsender.rows(
    "SELECT current_setting('server_version_num') AS version, (SELECT setting FROM pg_settings WHERE name = 'wal_segment_size') AS segment",
  );
  // Keeps every piece of log until this connection ends, however long the copy takes.
  await walsender.rows(
    `CREATE_REPLICATION_SLOT backup_${randomBytes(6).toString('hex')} TEMPORARY PHYSICAL (RESERVE_WAL true)`,
  );
  const { archive, ended } = walsender.baseBackup('liaison');
  const packed = await store(archive);
  const range = await ended;
  return {
    ...range,
    packed,
    systemId,
    postgresMajor: Math.floor(Number(settings?.version) / 10_000),
    segmentBytes: Number(settings?.segment),
  };
}

async function copyBlobs(
  options: BaseOptions,
  packAs: (name: string, source: Readable) => Promise<Packed>,
  files: ReturnType<typeof baseFiles>,
) {
  const { store, blobs, nameKey, signal } = options;
  const there = new Set<string>();
  for await (const { name } of store.list('blobs/')) there.add(name);
  const figures = { count: 0, bytes: 0, added: 0, addedStoredBytes: 0, damaged: 0 };
  const names: string[] = [];
  const copyOne = async ({ sha256, bytes }: { sha256: string; bytes: number }): Promise<string> => {
    const name = blobFile(nameKey, sha256);
    if (!there.has(name)) {
      const stored = await copyBlob(options, sha256, name);
      if (stored === 'gone') return '';
      if (stored === 'damaged') {
        figures.damaged++;
        return '';
      }
      figures.added++;
      figures.addedStoredBytes += stored;
    }
    figures.count++;
    figures.bytes += bytes;
    names.push(name);
    return `${sha256} ${bytes}\n`;
  };
  const lines = async function* () {
    // An archive of nothing at all cannot be told from one that was cut.
    yield Buffer.from('blobs\n');
    for await (const batch of inBatches(blobs.list(), 8)) {
      signal?.throwIfAborted();
      yield Buffer.from((await Promise.all(batch.map(copyOne))).join(''));
    }
  };
  const packed = await packAs(files.blobs, Readable.from(lines()));
  await store.put(files.names, await promisify(zstdCompress)(names.join('\n')), signal);
  return { packed, figures };
}

/** Copies one blob; its bytes are looked at on the way, and are not kept when they are not what its name says. */
export async function copyBlob(
  options: Pick<BaseOptions, 'blobs' | 'store' | 'recipients' | 'signal' | 'log'>,
  sha256: string,
  name: string,
): Promise<number | 'gone' | 'damaged'> {
  const { blobs, store, recipients, signal, log } = options;
  const opened = await blobs.open(sha256).catch((error: unknown) => {
    // Removed meanwhile, so that no row needs it.
    if (error instanceof BlobMissingError) return undefined;
    throw error;
  });
  if (opened === undefined) return 'gone';
  const packed = await pack(opened.stream, { store, name, recipients, signal, compress: false });
  if (packed.sha256 === sha256) return packed.storedBytes;
  await store.remove(name);
  log.error({ sha256 }, 'a blob is damaged and not in the backup');
  return 'damaged';
}

async function* inBatches<Item>(items: AsyncIterable<Item>, size: number): AsyncIterable<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Small files that are restored to where they were: `{ "keys/master.key": "base64…" }`. */
async function readKeys(options: BaseOptions): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  let bytes = 0;
  const take = async (path: string, name: string) => {
    const content = await readFile(path);
    bytes += content.length;
    if (bytes > 8_000_000) {
      throw new StartError({
        what: `${path} and what lies beside it is too much for keys`,
        mend: 'move away what is none',
      });
    }
    found[name] = content.toString('base64');
  };
  const walk = async (folder: string, name: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    });
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await walk(path, `${name}/${entry.name}`);
      // A secret that an orchestrator mounts is a link.
      else await take(path, `${name}/${entry.name}`);
    }
  };
  for (const name of ['keys', 'tls']) await walk(join(options.dataFolder, name), name);
  if (options.passwordFile !== undefined) await take(options.passwordFile, 'password');
  return found;
}
