import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { startGeneratorProcess } from '../measure/generator-process.ts';
import { scratchFolder, seedInstallation } from '../measure/installation.ts';
import { processTree } from '../measure/process-tree.ts';
import { against, type Benchmark, median, type Row } from '../measure/report.ts';
import { generatorCore, pinned, startServer } from '../measure/server.ts';
import type { Answer, Order } from '../uploads/small-files.ts';
import { startApache, startNginx } from '../uploads/web-servers.ts';

const smallBytes = 1000;
/** A folder that is dropped; and of those that are sent one by one. */
const smallFiles = 4000;
const singleFiles = 1000;
const smallAtOnce = 16;
/** As the page sends batches. */
const batchesAtOnce = 3;
const largeTimes = 0.7;
const smallTimes = 0.5;

type Side = 'ours' | 'peer';
interface Figure {
  readonly value: number;
  /** Processor seconds of the server for each gigabyte, or milliseconds for each file. */
  readonly cpu: number;
}

/**
 * A large file up and down beside Debian's nginx, by the same curl, and files of 1 kB as the page sends a folder, in batches, and as
 * single requests, beside Debian's apache with mod_dav, sixteen at a time. What is acknowledged by us is on the disk; what nginx and apache acknowledge is synced by the generator, in its time.
 */
export const upload: Benchmark = async ({ rounds, megabytes, say, profileFolder }) => {
  const { folder, remove } = await scratchFolder('upload');
  // In memory: reading it is not what is measured.
  const source = await mkdtemp('/dev/shm/liaison-upload-');
  const ends: (() => Promise<unknown>)[] = [remove, () => rm(source, { recursive: true, force: true })];
  try {
    const dataFolder = join(folder, 'data');
    const { people } = await seedInstallation(dataFolder, { people: 1 });
    const { cookie } = people[0]!;
    const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const server = await startServer({ dataFolder, nodeArguments: profile });
    ends.push(() => server.stop());
    await mkdir(join(folder, 'nginx'));
    const nginx = await startNginx(join(folder, 'nginx'));
    ends.push(() => nginx.stop());
    await mkdir(join(folder, 'apache'));
    const apache = await startApache(join(folder, 'apache'));
    ends.push(() => apache.stop());
    const generator = startGeneratorProcess<Order, Answer>(
      new URL('../uploads/small-files.ts', import.meta.url),
    );
    ends.push(() => generator.end());

    const headers = { cookie, origin: server.url };
    const ask = async <Body>(method: string, path: string, body?: object, more = {}): Promise<Body> => {
      const answer = await fetch(`${server.url}/api/v1/files${path}`, {
        method,
        headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}), ...more },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      const location = answer.headers.get('location');
      return (location === null ? await answer.json() : location) as Body;
    };
    const { rows: trees } = await ask<{ rows: { kind: string; rootId: string }[] }>('GET', '/trees');
    const rootId = trees.find(({ kind }) => kind === 'personal')!.rootId;
    const newFolder = async (name: string) =>
      (await ask<{ id: string }>('POST', `/nodes/${rootId}/folders`, { name })).id;

    const largeBytes = megabytes * 1_000_000;
    const large = join(source, 'large.bin');
    await writeLarge(large, largeBytes);
    const into = await newFolder('large');
    const figures = new Map<string, Record<Side, Figure[]>>();
    const measured = async (
      what: string,
      side: Side,
      pid: number,
      amount: number,
      work: () => Promise<unknown>,
    ) => {
      const before = processTree(pid).cpuSeconds;
      const began = performance.now();
      // Who generates in another process says how long it took there.
      const told = await work();
      const seconds = typeof told === 'number' ? told : (performance.now() - began) / 1000;
      // What is found and told of files is made after they are answered: it is counted to them, and not to what comes next.
      if (side === 'ours') await rest(pid);
      const cpu = (processTree(pid).cpuSeconds - before) / amount;
      const row = figures.get(what) ?? { ours: [], peer: [] };
      row[side].push({ value: amount / seconds, cpu });
      figures.set(what, row);
      say(`${what}, ${side}: ${(amount / seconds).toFixed(1)}/s`);
    };

    const upOurs = async (round: number): Promise<void> => {
      await measured('up', 'ours', server.pid, megabytes, async () => {
        const location = await ask<string>('POST', '/uploads', undefined, {
          'tus-resumable': '1.0.0',
          'upload-length': String(largeBytes),
          'upload-metadata': `folderId ${base64(into)},filename ${base64(`${round}.bin`)}`,
        });
        await curl([
          ...['-X', 'PATCH', '-T', large, '-H', `cookie: ${cookie}`, '-H', `origin: ${server.url}`],
          ...['-H', 'tus-resumable: 1.0.0', '-H', 'upload-offset: 0'],
          ...['-H', 'content-type: application/offset+octet-stream', server.url + location],
        ]);
      });
    };
    const upPeer = async (): Promise<void> => {
      await measured('up', 'peer', nginx.pid, megabytes, async () => {
        await curl(['-T', large, `${nginx.url}/files/large.bin`]);
        await syncFile(nginx.pathOf('large.bin'));
      });
    };
    const downOurs = async (round: number): Promise<void> => {
      const { rows } = await ask<{ rows: { id: string; name: string }[] }>('GET', `/nodes/${into}/children`);
      const { id } = rows.find(({ name }) => name === `${round}.bin`)!;
      await measured('down', 'ours', server.pid, megabytes, () =>
        curl([
          '-o',
          '/dev/null',
          '-H',
          `cookie: ${cookie}`,
          `${server.url}/api/v1/files/nodes/${id}/content`,
        ]),
      );
    };
    const downPeer = (): Promise<void> =>
      measured('down', 'peer', nginx.pid, megabytes, () =>
        curl(['-o', '/dev/null', `${nginx.url}/files/large.bin`]),
      );
    const busiest = { batch: 0, put: 0, tus: 0 };
    const small = async (order: Order): Promise<number> => {
      const { seconds, busy } = await generator.obey(order);
      busiest[order.kind] = Math.max(busiest[order.kind], busy);
      return seconds;
    };
    const load = { do: 'send', bytes: smallBytes } as const;
    const smallOurs = async (round: number): Promise<void> => {
      const folderId = await newFolder(`small ${round}`);
      const amount = { files: smallFiles, connections: batchesAtOnce };
      await measured('small', 'ours', server.pid, smallFiles, () =>
        small({ ...load, ...amount, kind: 'batch', url: server.url, headers, folderId }),
      );
    };
    const smallPeer = (): Promise<void> => {
      const amount = { files: smallFiles, connections: smallAtOnce };
      return measured('small', 'peer', apache.pid, smallFiles, () =>
        small({ ...load, ...amount, kind: 'put', url: apache.url, headers: {}, folder: apache.pathOf('') }),
      );
    };
    const singleOurs = async (round: number): Promise<void> => {
      const folderId = await newFolder(`single ${round}`);
      const amount = { files: singleFiles, connections: smallAtOnce };
      await measured('single', 'ours', server.pid, singleFiles, () =>
        small({ ...load, ...amount, kind: 'tus', url: server.url, headers, folderId }),
      );
    };

    for (let round = -1; round < rounds; round += 1) {
      // Another content each time: what is there already would be stored once. The first round warms up.
      await changeLarge(large);
      const steps: (readonly (() => Promise<void>)[])[] = [
        [() => upOurs(round), upPeer],
        [() => downOurs(round), downPeer],
        [() => smallOurs(round), smallPeer],
        [() => singleOurs(round)],
      ];
      for (const step of steps) {
        for (const work of round % 2 === 0 ? step : step.toReversed()) {
          await settle();
          await work();
        }
      }
      if (round === -1) figures.clear();
    }
    const row = (
      what: string,
      metric: string,
      unit: string,
      { times, beside = what }: { times?: number; beside?: string },
    ): Row[] => {
      const { ours } = figures.get(what)!;
      const { peer } = figures.get(beside)!;
      const of = (side: Figure[], field: keyof Figure) => median(side.map((figure) => figure[field]));
      const cpuUnit = beside === 'small' ? 'ms' : 's/GB';
      const goal = { better: 'more', ...(times === undefined ? {} : { times }) } as const;
      return [
        against(metric, unit, of(ours, 'value'), of(peer, 'value'), goal),
        against(`${metric}: processor time`, cpuUnit, 1000 * of(ours, 'cpu'), 1000 * of(peer, 'cpu'), {
          better: 'less',
        }),
      ];
    };
    return {
      rows: [
        ...row('up', `${megabytes} MB up`, 'MB/s', { times: largeTimes }),
        ...row('down', `${megabytes} MB down`, 'MB/s', { times: largeTimes }),
        ...row('small', 'files of 1 kB, as the page sends them', 'files/s', { times: smallTimes }),
        ...row('single', 'files of 1 kB, a request each', 'files/s', { beside: 'small' }),
      ],
      notes: [
        `large: nginx ${nginx.version}, PUT and sendfile, one worker; one connection of curl at a time, no TLS`,
        `small: apache ${apache.version} with mod_dav, ${smallFiles} files, ${smallAtOnce} connections; its locks and properties are not used. Ours: ${smallFiles} in batches, ${batchesAtOnce} at once; a request each: ${singleFiles} over ${smallAtOnce} connections`,
        'durability: ours is synced when it is answered, with its row; what nginx and apache answered is synced by the generator, in the time that counts for them',
        `servers on core 0 with all their processes (ours with PostgreSQL), generators on core 1; the generator of small files was busy at most ${percent(busiest.batch)} with batches, ${percent(busiest.put)} with apache and its syncs, ${percent(busiest.tus)} with a request each`,
        'ours also: the sum of the bytes, equal content once, rights asked every 2 s, versions, quota, what pages are told',
      ],
      ...(Math.max(busiest.batch, busiest.put) > 0.7
        ? { void: 'the generator of small files was over 70 % busy' }
        : {}),
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
};

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
const base64 = (words: string): string => Buffer.from(words).toString('base64');

async function curl(args: readonly string[]): Promise<void> {
  const [program, all] = pinned(generatorCore, 'curl', ['-sS', '--fail', '-H', 'Expect:', ...args]);
  const child = spawn(program, all, { stdio: ['ignore', 'ignore', 'pipe'] });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  if (code !== 0) throw new Error(`curl ended with ${code}: ${said}`);
}

async function syncFile(path: string): Promise<void> {
  for (const each of [path, join(path, '..')]) {
    const handle = await open(each, 'r');
    await handle.sync().finally(() => handle.close());
  }
}

/** What is still to be written from before is not written in somebody's time. */
async function settle(): Promise<void> {
  await once(spawn('sync', { stdio: 'ignore' }), 'exit');
}

/** Until next to nothing is done, half a minute at most. */
async function rest(pid: number): Promise<void> {
  const most = performance.now() + 30_000;
  for (let before = processTree(pid).cpuSeconds; performance.now() < most; ) {
    await pause(500);
    const now = processTree(pid).cpuSeconds;
    if (now - before < 0.04) return;
    before = now;
  }
}

async function writeLarge(path: string, bytes: number): Promise<void> {
  const handle = await open(path, 'w');
  try {
    for (let at = 0; at < bytes; at += 1_000_000)
      await handle.write(randomBytes(Math.min(1_000_000, bytes - at)));
  } finally {
    await handle.close();
  }
}

async function changeLarge(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  await handle.write(randomBytes(16), 0, 16, 0).finally(() => handle.close());
}
