import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoDocker } from '../testing/docker-lab.ts';
import { until } from '../testing/program.ts';
import { whyNoSsh } from '../testing/ssh-machines.ts';
import { commandsOfGuide, isOfMachines, notGiven } from './guide-commands.ts';
import { openSshSite, type SshSite } from './ssh-site.ts';

const missing = (await whyNoDocker()) ?? (await whyNoSsh());
if (missing !== undefined) {
  it('no machines that are reached over ssh can be made here: those of a site were not tried', () => {
    process.stderr.write(`DID NOT RUN: the machines of a site (${missing})\n`);
    expect(process.env.CI, `in CI everything runs: ${missing}`).toBeUndefined();
  });
}

describe.runIf(missing === undefined)('the machines of a site, which are reached over ssh', () => {
  let site: SshSite;
  /** Where its engine keeps what it knows of a swarm. */
  let swarmFolder: string;
  let disk: Readonly<Record<'full' | 'read-only', string[]>>;
  beforeAll(async () => {
    site = await openSshSite({ versions: ['1.0.0'] });
    const made = await site.liaison('site', 'create', 'SITE', '--yes');
    expect(made, made.err).toMatchObject({ status: 0 });
    swarmFolder = join(await second().docker(['info', '--format', '{{.DockerRootDir}}']), 'swarm');
    // In the engine's own namespace; nobody else sees it.
    const mounted = (...options: string[]) => ['mount', '-t', 'tmpfs', ...options, 'none', swarmFolder];
    disk = { full: mounted('-o', 'size=4k,nr_inodes=1'), 'read-only': mounted('-o', 'ro') };
  });
  afterAll(() => site?.close());

  const state = async () =>
    JSON.parse(await readFile(join(site.folder, 'state.json'), 'utf8')) as { sites: { eu: object } };
  const second = () => site.engines[1]!;
  const shows = (pattern: RegExp, what: string) =>
    until(async () => pattern.test((await site.liaison('status', 'SITE')).out), what, 120_000);

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
    const { address } = site.engines[1]!;
    const add = (at: string) =>
      site.liaison(
        ...['node', 'add', 'SITE', 'node2', '--address', at],
        ...['--docker', `ssh://root@${address}`, '--worker', '--yes'],
      );
    expect(await add('203.0.113.14')).toMatchObject({
      status: 2,
      err: expect.stringMatching(/node2 is described with another address.*site\.ts/),
    });
    // Its disk is of no use: that is said, and the same command goes on once it is.
    for (const [kind, why] of [
      ['full', /node2 cannot join: .*no space left on device · make room on node2/],
      ['read-only', /node2 cannot join: .*read-only file system · look at the disk of node2/],
    ] as const) {
      await second().inside(disk[kind]);
      expect(await add(address), kind).toMatchObject({ status: 1, err: expect.stringMatching(why) });
      await second().inside(['umount', swarmFolder]);
    }
    const added = await add(address);
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
    await shows(/liaison +2\/2/, 'both run again');
  });

  it('a node is half dead, lets in and its Docker answers nobody: that is shown, it is emptied, and takes part again', async () => {
    await second().hang();
    try {
      await shows(/^ +node2 +worker, down /m, 'the managers miss it');
      expect((await site.liaison('status', 'SITE')).out).toMatch(/^ +postgres +1\/1 /m);
      // What the other one wrote is shown, whether or not it is known already that this one says nothing.
      const logs = await site.liaison('logs', 'SITE', 'liaison', '--lines', '5');
      expect(logs.out, logs.err).toMatch(/^\S+ light-eu_liaison\.\d\.\w+@node1 /m);
      const drained = await site.liaison('node', 'drain', 'SITE', 'node2', '--yes');
      expect(drained, drained.err).toMatchObject({ status: 0 });
      expect(drained.out).toMatch(/Not whole without it: liaison: 1 of 2 run/);
    } finally {
      await second().goOn();
    }
    await shows(/^ +node2 +worker, drain +\d/m, 'it takes part again');
    expect(await site.liaison('node', 'active', 'SITE', 'node2', '--yes')).toMatchObject({ status: 0 });
    await shows(/liaison +2\/2/, 'both run again');
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

  it('every command of the guide that is about machines or the database was given here', async () => {
    const told = (await commandsOfGuide('operating')).ours.filter(isOfMachines);
    expect(told.length).toBeGreaterThan(5);
    expect(notGiven(told, site.commands)).toEqual([]);
  });
});
