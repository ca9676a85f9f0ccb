import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { StartError } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { startEmbeddedPostgres } from '../postgres/index.ts';
import { restoreFromStore } from './restore.ts';
import type { BackupStore } from './store.ts';
import { type BaseSummary, baseFiles, listBases, type Verified } from './summary.ts';

export interface CheckOptions {
  store: BackupStore;
  identities: readonly string[];
  /** The base to look at, alone; without it the newest with all of the log after it. */
  base?: BaseSummary;
  /** `read` opens every blob with the identity, `present` looks whether they are there. */
  blobs: 'read' | 'present';
  /** A folder on a disk with room for the database; the restore is made in one below it and removed. */
  workFolder: string;
  log: Log;
  onProgress?: (line: string) => void;
  systemFolder?: string;
}

/**
 * Proves a backup by restoring it into an empty place: every byte against its sum, the log played, the server started,
 * every row of every table read (PostgreSQL looks at each page's checksum), every index compared with its table. What it
 * finds is written beside the base. Throws a `StartError` where the backup is not good or there is no room to look.
 */
export async function checkBackup(options: CheckOptions): Promise<Verified & { id: string }> {
  const { store, base, log, workFolder, ...rest } = options;
  const began = performance.now();
  const looked = base ?? (await listBases(store)).at(-1);
  if (looked === undefined)
    throw new StartError({ what: `${store.where} holds no whole backup`, mend: 'make one with backup' });
  await mkdir(workFolder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  await removeAbandoned(workFolder);
  await refuseWithoutRoom(workFolder, looked.database.bytes);
  const folder = await mkdtemp(join(workFolder, 'check-'));
  let detail = '';
  let failure: unknown;
  try {
    const settings = { dataFolder: join(folder, 'data'), blobsUrl: 'file:///nowhere' };
    const restored = await restoreFromStore({
      ...rest,
      store,
      log,
      settings,
      ...(base === undefined ? {} : { base: base.id }),
    });
    const found = await readEverything({ ...options, dataFolder: settings.dataFolder });
    detail = `${found.tables} tables with ${found.rows} rows, ${found.indexes} indexes, ${restored.blobs.count} blobs, ${restored.logPieces} pieces of log`;
  } catch (error) {
    failure = error;
    detail = error instanceof Error ? error.message : String(error);
  } finally {
    await removeRestored(folder);
    await rmdir(workFolder).catch(() => {}); // another check may be at work in it
  }
  const verified: Verified = {
    at: new Date().toISOString(),
    ok: failure === undefined,
    detail: detail.slice(0, 2000),
    seconds: Math.round((performance.now() - began) / 100) / 10,
  };
  await store.put(baseFiles(looked.id).verified, Buffer.from(`${JSON.stringify(verified)}\n`));
  if (failure !== undefined) {
    log.error({ err: failure, id: looked.id }, 'a backup is not good');
    throw failure;
  }
  return { ...verified, id: looked.id };
}

const abandonedAfterMs = 24 * 60 * 60 * 1000;

async function refuseWithoutRoom(folder: string, databaseBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const needed = databaseBytes * 1.2 + 512_000_000;
  if (bavail * bsize >= needed) return;
  throw new StartError({
    what: `checking the backup needs ${Math.ceil(needed / 1e9)} GB in ${folder}, and ${Math.floor((bavail * bsize) / 1e9)} GB are free`,
    mend: 'free some space, or check it on another machine with backup-verify',
  });
}

async function readEverything(
  options: CheckOptions & { dataFolder: string },
): Promise<{ tables: number; rows: number; indexes: number }> {
  const server = await startEmbeddedPostgres(options);
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => {});
  try {
    await client.connect();
    const tables = await client.query<{ name: string }>(
      "SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%' ORDER BY 1",
    );
    let rows = 0;
    for (const { name } of tables.rows) {
      // Every column, so that long values that lie elsewhere are read too.
      const read = await client.query<{ count: string }>(
        `SELECT count(*) AS count, coalesce(sum(length(t::text)), 0) AS read FROM ${name} t`,
      );
      rows += Number(read.rows[0]?.count);
    }
    await client.query('CREATE EXTENSION IF NOT EXISTS amcheck');
    const indexes = await client.query(
      "SELECT bt_index_check(c.oid, true) FROM pg_class c JOIN pg_am a ON a.oid = c.relam JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relkind = 'i' AND a.amname = 'btree' AND i.indisvalid AND c.relpersistence = 'p'",
    );
    return { tables: tables.rows.length, rows, indexes: indexes.rowCount ?? 0 };
  } finally {
    await client.end().catch(() => {});
    await server.stop();
  }
}

/** What a check left that was killed; one of another process may still run. */
async function removeAbandoned(workFolder: string): Promise<void> {
  for (const name of await readdir(workFolder)) {
    const folder = join(workFolder, name);
    const found = name.startsWith('check-') ? await stat(folder).catch(() => undefined) : undefined;
    if (found !== undefined && found.mtimeMs < Date.now() - abandonedAfterMs) await removeRestored(folder);
  }
}

/** The restored folder, and the database that lies elsewhere where root started us. */
export async function removeRestored(folder: string): Promise<void> {
  const elsewhere = await readFile(join(folder, 'data', 'postgres', 'elsewhere'), 'utf8').catch(() => '');
  if (elsewhere.trim() !== '') await rm(elsewhere.trim(), { recursive: true, force: true, maxRetries: 5 });
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
