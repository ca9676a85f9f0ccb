import { type ChildProcess, spawn } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoDocker } from '../testing/docker-lab.ts';
import { until } from '../testing/program.ts';
import { type LightSite, openLightSite } from './light-site.ts';

const missing = await whyNoDocker();
if (missing !== undefined) {
  it('no Docker engine can be started here: operating a site was not tried', () => {
    process.stderr.write(`DID NOT RUN: operating a site (${missing})\n`);
    expect(process.env.CI, `in CI everything runs: ${missing}`).toBeUndefined();
  });
}

const program = fileURLToPath(new URL('../../apps/cli/main.ts', import.meta.url));

describe.runIf(missing === undefined)('a site of two machines', () => {
  let site: LightSite;
  beforeAll(async () => {
    site = await openLightSite({
      engines: 2,
      described: 2,
      versions: ['1.0.0', '1.1.0', 'broken.1', 'sick.1', '0.9.0'],
    });
  });
  afterAll(() => site?.close());

  const state = async () =>
    JSON.parse(await readFile(join(site.folder, 'state.json'), 'utf8')) as { sites: { eu: object } };
  const docker = (...args: string[]) => site.engines[0]!.docker(args);
  /** On a busy machine a health check is late now and then, and what it watches is started again. */
  const whole = () =>
    until(
      async () => {
        const { out } = await site.liaison('status', 'SITE');
        return /^ +liaison +(\d+)\/\1 /m.test(out) && !/^ +\S+ +(\d+)\/(?!\1 )\d+ /m.test(out);
      },
      'the site is whole',
      120_000,
    );

  it('is created from its description: without --yes only the plan, then a swarm, its nodes, every service', async () => {
    expect(await site.liaison('status', 'SITE')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/no manager of the site eu answers.*site create/),
    });
    const plan = await site.liaison('site', 'create', 'SITE');
    expect(plan).toMatchObject({ status: 0, out: expect.stringContaining('Nothing was changed') });
    expect(await docker('info', '--format', '{{.Swarm.LocalNodeState}}')).toBe('inactive');

    const made = await site.liaison('site', 'create', 'SITE', '--yes');
    expect(made, made.err).toMatchObject({ status: 0 });
    expect(made.out).toMatch(/Make node2 a worker of the swarm/);
    const status = await site.liaison('status', 'SITE');
    expect(status.out).toMatch(/liaison +1\/1 +1\.0\.0 +node\d/);
    expect(status.out).toMatch(/node2 +worker /);
    expect(await site.liaison('site', 'create', 'SITE', '--yes')).toMatchObject({
      out: expect.stringContaining('Nothing is to do.'),
    });
  });

  it('is scaled by a duty, and what was changed by hand is refused with the difference', async () => {
    expect(await site.liaison('scale', 'SITE', 'live', '3')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/3 replicas take ports of their nodes.*write at most 2/),
    });
    const done = await site.liaison('scale', 'SITE', 'live', '2', '--yes');
    expect(done, done.err).toMatchObject({ status: 0 });
    expect(done.err).toContain('liaison: 2 run as described');
    expect((await state()).sites.eu).toMatchObject({ replicas: { liaison: 2 } });

    await docker('service', 'update', '--detach', '--env-add', 'BY_HAND=yes', 'light-eu_nats');
    const refused = await site.liaison('scale', 'SITE', 'live', '1', '--yes');
    expect(refused).toMatchObject({
      status: 1,
      err: expect.stringContaining('nats · environment BY_HAND · runs with yes, described as nothing'),
    });
    expect((await site.liaison('status', 'SITE')).out).toContain('Changed by hand');
    const back = await site.liaison('site', 'deploy', 'SITE', '--replace', '--yes');
    expect(back, back.err).toMatchObject({ status: 0 });
    expect((await site.liaison('status', 'SITE')).out).not.toContain('Changed by hand');
  });

  it('is updated by one at a time; killed in the middle, the same command goes on', async () => {
    const child = start('update', site.folder, '1.1.0', '--yes');
    await until(
      async () => /\b[01] of 2 run as described/.test(child.err()),
      'the update has begun',
      120_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it said:\n${child.err()}`, { cause: error });
    });
    const elsewhere = `${site.folder}-of-a-colleague`;
    try {
      await cp(site.folder, elsewhere, { recursive: true });
      await rm(join(elsewhere, 'rendered/.operation.json'));
      const held = await site.liaison('scale', elsewhere, 'live', '1', '--yes');
      expect(held).toMatchObject({
        status: 1,
        err: expect.stringMatching(/works on this site, at .* update .*1\.1\.0.*--take-over/),
      });
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
    child.process.kill('SIGKILL');
    await child.ended;
    expect(await site.liaison('scale', 'SITE', 'live', '1', '--yes')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/has not ended: update .*give that command again/),
    });
    const resumed = await site.liaison('update', 'SITE', '1.1.0', '--yes');
    expect(resumed, resumed.err).toMatchObject({ status: 0 });
    expect(resumed.out).toMatch(/Going on with update .*1\. done: Write the files/s);
    expect(resumed.out).toMatch(/What runs now:\n +liaison runs 1\.1\.0 \(2\)\n$/);
    expect((await state()).sites.eu).toMatchObject({ version: '1.1.0' });
    expect(await docker('config', 'ls', '--quiet', '--filter', 'name=light-eu_operator')).toBe('');
  });

  it('an older program than the database has been used with is refused before anything changes', async () => {
    await whole();
    const before = await docker('service', 'inspect', 'light-eu_liaison');
    const refused = await site.liaison('update', 'SITE', '0.9.0', '--yes');
    expect(refused).toMatchObject({
      status: 1,
      err: expect.stringMatching(
        /0\.9\.0 is older than .*since chat\/0002-less it needs 1\.0\.0; nothing was changed .*restore a backup from before/,
      ),
    });
    expect(await docker('service', 'inspect', 'light-eu_liaison')).toBe(before);
    const unknown = await site.liaison('update', 'SITE', '7.0.0');
    expect(unknown.out).toMatch(/Whether 7\.0\.0 fits the database is NOT known \(.*goes back by itself/);
    expect((await site.liaison('update', 'SITE', '1.0.0')).out).toContain('1.0.0 fits the database');
  });

  it('goes back by itself from a version that does not hold, and says what really runs', async () => {
    await whole();
    const broken = await site.liaison('update', 'SITE', 'broken.1', '--yes');
    expect(broken.status).toBe(1);
    expect(broken.err).toMatch(/liaison did not hold: version broken\.1: .*as it was before/);
    expect(broken.out).toMatch(/What runs now:\n +liaison runs 1\.1\.0 \(2\)\n$/);
    expect((await state()).sites.eu).toMatchObject({ version: '1.1.0' });
    const status = await site.liaison('status', 'SITE');
    expect(status.out).toMatch(/liaison +2\/2 +1\.1\.0/);
    expect(status.out).toMatch(/update \S+ broken\.1: returned/);
    expect(status.out).not.toMatch(/by hand|Not ended/);
  });

  it('takes a further service that keeps to the rules, and says of another what is wrong with it', async () => {
    const file = join(site.folder, 'board.yaml');
    await writeFile(file, 'services: { board: { image: "x:latest", privileged: true, network_mode: host } }');
    const refused = await site.liaison('service', 'add', 'SITE', file, '--yes');
    expect(refused.status).toBe(1);
    for (const field of [
      'privileged',
      'network_mode',
      'image',
      'user',
      'healthcheck',
      'deploy.resources.limits',
    ])
      expect(refused.err).toContain(`services.board.${field} · `);
    await writeFile(
      file,
      `services:
  board:
    image: 127.0.0.1:9/light:1.0.0
    command: [caddy]
    user: "1000:1000"
    ports: [{ target: 8081, published: 8090, mode: host }]
    healthcheck: { test: [CMD, bash, -c, ": </dev/tcp/127.0.0.1/8081"], interval: 2s }
    deploy: { resources: { limits: { memory: 32M, cpus: "0.2" } } }
`,
    );
    const added = await site.liaison('service', 'add', 'SITE', file, '--yes');
    expect(added, added.err).toMatchObject({ status: 0 });
    expect((await site.liaison('status', 'SITE')).out).toMatch(/board +1\/1/);
    expect(await site.liaison('service', 'remove', 'SITE', 'board', '--yes')).toMatchObject({ status: 0 });
    expect((await site.liaison('status', 'SITE')).out).not.toMatch(/board +1\/1/);
  });

  it('a lock that a colleague left behind is named, and taken over when that is said', async () => {
    const file = join(site.folder, 'lock');
    const holder = { token: 'x', who: 'maria@desk', machine: 'desk', pid: 7, command: 'scale eu live 2' };
    await writeFile(file, JSON.stringify({ ...holder, at: '2026-05-01T10:00:00.000Z' }));
    await docker('config', 'create', 'light-eu_operator', file);
    expect(await site.liaison('scale', 'SITE', 'live', '1', '--yes')).toMatchObject({
      status: 1,
      err: expect.stringMatching(
        /maria@desk works on this site, at desk, since .*: scale eu live 2.*--take-over/,
      ),
    });
    // Of three of one kind that nothing uses the newest stays, for going back.
    for (const mark of ['1', '2', '3']) {
      const label = ['--label', 'com.docker.stack.namespace=light-eu'];
      await docker('config', 'create', ...label, `light-eu_start_${mark}`, file);
      await docker('secret', 'create', ...label, `light-eu_master-key_${mark}`, file);
    }
    const taken = await site.liaison('scale', 'SITE', 'live', '1', '--take-over', '--yes');
    expect(taken, taken.err).toMatchObject({ status: 0 });
    expect(taken.err).toContain('Removed 4 configs and secrets that no service uses any more');
    const left = async (kind: string) => (await docker(kind, 'ls', '--format', '{{.Name}}')).split('\n');
    const [configs, secrets] = [await left('config'), await left('secret')];
    expect(configs).not.toContain('light-eu_operator');
    for (const [names, what] of [
      [configs, 'start'],
      [secrets, 'master-key'],
    ] as const) {
      expect(names).toContain(`light-eu_${what}_3`);
      expect(names).not.toContain(`light-eu_${what}_2`);
      expect(names.filter((name) => name.startsWith(`light-eu_${what}_`))).toHaveLength(2);
    }
  });

  it('the doctor looks at an update, and with a fault everything goes back', async () => {
    await whole();
    const sick = await site.liaison('update', 'SITE', 'sick.1', '--doctor', '--yes');
    expect(sick, sick.out).toMatchObject({
      status: 1,
      err: expect.stringMatching(
        /the doctor found: message nobody hears of a message\. Everything is as it was before/,
      ),
    });
    expect(sick.out).toMatch(/What runs now:\n +liaison runs 1\.1\.0 \(1\)\n$/);
    expect((await state()).sites.eu).toMatchObject({ version: '1.1.0' });
  });

  it('a node leaves with all that it had, and becomes one again; that of the only database stays', async () => {
    const gone = await site.liaison('node', 'remove', 'SITE', 'node2', '--yes');
    expect(gone, gone.err).toMatchObject({ status: 0 });
    expect(await site.engines[1]!.docker(['info', '--format', '{{.Swarm.LocalNodeState}}'])).toBe('inactive');
    expect((await site.liaison('status', 'SITE')).out).not.toMatch(/^ +node2 /m);
    // The only machine that is left is no less that of the database.
    expect(await site.liaison('node', 'drain', 'SITE', 'node1', '--yes')).toMatchObject({
      status: 1,
      err: expect.stringContaining('the primary of PostgreSQL is on node1'),
    });
    expect(await site.liaison('node', 'add', 'SITE', 'node3', '--yes')).toMatchObject({
      err: expect.stringContaining('node3 is not described: say --address and --docker'),
    });
    const added = await site.liaison('node', 'add', 'SITE', 'node2', '--yes');
    expect(added, added.err).toMatchObject({ status: 0 });
    expect(added.out).toContain('Nothing moves to node2 by itself');
    expect((await site.liaison('status', 'SITE')).out).toMatch(/node2 +worker /);
    const grown = await site.liaison('scale', 'SITE', 'live', '2', '--yes');
    expect(grown, grown.err).toMatchObject({ status: 0 });
    expect(await site.engines[1]!.docker(['ps', '--quiet'])).not.toBe('');
  });

  it('a node is emptied and filled again', async () => {
    const drained = await site.liaison('node', 'drain', 'SITE', 'node2', '--yes');
    expect(drained, drained.err).toMatchObject({ status: 0 });
    expect(drained.err).toContain('node2: nothing runs any more');
    expect(drained.out).toMatch(/Not whole without it: liaison: 1 of 2 run/);
    expect(await site.engines[1]!.docker(['ps', '--quiet'])).toBe('');
    expect(await site.liaison('node', 'active', 'SITE', 'node2', '--yes')).toMatchObject({ status: 0 });
    await until(
      async () => /liaison +2\/2/.test((await site.liaison('status', 'SITE')).out),
      'both run again',
      60_000,
    );
  });

  it('the database gets a standby, which takes its place; the data of the old primary is over', async () => {
    const made = await site.liaison('failover', 'SITE', '--standby', 'node2', '--yes');
    expect(made, made.err).toMatchObject({ status: 0 });
    expect((await site.liaison('status', 'SITE')).out).toMatch(
      /postgres-standby +1\/1 .*follows, 0 bytes behind/,
    );
    const before = await state();
    const moved = await site.liaison('failover', 'SITE', '--yes');
    expect(moved, moved.err).toMatchObject({ status: 0 });
    expect((await state()).sites.eu).toMatchObject({ postgres: { primary: 'node2', epoch: 2 } });
    expect((await site.liaison('status', 'SITE')).out).toMatch(/postgres +1\/1 +\S+ +node2/);
    const epochOf = (at: number) =>
      site.engines[at]!.docker([
        ...['run', '--rm', '--volume', 'light-eu_postgres:/data', '127.0.0.1:9/light:1.0.0'],
        ...['cat', '/data/liaison.epoch'],
      ]);
    expect([await epochOf(0), await epochOf(1)]).toEqual(['2', '2']);
    // Whoever has the description of before does not begin the old one again.
    const elsewhere = `${site.folder}-of-before`;
    try {
      await cp(site.folder, elsewhere, { recursive: true });
      await writeFile(join(elsewhere, 'state.json'), JSON.stringify(before));
      expect(await site.liaison('site', 'deploy', elsewhere, '--replace', '--yes')).toMatchObject({
        status: 1,
        err: expect.stringContaining('the database runs in epoch 2, and the description here says 1'),
      });
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
    expect(await site.liaison('failover', 'SITE', '--yes')).toMatchObject({
      status: 1,
      err: expect.stringContaining('there is no standby'),
    });
  });

  it('shows what a service wrote last', async () => {
    expect(await site.liaison('logs', 'SITE', 'postgres', '--lines', '5')).toMatchObject({ status: 0 });
    expect(await site.liaison('logs', 'SITE', 'database')).toMatchObject({
      status: 1,
      err: expect.stringContaining('name one of'),
    });
  });

  /** The operator's program as a process of its own, which can be killed. */
  function start(...args: string[]): { process: ChildProcess; err: () => string; ended: Promise<void> } {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...site.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let err = '';
    child.stderr?.on('data', (data: Buffer) => {
      err += data.toString();
    });
    return {
      process: child,
      err: () => err,
      ended: new Promise((resolve) => child.once('exit', () => resolve())),
    };
  }
});
