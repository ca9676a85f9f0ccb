import { appendFile, chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBlobs } from '../blobs/index.ts';
import { createLog } from '../log/index.ts';
import { openSecrets } from '../secrets/index.ts';
import { createBackup, type EmbeddedPostgres, restoreBackup, startEmbeddedPostgres } from './index.ts';

const log = createLog({ level: 'silent' });
let base: string;
let systemFolder: string;
const servers: EmbeddedPostgres[] = [];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'liaison-backup-'));
  await chmod(base, 0o755);
  systemFolder = join(base, 'var');
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

const settingsOf = (name: string) => ({
  dataFolder: join(base, name),
  blobsUrl: pathToFileURL(join(base, name, 'blobs')).href,
});

async function start(name: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataFolder: join(base, name), log, systemFolder });
  servers.push(server);
  return server;
}

async function connect(server: EmbeddedPostgres): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

test('A backup under load has every row committed before its end, its blobs and keys, and starts elsewhere', async () => {
  const server = await start('one');
  const secrets = await openSecrets({ dataFolder: join(base, 'one') });
  const blobs = await createBlobs(settingsOf('one').blobsUrl);
  const client = await connect(server);
  await client.query('CREATE TABLE account (id integer PRIMARY KEY, amount integer NOT NULL)');
  await client.query('CREATE TABLE entry (id bigserial PRIMARY KEY, sha256 text, filler text)');
  await client.query('INSERT INTO account SELECT g, 100 FROM generate_series(1, 50) g');
  await client.query("INSERT INTO entry (filler) SELECT repeat('x', 900) FROM generate_series(1, 20000)");

  // Writers that move amounts around, store blobs and name them in rows, force checkpoints and drop tables meanwhile.
  let writing = true;
  const committed: number[] = [];
  const write = async (writer: number) => {
    const own = await connect(server);
    for (let turn = 0; writing; turn++) {
      const { sha256 } = await blobs.put([Buffer.from(`blob ${writer} ${turn}`)], { maxBytes: 100 });
      await own.query('BEGIN');
      await own.query('UPDATE account SET amount = amount - 1 WHERE id = $1', [1 + ((turn * 7) % 25)]);
      await own.query('UPDATE account SET amount = amount + 1 WHERE id = $1', [26 + (turn % 25)]);
      const inserted = await own.query<{ id: string }>(
        "INSERT INTO entry (sha256, filler) VALUES ($1, repeat('y', 500)) RETURNING id",
        [sha256],
      );
      await own.query('COMMIT');
      committed.push(Number(inserted.rows[0]!.id));
      if (turn % 50 === 10)
        await own.query(`CREATE TABLE passing_${writer}_${turn} AS SELECT * FROM account`);
      if (turn % 50 === 30) await own.query(`DROP TABLE passing_${writer}_${turn - 20}`);
      if (writer === 0 && turn % 40 === 0) await own.query('CHECKPOINT');
    }
    await own.end();
  };
  const writers = [0, 1].map(write);
  while (committed.length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
  const before = [...committed];
  const duringCopy: number[] = [];
  const folder = join(base, 'backup');
  const summary = await createBackup({
    settings: settingsOf('one'),
    folder,
    log,
    systemFolder,
    // Whatever was committed when the copy of the database ends must be in it.
    onProgress: (line) => line === 'Ending the copy of the database' && duringCopy.push(...committed),
  });
  writing = false;
  await Promise.all(writers);
  await client.end();
  expect(duringCopy.length).toBeGreaterThan(before.length);
  expect(summary).toMatchObject({ folder, damagedBlobs: [] });
  expect((await stat(folder)).mode & 0o077).toBe(0);

  const restored = await restoreBackup({ settings: settingsOf('two'), folder, log, systemFolder });
  expect(restored.blobs.count).toBeGreaterThan(0);
  const second = await start('two');
  const reader = await connect(second);
  const ids = new Set(
    (await reader.query<{ id: string }>('SELECT id FROM entry')).rows.map((row) => Number(row.id)),
  );
  expect(duringCopy.filter((id) => !ids.has(id))).toEqual([]);
  const sum = await reader.query<{ sum: string }>('SELECT sum(amount) FROM account');
  expect(sum.rows[0]?.sum).toBe('5000');
  const there = await createBlobs(settingsOf('two').blobsUrl);
  for (const row of (
    await reader.query<{ sha256: string }>('SELECT sha256 FROM entry WHERE sha256 IS NOT NULL')
  ).rows) {
    expect(await there.has(row.sha256)).toBe(true);
  }
  // Every page's checksum and every index entry.
  await reader.query('CREATE EXTENSION IF NOT EXISTS amcheck');
  await reader.query(
    "SELECT bt_index_check(c.oid, true) FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE c.relkind = 'i' AND a.amname = 'btree'",
  );
  await reader.end();
  const sealed = secrets.seal('x', 'c');
  expect((await openSecrets({ dataFolder: join(base, 'two') })).openText(sealed, 'c')).toBe('x');
}, 120_000);

test('A server that does not run is backed up too, and does not run afterwards', async () => {
  const server = await start('one');
  const client = await connect(server);
  await client.query("CREATE TABLE note AS SELECT 'kept' AS text");
  await client.end();
  process.kill(server.pid, 'SIGINT');
  await server.stop();
  const settings = settingsOf('one');
  await createBackup({ settings, folder: join(base, 'backup'), log, systemFolder });
  await restoreBackup({ settings: settingsOf('two'), folder: join(base, 'backup'), log, systemFolder });
  const reader = await connect(await start('two'));
  expect((await reader.query('SELECT text FROM note')).rows).toEqual([{ text: 'kept' }]);
  await reader.end();
  await start('one');
}, 120_000);

test('What is not whole is refused, before and after', async () => {
  const server = await start('one');
  const settings = settingsOf('one');
  const blobs = await createBlobs(settings.blobsUrl);
  const kept = await blobs.put([Buffer.from('kept')], { maxBytes: 100 });
  const spoiled = await blobs.put([Buffer.from('spoiled')], { maxBytes: 100 });
  await appendFile(join(base, 'one', 'blobs', spoiled.sha256.slice(0, 2), spoiled.sha256), 'x');
  const folder = join(base, 'backup');
  await expect(createBackup({ settings, folder: join(base, 'one', 'b'), log })).rejects.toThrow(
    /lies in the data folder/,
  );
  const own = { ...settings, databaseUrl: 'postgres://x/y' };
  await expect(createBackup({ settings: own, folder, log })).rejects.toThrow(/DATABASE_URL/);
  await expect(createBackup({ settings: settingsOf('none'), folder, log })).rejects.toThrow(
    /holds no database/,
  );
  expect(await createBackup({ settings, folder, log, systemFolder })).toMatchObject({
    blobs: { count: 1 },
    damagedBlobs: [spoiled.sha256],
  });
  await expect(createBackup({ settings, folder, log })).rejects.toThrow(/is not empty/);
  await server.stop();

  const restore = (name: string, from = folder) =>
    restoreBackup({ settings: settingsOf(name), folder: from, log, systemFolder });
  const passwordBefore = await readFile(server.place.passwordFile, 'utf8');
  await expect(restore('one')).rejects.toThrow(/one is not empty · LIAISON_DATA/);
  expect(await readFile(server.place.passwordFile, 'utf8')).toBe(passwordBefore);
  await expect(restore('two', base)).rejects.toThrow(/not a backup/);
  expect(await readdir(base)).not.toContain('two');

  const spoil = async (
    name: string,
    file: string,
    change: (path: string) => Promise<void>,
    message: RegExp,
  ) => {
    const good = await readFile(join(folder, file));
    await change(join(folder, file));
    await expect(restore(name), file).rejects.toThrow(message);
    await writeFile(join(folder, file), good, { mode: 0o600 });
  };
  const flip = async (path: string) => {
    const bytes = await readFile(path);
    bytes[100] = bytes[100]! ^ 1;
    await writeFile(path, bytes);
  };
  await spoil('a', 'cluster/global/pg_control', flip, /damaged: cluster\/global\/pg_control was changed/);
  await spoil('b', 'cluster/PG_VERSION', rm, /damaged: cluster\/PG_VERSION is missing/);
  await spoil(
    'c',
    `blobs/${kept.sha256.slice(0, 2)}/${kept.sha256}`,
    (path) => writeFile(path, 'other'),
    /was changed/,
  );
  const outside = async (path: string) =>
    writeFile(path, (await readFile(path, 'utf8')).replace('"password"', '"../password"'));
  await spoil('d', 'manifest.json', outside, /manifest.json is damaged/);
  await spoil('e', 'manifest.json', (path) => writeFile(path, '{'), /cannot be read/);
  // Half a restore never becomes a server that looks whole.
  await expect(start('a')).rejects.toThrow(/restore that was not finished · LIAISON_DATA/);
  await expect(restore('a')).rejects.toThrow(/is not empty/);
  await restore('g');
}, 120_000);
