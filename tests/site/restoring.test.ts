import { execFile, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createIdentity } from '@liaison/core/backup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoDocker } from '../testing/docker-lab.ts';
import { until } from '../testing/program.ts';
import { commandsOfGuide, notGiven } from './guide-commands.ts';
import { type LightSite, openLightSite } from './light-site.ts';

const run = promisify(execFile);
const missing = await whyNoDocker();
if (missing !== undefined) {
  it('no Docker engine can be started here: restoring a site was not tried', () => {
    process.stderr.write(`DID NOT RUN: restoring a site (${missing})\n`);
    expect(process.env.CI, `in CI everything runs: ${missing}`).toBeUndefined();
  });
}

const program = fileURLToPath(new URL('../../apps/cli/main.ts', import.meta.url));

describe.runIf(missing === undefined)('a site whose database is lost', () => {
  let site: LightSite;
  let identity: string;
  beforeAll(async () => {
    const keys = await createIdentity();
    site = await openLightSite({
      engines: 2,
      described: 2,
      versions: ['1.0.0'],
      recipient: keys.recipient,
    });
    identity = join(site.folder, 'identity');
    await writeFile(identity, `${keys.identity}\n`, { mode: 0o600 });
    // What a keeper of backups has written; of its log the first piece is older than the backup.
    const base = join(site.folder, 'backups/eu/bases/one');
    const log = join(site.folder, 'backups/eu/wal/7/00000001');
    for (const folder of [base, log]) await mkdir(folder, { recursive: true });
    await writeFile(join(base, 'base.json'), '{}');
    for (const piece of ['10-0000000000000018', '30-0000000000000040', '40-0000000000000050'])
      await writeFile(join(log, `00000000000000${piece}.zst.age`), '');
  });
  afterAll(() => site?.close());

  const restore = (...more: string[]) =>
    site.liaison('site', 'restore', 'SITE', '--identity', identity, ...more);
  const docker = (at: number, ...args: string[]) => site.engines[at]!.docker(args);
  const inDatabase = (...command: string[]) =>
    docker(
      0,
      ...['run', '--rm', '--volume', 'light-eu_postgres:/data', '127.0.0.1:9/light:1.0.0'],
      ...command,
    );
  const state = async () =>
    (JSON.parse(await readFile(join(site.folder, 'state.json'), 'utf8')) as { sites: { eu: object } }).sites
      .eu;

  it('of which nothing is left but description and backups: made anew from them; killed in the middle, it goes on', async () => {
    expect(await restore()).toMatchObject({
      status: 0,
      out: expect.stringContaining('node1 becomes the first manager of a new swarm'),
    });
    expect(await docker(0, 'info', '--format', '{{.Swarm.LocalNodeState}}')).toBe('inactive');

    const child = spawn(
      process.execPath,
      [program, 'site', 'restore', site.folder, '--identity', identity, '--yes'],
      { env: { ...site.env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    for (const output of [child.stdout, child.stderr])
      output.on('data', (data: Buffer) => {
        said += data.toString();
      });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    await until(async () => said.includes('Restoring the database: 2 of 4'), 'it is at it', 120_000).catch(
      (error: Error) => {
        throw new Error(`${error.message}; it said:\n${said}`, { cause: error });
      },
    );
    child.kill('SIGKILL');
    await ended;
    // What will be is shown before anything is done; whose key it is stands nowhere.
    expect(said).toMatch(/the backup one, of 2026-11-23T08:00.*9\.0 MB, 3 blobs.*until 2026-11-23T09:00/s);
    expect(said).toMatch(/Take the master key from the backup/);
    const noted = await readFile(join(site.folder, 'rendered/.operation.json'), 'utf8');
    expect(`${noted}${said}`).not.toContain('AGE-SECRET-KEY');

    const resumed = await restore('--yes');
    expect(resumed, resumed.err).toMatchObject({ status: 0 });
    expect(resumed.out).toMatch(/Going on with site restore .*done: Bring the backup from node2 to node1/s);
    expect(resumed.err).toMatch(/it is still at it, from before.*Restoring the database: 4 of 4/s);
    expect(resumed.out).toContain('the doctor found nothing wrong');
    expect(await inDatabase('cat', '/data/liaison/restored', '/data/liaison.epoch')).toBe('one\n2');
    expect(await readFile(join(site.folder, 'blobs/restored'), 'utf8')).toBe('one\n');
    expect(await readFile(join(site.folder, 'rendered/secrets/master-key'), 'utf8')).toBe('of the backup');
    expect(await state()).toMatchObject({ postgres: { primary: 'node1', epoch: 2 } });
    expect((await site.liaison('status', 'SITE')).out).toMatch(/postgres +1\/1/);
    // Neither a container nor a copy of the backup is left.
    expect(await docker(0, 'ps', '--all', '--quiet', '--filter', 'name=_restore-')).toBe('');
    expect(await docker(0, 'volume', 'ls', '--quiet', '--filter', 'name=light-eu_restore')).toBe('');
  });

  it('over a database that is there: refused, and done when that is said; what was there stays beside it', async () => {
    const running = await docker(0, 'service', 'inspect', 'light-eu_postgres');
    expect(await restore('--yes')).toMatchObject({
      status: 1,
      err: expect.stringMatching(/there is a database on node1 \(\d+ MB, epoch 2\).*--over/),
    });
    expect(await docker(0, 'service', 'inspect', 'light-eu_postgres')).toBe(running);
    await inDatabase('touch', '/data/liaison/of-before');
    await writeFile(join(site.folder, 'blobs/sick'), '');
    const faulty = await restore('--over', '--yes');
    expect(faulty, faulty.out).toMatchObject({
      status: 1,
      err: expect.stringMatching(/the doctor found: message nobody hears.*give the command again/),
    });
    expect(faulty.out).toMatch(/End liaison, keeper, postgres\n/);
    expect(await restore('--yes')).toMatchObject({ status: 1, err: expect.stringContaining('nobody hears') });
    const done = await restore('--without', 'message', '--yes');
    expect(done, done.err).toMatchObject({ status: 0 });
    await rm(join(site.folder, 'blobs/sick'));
    expect(await inDatabase('cat', '/data/liaison/restored', '/data/liaison.epoch')).toBe('one\n3');
    await inDatabase('cat', '/data/liaison.replaced/of-before');
    expect((await site.liaison('status', 'SITE')).out).toMatch(/liaison +1\/1/);
  });

  it('with another identity, another master key, a time that is none, no backup: refused before anything changes', async () => {
    const running = await docker(0, 'service', 'ls', '--format', '{{.Name}} {{.Replicas}}');
    const refused = async (words: string[], why: RegExp) =>
      expect(await site.liaison('site', 'restore', 'SITE', ...words, '--over', '--yes')).toMatchObject({
        status: expect.any(Number),
        err: expect.stringMatching(why),
      });
    await refused([], /name the file of the identity/);
    await refused(['--identity', join(site.folder, 'nowhere')], /nowhere cannot be read/);
    await refused(['--identity', join(site.folder, 'site.ts')], /something else than identities/);
    await refused(['--identity', identity, '--until', 'yesterday'], /write --until as/);
    await refused(['--identity', identity, '--base', 'foreign'], /made with another master key than/);
    await rm(join(site.folder, 'backups/eu/bases/one/base.json'));
    await refused(['--identity', identity], /holds no whole backup/);
    expect(await docker(0, 'service', 'ls', '--format', '{{.Name}} {{.Replicas}}')).toBe(running);
  });

  it('every command of the guide that restores a site was given here', async () => {
    const { ours } = await commandsOfGuide('backups');
    const told = ours.filter(([verb]) => verb === 'site');
    expect(told.length).toBeGreaterThan(1);
    expect(notGiven(told, site.commands)).toEqual([]);
  });

  it('on a disk of the operator that is full: said with the folder, nothing half is written, and with room it goes on', async () => {
    const disk = join(site.folder, 'disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', disk]);
    try {
      const out = join(disk, 'out');
      for (const left of [0, 12_288]) {
        await writeFile(join(disk, 'others'), Buffer.alloc(256 * 1024 - left));
        expect(await site.liaison('site', 'render', 'SITE', '--out', out)).toMatchObject({
          status: 1,
          err: expect.stringMatching(/no space is left for \S+\/disk\/out.* · free some space/),
        });
        expect(await readdir(out)).not.toContain('stack.yaml');
      }
      await rm(join(disk, 'others'));
      expect(await site.liaison('site', 'render', 'SITE', '--out', out)).toMatchObject({ status: 0 });
      expect(await readdir(out)).toContain('stack.yaml');
    } finally {
      await run('umount', [disk]);
    }
  });
});
