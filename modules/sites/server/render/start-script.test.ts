import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { definitions, loadSettings, unknownSettings } from '@liaison/core/config';
import { freePort } from '@liaison/core/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Deployment } from '../../contract/index.ts';
import { anyDeployment, checked, threeNodes } from '../testing/any-deployment.ts';
import { masterKey } from './processes.ts';
import { programsOf } from './programs.ts';

const run = promisify(execFile);
let folder: string;
/** In the place of the database: the script waits until it is there. */
let database: Server;
let databasePort: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-start-script-'));
  database = createServer((socket) => socket.destroy());
  // Nobody is given it while the database is away.
  databasePort = await freePort();
  await new Promise<void>((resolve) => database.listen(databasePort, '127.0.0.1', resolve));
});
afterEach(async () => {
  database.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the start script of a process as its container would, and gives the environment of the program. */
async function startedWith(options: {
  deployment: Deployment;
  process: string;
  node: string;
  secrets?: Readonly<Record<string, string>>;
}): Promise<Record<string, string>> {
  const { deployment, node, secrets = {} } = options;
  const [site] = deployment.sites;
  if (site === undefined) throw new Error('no site');
  const { programs, configs } = programsOf(deployment, site, (name) => `tasks.${name}`);
  const program = programs.find(({ name }) => name === options.process);
  if (program === undefined) throw new Error(`no process ${options.process}`);
  for (const name of program.secrets)
    await writeFile(join(folder, name), `${secrets[name] ?? 'x'.repeat(20)}\n`);
  const script = (configs.get('start') ?? '')
    .replaceAll('/run/secrets', folder)
    .replaceAll('/dev/tcp/tasks.postgres/5432', `/dev/tcp/127.0.0.1/${databasePort}`);
  await writeFile(join(folder, 'start'), script);
  const data = join(folder, 'data');
  const { stdout } = await run('/bin/bash', [join(folder, 'start'), 'env', '-0'], {
    env: { PATH: '/usr/bin:/bin', ...program.environment, LIAISON_DATA: data, NODE_NAME: node },
  });
  const pairs = stdout.split('\0').filter((line) => line !== '');
  return Object.fromEntries(
    pairs.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

const known = new Set(Object.values(definitions).map(({ name }) => name as string));

test('Every setting of any right description is one of the program, with a value that it takes', () => {
  fc.assert(
    fc.property(anyDeployment, (deployment) => {
      const [site] = deployment.sites;
      if (site === undefined) return;
      const { programs, configs } = programsOf(deployment, site, (name) => `tasks.${name}`);
      for (const { environment } of programs) {
        expect(unknownSettings(environment)).toEqual([]);
        loadSettings(
          Object.fromEntries(
            // The two go with what the start script adds.
            Object.entries(environment).filter(([name]) => name !== 'LIAISON_TURN_URLS'),
          ),
        );
      }
      const exported = [...(configs.get('start') ?? '').matchAll(/\b([A-Z][A-Z_]+)=/g)].map(
        ([, name]) => name,
      );
      for (const name of exported) {
        if (name !== 'LC_ALL') expect(known, name).toContain(name);
      }
    }),
    { numRuns: 30 },
  );
});

test('A process is started with its own address, its secrets and its key', async () => {
  const deployment = checked(threeNodes());
  const env = await startedWith({
    deployment,
    process: 'media',
    node: 'n3',
    secrets: { 'postgres-password': 'p@ss/w:rd 100%', 'turn-secret': 'a-secret-of-turn' },
  });
  const settings = loadSettings(env);
  expect(settings).toMatchObject({
    advertise: ['203.0.113.3'],
    duties: ['media'],
    rtpPorts: { from: 20000, to: 20019 },
    natsUrl: 'nats://tasks.nats:4222',
    turnSecret: 'a-secret-of-turn',
    site: { name: 'eu' },
  });
  const database = new URL(settings.databaseUrl ?? '');
  expect(database.hostname).toBe('tasks.postgres');
  expect(decodeURIComponent(database.password)).toBe('p@ss/w:rd 100%');
  const key = await readFile(join(folder, 'data', 'keys', 'master.key'), 'utf8');
  expect(key).toBe(await readFile(join(folder, masterKey), 'utf8'));
});

test('Workers keep the backups with the keys of their bucket; nobody else is told of them', async () => {
  const input = threeNodes();
  const recipients = ['age15ygkmgqhz4jev9u0ls43esatg3klucf9mnflv5dgsr5xas0ylsxsgkwj2m'];
  Object.assign(input.sites[0], {
    backups: {
      at: '04:30 Europe/Lisbon',
      to: {
        kind: 's3',
        endpoint: 'https://backups.estuaria.example',
        bucket: 'backups',
        accessKey: { secret: 'access' },
        secretKey: { secret: 'key' },
      },
      recipients,
    },
  });
  const secrets = {
    'postgres-password': 'p',
    'turn-secret': 'a-secret-of-turn',
    access: 'AK/1',
    key: 's+cr@t',
  };
  const worker = loadSettings(
    await startedWith({ deployment: checked(input), process: 'worker', node: 'n1', secrets }),
  );
  expect(worker).toMatchObject({
    backupTo: 's3://AK%2F1:s%2Bcr%40t@backups.estuaria.example/backups/eu?region=us-east-1',
    backupRecipients: recipients,
    backupAt: { hour: 4, minute: 30, zone: 'Europe/Lisbon' },
    backupKeep: { days: 7, weeks: 4, months: 12 },
  });
  const front = loadSettings(
    await startedWith({ deployment: checked(input), process: 'front', node: 'n1', secrets }),
  );
  expect(front).not.toHaveProperty('backupTo');
  expect(front).not.toHaveProperty('backupRecipients');
});

test('A bucket is named with its keys as they are', async () => {
  const input = threeNodes();
  Object.assign(input.sites[0], {
    blobs: {
      kind: 's3',
      product: 'garage',
      endpoint: 'http://s3.estuaria.example:3900',
      region: 'eu',
      bucket: 'liaison',
      accessKey: { secret: 'access' },
      secretKey: { secret: 'key' },
    },
  });
  const env = await startedWith({
    deployment: checked(input),
    process: 'front',
    node: 'n1',
    secrets: { access: 'GK1', key: 'a/b+c=' },
  });
  const bucket = new URL(loadSettings(env).blobsUrl);
  expect(bucket.href).toMatch(/^s3\+http:\/\/GK1:[^@]+@s3\.estuaria\.example:3900\/liaison\?region=eu$/);
  expect(decodeURIComponent(bucket.password)).toBe('a/b+c=');
});

test('On a node that is not described nothing starts', async () => {
  const deployment = checked(threeNodes());
  await expect(startedWith({ deployment, process: 'front', node: 'n7' })).rejects.toThrow(
    /the node n7 is not described/,
  );
});

test('Without its database a process waits for it, says so once, and can be ended', async () => {
  const away = databasePort;
  await new Promise((resolve) => database.close(resolve));
  const starting = startedWith({ deployment: checked(threeNodes()), process: 'front', node: 'n1' });
  // Not yet awaited: it resolves once the database is there.
  starting.catch(() => {});
  const again = createServer((socket) => socket.destroy());
  try {
    await waitUntil(async () => (await readFile(join(folder, 'start'), 'utf8')) !== '');
    const script = spawn('/bin/bash', [join(folder, 'start'), 'env'], {
      env: { PATH: '/usr/bin:/bin', LIAISON_DATA: join(folder, 'other'), NODE_NAME: 'n1' },
    });
    const [said] = (await once(script.stderr, 'data')) as [Buffer];
    expect(String(said)).toBe('liaison: waiting for the database at tasks.postgres:5432\n');
    script.kill('SIGTERM');
    expect(await once(script, 'exit')).toEqual([143, null]);
    await new Promise<void>((resolve) => again.listen(away, '127.0.0.1', resolve));
    expect(await starting).toMatchObject({ LIAISON_ADVERTISE: '203.0.113.1' });
  } finally {
    again.close();
  }
});

async function waitUntil(find: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    if (await find().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never came');
}
