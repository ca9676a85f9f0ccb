import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { StartError } from '../config/index.ts';
import { createLog } from '../log/index.ts';
import { type EmbeddedPostgres, findRunningPostgres, startEmbeddedPostgres } from './index.ts';
import { isAlive, processesOf } from './processes.ts';

const run = promisify(execFile);
// Most tests start a server or two, and some of them unpack it: seconds each, and many on a busy machine.
vi.setConfig({ testTimeout: 120_000 });
const log = createLog({ level: 'silent' });
const isRoot = process.getuid?.() === 0;
const holder = join(import.meta.dirname, 'testdata', 'hold-server.ts');

let base: string;
let dataFolder: string;
let systemFolder: string;
const servers: EmbeddedPostgres[] = [];
const children: ChildProcess[] = [];

// Unpacking and initdb take most of a second each; the tests that are not about them start from a copy.
let template: string;
beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'liaison-pg-template-'));
  const server = await startEmbeddedPostgres({ dataFolder: template, log });
  await query(server.url, 'CREATE TABLE note (id integer PRIMARY KEY, text text)');
  await server.stop();
  return () => rm(template, { recursive: true, force: true });
});

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'liaison-pg-'));
  await chmod(base, 0o755);
  dataFolder = join(base, 'data');
  systemFolder = join(base, 'var');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) await server.stop();
  for (const folder of [
    dataFolder,
    ...(await readdir(systemFolder).catch(() => [])).map((name) => join(systemFolder, name)),
  ]) {
    const cluster = folder === dataFolder ? join(folder, 'postgres', 'cluster') : join(folder, 'cluster');
    await until(async () => (await processesOf(cluster)).length === 0, 'a database server outlived its test');
  }
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

test('The first start makes everything, the second is quick and finds what was written', async () => {
  const lines: string[] = [];
  const first = await start({ onProgress: (line) => lines.push(line) });
  expect(lines).toEqual(['Unpacking PostgreSQL', 'Creating the database']);
  await query(first.url, "CREATE TABLE note (id integer, text text); INSERT INTO note VALUES (1, 'kept')");
  expect(await findRunningPostgres(dataFolder)).toMatchObject({ url: first.url, pid: first.pid });
  await first.stop();
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);
  expect(await findRunningPostgres(dataFolder)).toBeUndefined();

  const before = performance.now();
  const second = await start();
  expect(performance.now() - before).toBeLessThan(5_000);
  expect(await query(second.url, 'SELECT text FROM note')).toEqual([{ text: 'kept' }]);
});

test('The server is small, durable, and answers on the loopback with its password only', async () => {
  const server = await startCopy();
  const shown = await query(
    server.url,
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync','jit','max_connections','listen_addresses','data_checksums','wal_level')",
  );
  expect(Object.fromEntries(shown.map((row) => [row.name, row.setting]))).toEqual({
    fsync: 'on',
    jit: 'off',
    max_connections: '60',
    listen_addresses: '127.0.0.1',
    data_checksums: 'on',
    wal_level: 'replica',
  });
  const url = new URL(server.url);
  url.password = 'wrong';
  await expect(query(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  expect((await stat(server.place.passwordFile)).mode & 0o777).toBe(0o600);
  expect((await stat(server.place.cluster)).mode & 0o777).toBe(0o700);
  const commandLine = await readFile(`/proc/${server.pid}/cmdline`, 'utf8');
  expect(commandLine).not.toContain(new URL(server.url).password);
});

test('A second Liaison on the same folder is refused and the first one keeps running', async () => {
  const server = await startCopy();
  await expect(start()).rejects.toThrow(new RegExp(`process ${process.pid}\\) already runs.*LIAISON_DATA`));
  expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('After kill -9 of the server process, the same address answers again', async () => {
  const server = await startCopy();
  await query(server.url, "INSERT INTO note VALUES (1, 'kept')");
  const { pid } = server;
  process.kill(pid, 'SIGKILL');
  await until(
    () =>
      query(server.url, 'SELECT 1').then(
        () => server.pid !== pid,
        () => false,
      ),
    'no new server',
  );
  expect(await query(server.url, 'SELECT text FROM note')).toEqual([{ text: 'kept' }]);
});

test('After kill -9 of ourselves the server shuts itself down, and the next start has all that was committed', async () => {
  await copyTemplate();
  const { child, url, pid } = await holdServer();
  await query(url, "INSERT INTO note VALUES (1, 'kept')");
  child.kill('SIGKILL');
  await until(() => !isAlive(pid), 'the server outlived us');
  const server = await start();
  expect(await query(server.url, 'SELECT text FROM note')).toEqual([{ text: 'kept' }]);
});

test('After kill -9 of ourselves, of the watcher and of the server, a stale postmaster.pid is no obstacle', async () => {
  await copyTemplate();
  const { child, url, pid } = await holdServer();
  await query(url, "INSERT INTO note VALUES (1, 'kept')");
  child.kill('SIGKILL');
  process.kill(pid, 'SIGKILL');
  const file = join(dataFolder, 'postgres', 'cluster', 'postmaster.pid');
  // The number now belongs to somebody else, as after a reboot or in a container.
  await until(() => !isAlive(pid), 'the server lives');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^\d+/, String(process.pid)));
  expect(await findRunningPostgres(dataFolder)).toBeUndefined();
  const server = await start();
  expect(await query(server.url, 'SELECT text FROM note')).toEqual([{ text: 'kept' }]);
});

test('A server that an earlier run left behind is shut down cleanly before the new one starts', async () => {
  await copyTemplate();
  const { child, url, pid } = await holdServer();
  await query(url, "INSERT INTO note VALUES (1, 'kept')");
  // Stop the watcher first: then nothing ends the server when its owner dies.
  for (const watcher of await watchersOf(pid)) process.kill(watcher, 'SIGKILL');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(pid)).toBe(true);
  const lines: string[] = [];
  const server = await start({ onProgress: (line) => lines.push(line) });
  expect(lines).toEqual(['Ending the database server of an earlier run']);
  await until(() => !isAlive(pid), 'the orphan still runs');
  expect(await query(server.url, 'SELECT text FROM note')).toEqual([{ text: 'kept' }]);
});

test('Killed at any moment of the very first start, the next one comes up', async () => {
  const folder = join(dataFolder, 'postgres');
  const has = (pattern: RegExp) => async () =>
    (await readdir(folder).catch(() => [])).some((name) => pattern.test(name));
  const hasFile = (path: string) => async () =>
    stat(join(folder, path)).then(
      () => true,
      () => false,
    );
  // Each kill but the first is in the middle of a start after a kill. What is there for a moment only may be over when it is
  // looked for: then what comes of it is as good.
  for (const moments of [
    [has(/^runtime-.*(\.partial|\d)$/), has(/^runtime-.*\d$/), has(/^cluster(\.partial-|$)/)],
    [has(/\.password$|^cluster$/), hasFile('cluster'), hasFile('cluster/postmaster.pid')],
  ]) {
    for (const [at, isReached] of moments.entries()) {
      const child = spawn(process.execPath, [holder, dataFolder], { stdio: 'ignore' });
      children.push(child);
      await until(isReached, `moment ${at}`, 2);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const server = await start();
    expect(await query(server.url, 'SELECT current_database() AS name')).toEqual([{ name: 'liaison' }]);
    expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);
    await server.stop();
    // The second round has PostgreSQL already, and no database.
    await rm(join(folder, 'cluster'), { recursive: true });
  }
}, 120_000);

test('A database of another PostgreSQL is refused and left alone', async () => {
  await copyTemplate();
  await writeFile(join(dataFolder, 'postgres', 'cluster', 'PG_VERSION'), '17\n');
  await expect(start()).rejects.toThrow(/made by PostgreSQL 17.*brings 18 · LIAISON_DATA · /);
  expect(await readFile(join(dataFolder, 'postgres', 'cluster', 'PG_VERSION'), 'utf8')).toBe('17\n');
});

test('A file where the folder should be, and a damaged database, give one line', async () => {
  await writeFile(join(base, 'file'), '');
  await expect(startEmbeddedPostgres({ dataFolder: join(base, 'file'), log, systemFolder })).rejects.toThrow(
    StartError,
  );
  await copyTemplate();
  await rm(join(dataFolder, 'postgres', 'cluster', 'global', 'pg_control'));
  const error = await start().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartError);
  expect((error as StartError).message).toMatch(/LIAISON_DATA/);
  expect((error as StartError).message).not.toContain('\n');
});

test.runIf(isRoot)('A full disk gives one line that says so', async () => {
  const disk = join(base, 'disk');
  await mkdir(disk);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=70m', 'tmpfs', disk]);
  try {
    await chmod(disk, 0o755);
    await expect(
      startEmbeddedPostgres({ dataFolder: join(disk, 'data'), log, systemFolder }),
    ).rejects.toThrow(/no space is left.*LIAISON_DATA.*free some space/);
  } finally {
    await run('umount', [disk]);
  }
});

test.runIf(isRoot)(
  'A data folder in a private home sends the database to a place of its own, for good',
  async () => {
    const home = join(base, 'root-home');
    await mkdir(home, { mode: 0o700 });
    dataFolder = join(home, 'data');
    const lines: string[] = [];
    const first = await start({ onProgress: (line) => lines.push(line) });
    expect(first.place.folder.startsWith(`${systemFolder}/`)).toBe(true);
    expect(lines.some((line) => line.includes(first.place.folder))).toBe(true);
    await query(first.url, 'CREATE TABLE kept ()');
    await first.stop();
    await chmod(home, 0o755);
    const second = await start();
    expect(second.place.folder).toBe(first.place.folder);
    await query(second.url, 'SELECT FROM kept');
    await second.stop();
    await rm(dataFolder, { recursive: true });
    await chmod(home, 0o700);
    const third = await start();
    expect(third.place.folder).not.toBe(first.place.folder);
    await expect(query(third.url, 'SELECT FROM kept')).rejects.toThrow(/does not exist/);
  },
);

test.runIf(isRoot)('An ordinary user starts it too, and a folder that is not theirs is refused', async () => {
  const [uid, gid] = [65534, 65534];
  await mkdir(dataFolder);
  await chown(dataFolder, uid, gid);
  const { child, url, pid } = await holdServer({ uid, gid });
  expect((await stat(`/proc/${pid}`)).uid).toBe(uid);
  await query(url, 'CREATE TABLE kept ()');
  child.kill('SIGTERM');
  await once(child, 'exit');

  const refused = spawn(process.execPath, [holder, join(base, 'not-theirs')], {
    uid,
    gid,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  refused.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [status] = await once(refused, 'close');
  expect(status).toBe(1);
  expect(said).toMatch(/^liaison: .*not-theirs cannot be written by this user · LIAISON_DATA · .*\n$/);

  // Root goes on with the user who owns the database.
  const server = await start();
  expect((await stat(`/proc/${server.pid}`)).uid).toBe(uid);
  await query(server.url, 'SELECT FROM kept');
});

test.runIf(isRoot)('A read-only folder gives one line', async () => {
  await mkdir(dataFolder);
  await run('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', dataFolder]);
  try {
    await expect(start()).rejects.toThrow(/cannot be written by this user · LIAISON_DATA/);
  } finally {
    await run('umount', [dataFolder]);
  }
});

async function start(options: { onProgress?: (line: string) => void } = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataFolder, log, systemFolder, ...options });
  servers.push(server);
  return server;
}

async function copyTemplate(): Promise<void> {
  if (isRoot) await run('cp', ['-a', template, dataFolder]);
  else await cp(template, dataFolder, { recursive: true });
}

async function startCopy(): Promise<EmbeddedPostgres> {
  await copyTemplate();
  return start();
}

/** A process of its own that starts the server and holds it until it is ended. */
async function holdServer(
  user: { uid?: number; gid?: number } = {},
): Promise<{ child: ChildProcess; url: string; pid: number }> {
  const child = spawn(process.execPath, [holder, dataFolder], {
    ...user,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(child.stdout!.setEncoding('utf8'), 'data')) as [string];
  return { child, ...(JSON.parse(line) as { url: string; pid: number }) };
}

/** The shells that wait for the end of their owner, by the session that they share with the server. */
async function watchersOf(pid: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === pid) continue;
    const state = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const session = state.slice(state.lastIndexOf(')') + 2).split(' ')[3];
    if (session === String(pid) && command.startsWith('/bin/sh')) found.push(Number(name));
  }
  expect(found).toHaveLength(1);
  return found;
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(text);
    return result.rows;
  } finally {
    await client.end();
  }
}

async function until(
  condition: () => boolean | Promise<boolean>,
  otherwise: string,
  everyMs = 20,
): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(otherwise);
    await sleep(everyMs);
  }
}
