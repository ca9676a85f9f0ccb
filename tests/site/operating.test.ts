import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoDocker } from '../testing/docker-lab.ts';
import { until } from '../testing/program.ts';
import { whyNoSsh } from '../testing/ssh-machines.ts';
import { commandsOfGuide, isOfMachines, notGiven } from './guide-commands.ts';
import { openSshSite, type SshSite } from './ssh-site.ts';

const missing = (await whyNoDocker()) ?? (await whyNoSsh());
if (missing !== undefined) {
  it('no Docker engine can be started here: operating a site was not tried', () => {
    process.stderr.write(`DID NOT RUN: operating a site (${missing})\n`);
    expect(process.env.CI, `in CI everything runs: ${missing}`).toBeUndefined();
  });
}

const program = fileURLToPath(new URL('../../apps/cli/main.ts', import.meta.url));
const stage = fileURLToPath(new URL('../../deploy/stage.sh', import.meta.url));

describe.runIf(missing === undefined)('a site of two machines that are reached over ssh', () => {
  let site: SshSite;
  beforeAll(async () => {
    site = await openSshSite({
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
    await site.machines.shut(site.engines[1]!);
    expect(await site.liaison('site', 'create', 'SITE', '--yes')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/Docker of node2 does not answer at ssh:\S+: .*Connection refused/),
    });
    expect(await docker('info', '--format', '{{.Swarm.LocalNodeState}}')).toBe('inactive');
    await site.machines.open(site.engines[1]!);

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
    expect(await site.liaison('site', 'deploy', 'SITE')).toMatchObject({
      status: 0,
      out: expect.stringContaining('Nothing is to do.'),
    });
    expect((await site.liaison('site', 'plan', 'SITE')).status).toBe(0);
  });

  it('a manager that lets nobody in is named with the reason, and nothing is done', async () => {
    await site.machines.shut(site.engines[0]!);
    expect(await site.liaison('scale', 'SITE', 'live', '1', '--yes')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/no manager of the site eu answers.*context:the-first.*Connection refused/s),
    });
    await site.machines.open(site.engines[0]!);
    expect((await site.liaison('status', 'SITE')).out).toMatch(/liaison +2\/2/);
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
    expect(broken.err).toMatch(
      /liaison did not hold: version broken\.1: .*this build is broken on purpose.*as it was before/,
    );
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

  it('a release is put on a staging site: the doctor looks at it, and with a fault everything goes back', async () => {
    await whole();
    const staged = (version: string) =>
      promisify(execFile)(stage, [site.folder, version], { env: { ...site.env } }).then(
        ({ stdout, stderr }) => ({ status: 0, out: stdout, err: stderr }),
        (error: { code: unknown; stdout: string; stderr: string }) => ({
          status: error.code,
          out: error.stdout,
          err: error.stderr,
        }),
      );
    const same = await staged('1.1.0');
    expect(same, same.err).toMatchObject({
      status: 0,
      out: expect.stringMatching(/What runs now:\n +liaison runs 1\.1\.0 \(1\)\n.*liaison +1\/1 +1\.1\.0/s),
    });
    const sick = await staged('sick.1');
    expect(sick, sick.out).toMatchObject({
      status: 1,
      err: expect.stringMatching(
        /the doctor found: message nobody hears of a message\. Everything is as it was before/,
      ),
    });
    expect(sick.out).toMatch(/What runs now:\n +liaison runs 1\.1\.0 \(1\)\n$/);
    expect((await state()).sites.eu).toMatchObject({ version: '1.1.0' });
  });

  it('shows what a service wrote last', async () => {
    expect(await site.liaison('logs', 'SITE', 'postgres', '--lines', '5')).toMatchObject({ status: 0 });
    expect(await site.liaison('logs', 'SITE', 'database')).toMatchObject({
      status: 1,
      err: expect.stringContaining('name one of'),
    });
  });

  it('every command of the guide, but those of machines and the database, was given here', async () => {
    const { ours, others } = await commandsOfGuide('operating');
    expect(others).toEqual([]);
    const told = ours.filter((words) => !isOfMachines(words));
    expect(told.length).toBeGreaterThan(8);
    expect(notGiven(told, site.commands)).toEqual([]);
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
