import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Blobs, createBlobs } from '../blobs/index.ts';
import { createLog } from '../log/index.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../postgres/index.ts';
import { masterKeyFile, openSecrets } from '../secrets/index.ts';
import { type BaseOptions, makeBase } from './base.ts';
import {
  type BackupStore,
  checkBackup,
  createIdentity,
  findBackup,
  listBases,
  openBackupStore,
  readRestoreRequest,
  restoreBlobs,
  restoreCluster,
  restoreFromStore,
  restoreKeys,
} from './index.ts';
import { baseFiles } from './summary.ts';

const log = createLog({ level: 'silent' });
let home: string;
let systemFolder: string;
let server: EmbeddedPostgres;
let client: pg.Client;
let blobs: Blobs;
let store: BackupStore;
let keys: { identity: string; recipient: string };

const folderOf = (name: string) => join(home, name);
const settingsOf = (name: string) => ({
  dataFolder: folderOf(name),
  blobsUrl: pathToFileURL(join(home, name, 'blobs')).href,
});

/** One source for all: what is damaged is damaged in a copy of its backup. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'liaison-base-'));
  await chmod(home, 0o755);
  systemFolder = folderOf('var');
  server = await startEmbeddedPostgres({ dataFolder: folderOf('one'), log, systemFolder });
  client = await connect(server);
  blobs = await createBlobs(settingsOf('one').blobsUrl);
  store = await openBackupStore(pathToFileURL(folderOf('backups')).href);
  keys = await createIdentity();
}, 240_000);
afterAll(async () => {
  await client?.end();
  await server?.stop();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

async function connect(to: EmbeddedPostgres): Promise<pg.Client> {
  const opened = new pg.Client({ connectionString: to.url });
  opened.on('error', () => {});
  await opened.connect();
  return opened;
}

const base = (more: Partial<BaseOptions> = {}) =>
  makeBase({
    url: server.url,
    store,
    recipients: [keys.recipient],
    blobs,
    dataFolder: folderOf('one'),
    passwordFile: server.place.passwordFile,
    nameKey: Buffer.alloc(32, 1),
    version: '1.2.3',
    log,
    ...more,
  });

const restore = (name: string, more: Partial<Parameters<typeof restoreFromStore>[0]> = {}) =>
  restoreFromStore({
    settings: settingsOf(name),
    store,
    identities: [keys.identity],
    log,
    systemFolder,
    ...more,
  });

test('A base made under load has every row committed before its end, its blobs and keys, and is proved by a restore', async () => {
  const secrets = await openSecrets({ dataFolder: folderOf('one') });
  await client.query('CREATE TABLE account (id integer PRIMARY KEY, amount integer NOT NULL)');
  await client.query('CREATE TABLE entry (id bigserial PRIMARY KEY, sha256 text, filler text)');
  await client.query('INSERT INTO account SELECT g, 100 FROM generate_series(1, 50) g');
  await client.query("INSERT INTO entry (filler) SELECT repeat('x', 900) FROM generate_series(1, 5000)");
  let writing = true;
  const committed: number[] = [];
  const write = async () => {
    const own = await connect(server);
    for (let turn = 0; writing; turn++) {
      const { sha256 } = await blobs.put([Buffer.from(`blob ${turn % 40}`)], { maxBytes: 100 });
      await own.query('BEGIN');
      await own.query('UPDATE account SET amount = amount - 1 WHERE id = $1', [1 + ((turn * 7) % 25)]);
      await own.query('UPDATE account SET amount = amount + 1 WHERE id = $1', [26 + (turn % 25)]);
      const inserted = await own.query<{ id: string }>(
        'INSERT INTO entry (sha256) VALUES ($1) RETURNING id',
        [sha256],
      );
      await own.query('COMMIT');
      committed.push(Number(inserted.rows[0]!.id));
    }
    await own.end();
  };
  const writer = write();
  const before: number[] = [];
  const made = await base({
    onProgress: (line) => void (line === 'Copying the database' && before.push(...committed)),
  });
  writing = false;
  await writer;
  expect(made).toMatchObject({ program: '1.2.3', postgresMajor: 18, timeline: 1, blobs: { damaged: 0 } });
  expect(made.blobs.added).toBe(made.blobs.count);

  const done = await restore('two');
  expect(done).toMatchObject({
    base: { id: made.id },
    logPieces: 0,
    hasGap: false,
    blobs: { count: made.blobs.count },
  });
  const second = await startEmbeddedPostgres({ dataFolder: folderOf('two'), log, systemFolder });
  const reader = await connect(second);
  const ids = new Set(
    (await reader.query<{ id: string }>('SELECT id FROM entry')).rows.map(({ id }) => Number(id)),
  );
  expect(before.filter((id) => !ids.has(id))).toEqual([]);
  expect((await reader.query('SELECT sum(amount)::int AS sum FROM account')).rows).toEqual([{ sum: 5000 }]);
  const there = await createBlobs(settingsOf('two').blobsUrl);
  for (const { sha256 } of (
    await reader.query<{ sha256: string }>('SELECT DISTINCT sha256 FROM entry WHERE sha256 IS NOT NULL')
  ).rows)
    expect(await there.has(sha256)).toBe(true);
  // A timeline of its own: what it writes never mixes with what the first may still write.
  expect((await reader.query('SELECT timeline_id FROM pg_control_checkpoint()')).rows).toEqual([
    { timeline_id: 2 },
  ]);
  await reader.end();
  await second.stop();
  expect((await openSecrets({ dataFolder: folderOf('two') })).openText(secrets.seal('x', 'c'), 'c')).toBe(
    'x',
  );
}, 240_000);

test('A second base copies only what is new, and the process that wrote it can prove it without reading older ones', async () => {
  await blobs.put([Buffer.from('new')], { maxBytes: 100 });
  const checker = await createIdentity();
  const made = await base({ checker: checker.recipient, passwordFile: undefined });
  const before = (await listBases(store))[0]!.blobs.count;
  expect(before).toBeGreaterThan(0);
  expect(made.blobs).toMatchObject({ added: made.blobs.count - before, damaged: 0 });
  const workFolder = folderOf('work');
  // What a check left that was killed long ago.
  await mkdir(join(workFolder, 'check-killed'), { recursive: true });
  await utimes(join(workFolder, 'check-killed'), 0, 0);
  const look = {
    store,
    identities: [checker.identity],
    blobs: 'present',
    workFolder,
    log,
    systemFolder,
  } as const;
  expect(await checkBackup({ ...look, base: made })).toMatchObject({ id: made.id, ok: true });
  const [first, second] = await listBases(store);
  expect(second).toMatchObject({
    id: made.id,
    verified: { ok: true, detail: expect.stringContaining('2 tables') },
  });
  // Its password is not in it, as with a database that is not the embedded one: the restored one has a new one, that works.
  await restore('from-elsewhere', { blobs: 'present' });
  const embedded = await startEmbeddedPostgres({ dataFolder: folderOf('from-elsewhere'), log, systemFolder });
  await (await connect(embedded)).end();
  await embedded.stop();
  expect(await readFile(embedded.place.passwordFile, 'utf8')).not.toBe(
    await readFile(server.place.passwordFile, 'utf8'),
  );
  await expect(checkBackup({ ...look, base: first! })).rejects.toThrow(/encrypted to another key/);
  expect((await listBases(store))[0]?.verified).toMatchObject({ ok: false });
  expect(await readdir(home)).not.toContain('work');
}, 240_000);

test('Neither content nor names of blobs can be told from what lies in the store', async () => {
  const { sha256 } = await blobs.put([Buffer.from('a known file')], { maxBytes: 100 });
  await client.query("CREATE TABLE secret AS SELECT 'seven-grey-herons' AS words");
  await base();
  for await (const { name } of store.list('')) {
    expect(name).not.toContain(sha256);
    const content = await readFile(join(folderOf('backups'), name));
    expect(content.includes('seven-grey-herons'), name).toBe(false);
    expect(content.includes('a known file'), name).toBe(false);
    expect(content.includes(sha256), name).toBe(false);
  }
}, 120_000);

test('Two at once: the second is refused and the first goes on; one that was stopped never looks whole', async () => {
  const before = (await listBases(store)).length;
  const second: Promise<unknown>[] = [];
  await base({
    onProgress: (line) => {
      if (line === 'Copying the database')
        second.push(expect(base()).rejects.toThrow(/another backup is being made/));
    },
  });
  await Promise.all(second);
  expect((await listBases(store)).length).toBe(before + 1);
  const stopped = new AbortController();
  await expect(
    base({ signal: stopped.signal, onProgress: (line) => line === 'Copying the blobs' && stopped.abort() }),
  ).rejects.toThrow();
  expect((await listBases(store)).length).toBe(before + 1);
  expect(await readdir(join(folderOf('backups'), 'incoming'))).toEqual([]);
}, 120_000);

test('What is damaged, missing, newer or locked to another key is refused, and half a restore never starts', async () => {
  const newest = (await listBases(store)).at(-1)!;
  const files = baseFiles(newest.id);
  const only = { base: newest.id };
  const spoil = async (
    name: string,
    file: string,
    change: (bytes: Buffer) => Buffer | null,
    message: RegExp,
  ) => {
    const path = join(folderOf('backups'), file);
    const good = await readFile(path);
    const bad = change(Buffer.from(good));
    await (bad === null ? rm(path) : writeFile(path, bad));
    await expect(restore(name, only), file).rejects.toThrow(message);
    await writeFile(path, good);
  };
  const flip = (bytes: Buffer) =>
    bytes.fill(bytes[bytes.length - 30]! ^ 1, bytes.length - 30, bytes.length - 29);
  await spoil('a', files.database, flip, /damaged: bases.*database.* was changed or cut/);
  await spoil(
    'b',
    files.database,
    (bytes) => bytes.subarray(0, bytes.length - 100_000),
    /was changed or cut/,
  );
  await spoil('c', files.database, () => null, /database.* is missing/);
  await spoil('d', files.manifest, flip, /damaged/);
  await spoil('e', files.keys, flip, /damaged/);
  await spoil('f', files.blobs, () => null, /is missing/);
  await spoil(
    'g',
    files.summary,
    (bytes) => Buffer.from(bytes.toString().replace('backup-2', 'backup-3')),
    /there is no backup|knows liaison-backup-2/,
  );
  let blob = '';
  for await (const { name } of store.list('blobs/')) blob = name;
  await spoil('h', blob, flip, /damaged: blobs.* was changed/);
  await spoil('i', blob, () => null, /damaged: blobs.* is missing/);
  await expect(restore('j', { identities: [(await createIdentity()).identity] })).rejects.toThrow(
    /encrypted to another key/,
  );
  expect(await readdir(home)).not.toContain('j');
  await expect(restore('one')).rejects.toThrow(/one is not empty · LIAISON_DATA/);
  await expect(restore('k', { until: new Date('2020-01-01T00:00:00Z') })).rejects.toThrow(
    /no backup is as old as that/,
  );
  await expect(startEmbeddedPostgres({ dataFolder: folderOf('a'), log, systemFolder })).rejects.toThrow(
    /restore that was not finished/,
  );
  await mkdir(folderOf('empty'));
  const empty = await openBackupStore(pathToFileURL(folderOf('empty')).href, { mustExist: true });
  await expect(restore('l', { store: empty })).rejects.toThrow(/holds no whole backup/);
  await expect(openBackupStore(pathToFileURL(folderOf('not/there')).href)).rejects.toThrow(
    /not is not there · LIAISON_BACKUP_TO · mount/,
  );
}, 240_000);

test('Part by part, for a database that is kept by others: found, extracted whole or not at all, blobs that lack, keys', async () => {
  const secrets = await openSecrets({ dataFolder: folderOf('one') });
  await blobs.put([Buffer.from('a picture')], { maxBytes: 100 });
  const made = await base();
  const part = { store, identities: [keys.identity], base: made.id, log };
  const found = await findBackup(part);
  expect(found).toMatchObject({ id: made.id, postgresMajor: 18, program: '1.2.3', log: { pieces: 0 } });
  const masterKey = await readFile(masterKeyFile(folderOf('one')));
  expect(secrets).toBeDefined();
  expect(found.masterKey).toBe(createHash('sha256').update(masterKey).digest('hex'));
  expect((await restoreKeys(part)).get('keys/master.key')?.equals(masterKey)).toBe(true);

  const folder = folderOf('cluster');
  // What an interrupted one left is not taken for a part of it.
  await mkdir(`${folder}.partial`);
  await writeFile(join(`${folder}.partial`, 'PG_VERSION'), '3');
  await restoreCluster({ ...part, folder });
  expect(await readFile(join(folder, 'PG_VERSION'), 'utf8')).toBe('18\n');
  expect(await readdir(home)).not.toContain('cluster.partial');
  await expect(restoreCluster({ ...part, folder })).rejects.toThrow(/cluster is there already/);

  const blobsUrl = settingsOf('elsewhere').blobsUrl;
  const first = await restoreBlobs({ ...part, blobsUrl });
  expect(first).toMatchObject({ count: made.blobs.count, added: made.blobs.count });
  expect(await restoreBlobs({ ...part, blobsUrl })).toMatchObject({ count: made.blobs.count, added: 0 });

  const other = await createIdentity();
  const locked = { ...part, identities: [other.identity] };
  await expect(findBackup(locked)).rejects.toThrow('to another key');
  await expect(restoreCluster({ ...locked, folder: folderOf('never') })).rejects.toThrow('to another key');
  expect(await readdir(home)).not.toContain('never');
  await expect(findBackup({ ...part, base: 'nothing' })).rejects.toThrow('there is no backup nothing');
  for (const wrong of ['', '{}', '{"store":"x","identity":"y","more":1}', '{"store":"secret"'])
    expect(() => readRestoreRequest(wrong)).toThrow(/^standard input is not what it should be(?!.*secret)/);
  expect(readRestoreRequest('{"store":"x","identity":"y"}')).toEqual({ store: 'x', identity: 'y' });
});
