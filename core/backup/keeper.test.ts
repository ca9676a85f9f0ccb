import { chmod, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBlobs } from '../blobs/index.ts';
import { loadSettings } from '../config/index.ts';
import { createLog } from '../log/index.ts';
import { backupSlot } from '../postgres/backup-slot.ts';
import { type EmbeddedPostgres, letBackupSlotGo, startEmbeddedPostgres } from '../postgres/index.ts';
import {
  type BackupService,
  createBackupService,
  createIdentity,
  listBases,
  openBackupStore,
  planOf,
  restoreFromStore,
} from './index.ts';

const log = createLog({ level: 'silent' });
const times = { logMs: 200, blobsMs: 200, lookMs: 200, listMs: 1000, retryMs: 200 };
let home: string;
let systemFolder: string;
const servers: EmbeddedPostgres[] = [];
const services: BackupService[] = [];
const clients: pg.Client[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'liaison-keeper-'));
  await chmod(home, 0o755);
  systemFolder = join(home, 'var');
});
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
  for (const client of clients.splice(0)) await client.end().catch(() => {});
  for (const server of servers.splice(0)) await server.stop();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

async function start(name: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataFolder: join(home, name), log, systemFolder });
  servers.push(server);
  return server;
}

async function connect(server: EmbeddedPostgres): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.url });
  clients.push(client);
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function until<Value>(
  what: string,
  look: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value> {
  const deadline = Date.now() + 180_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not come`);
    await sleep(50);
  }
}

test('A server that is lost at any moment comes back to the last shipped second, or to a time before a mistake', async () => {
  const { identity, recipient } = await createIdentity();
  const environment = {
    LIAISON_DATA: join(home, 'one'),
    LIAISON_BACKUP_TO: join(home, 'backups'),
    LIAISON_BACKUP_RECIPIENT: recipient,
  };
  const settings = { ...loadSettings(environment), logLevel: 'silent' as const };
  const server = await start('one');
  const client = await connect(server);
  await client.query('CREATE TABLE entry (id integer PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())');
  const plan = (await planOf(settings, '1'))!;
  const begin = async () => {
    const service = createBackupService({ plan, url: server.url, settings, log, times, systemFolder });
    services.push(service);
    await service.start();
    return service;
  };
  const first = await begin();
  await until('the first base, proved', () => first.status?.lastBase?.verified);
  const second = await begin();

  // Blobs and rows after the base.
  const blobs = await createBlobs(settings.blobsUrl);
  const { sha256 } = await blobs.put([Buffer.from('after the base')], { maxBytes: 100 });
  await client.query('INSERT INTO entry SELECT generate_series(1, 1000)');
  const position = async () =>
    (await client.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn')).rows[0]!.lsn;
  const isSafe = async (lsn: string) =>
    (
      await client.query<{ safe: boolean }>(
        'SELECT restart_lsn >= $1::pg_lsn AS safe FROM pg_replication_slots WHERE slot_name = $2',
        [lsn, backupSlot],
      )
    ).rows[0]?.safe || undefined;
  let written = await position();
  await until('the log', () => isSafe(written));
  const store = await openBackupStore(plan.to);
  await until('the blob', async () => {
    for await (const { name } of store.list('added/')) return name;
    return undefined;
  });
  const good = new Date((await client.query<{ now: Date }>('SELECT clock_timestamp() AS now')).rows[0]!.now);
  await sleep(20);
  await client.query('DELETE FROM entry WHERE id > 10');
  written = await position();
  await until('the mistake', () => isSafe(written));

  // The store goes away: nothing is lost, it is said, and the rest follows. The other server takes over meanwhile.
  await rename(join(home, 'backups'), join(home, 'away'));
  await client.query('INSERT INTO entry SELECT generate_series(2001, 2100)');
  await until('the fault', () => first.remark() ?? undefined);
  expect(first.remark()).toMatch(/^(log|blobs|base): /);
  expect(second.status).toBeUndefined();
  await first.stop();
  expect((await readdir(join(home, 'away'))).length).toBeGreaterThan(2);
  await rename(join(home, 'away'), join(home, 'backups'));
  await until('the other', () => second.status?.lastShippedAt);
  written = await position();
  await until('the rest', () => isSafe(written));
  expect((await listBases(store)).length).toBe(1);
  process.kill(server.pid, 'SIGKILL');

  const restored = async (name: string, more: { until?: Date }) => {
    const to = { dataFolder: join(home, name), blobsUrl: pathToFileURL(join(home, name, 'blobs')).href };
    const done = await restoreFromStore({
      settings: to,
      store,
      identities: [identity],
      log,
      systemFolder,
      ...more,
    });
    expect(done).toMatchObject({ hasGap: false });
    expect(done.logPieces).toBeGreaterThan(2);
    expect(await (await createBlobs(to.blobsUrl)).has(sha256)).toBe(true);
    const reader = await connect(await start(name));
    return (
      await reader.query<{ count: number; max: number }>('SELECT count(*)::int AS count, max(id) FROM entry')
    ).rows[0];
  };
  expect(await restored('two', {})).toEqual({ count: 110, max: 2100 });
  expect(await restored('three', { until: good })).toEqual({ count: 1000, max: 1000 });

  await second.stop();
}, 480_000);

test('Without backups the database keeps no log for them', async () => {
  const server = await start('one');
  const client = await connect(server);
  await client.query('SELECT pg_create_physical_replication_slot($1, true)', [backupSlot]);
  await letBackupSlotGo(server.url, log);
  expect((await client.query('SELECT 1 FROM pg_replication_slots')).rowCount).toBe(0);
}, 120_000);
