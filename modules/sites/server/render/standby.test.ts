import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checked, threeNodes } from '../testing/any-deployment.ts';
import { programsOf } from './programs.ts';
import { askSeconds } from './standby.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-standby-'));
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'volume'));
  // They note that they were called; what psql answers lies in files.
  await program('pg_basebackup', 'mkdir -p "$2" && echo 18 >"$2/PG_VERSION" && echo fresh >"$2/which"');
  await program('postgres', 'exit 0');
  await program(
    'psql',
    `for word; do text=$word; done
case "$*" in
  *user=postgres*) cat "${folder}/own" ;;
  *) [ -e "${folder}/primary" ] || exit 2
     case $text in *drop*|*create*) echo "$text" >>"${folder}/asked" ;; *) cat "${folder}/primary" ;; esac ;;
esac`,
  );
  for (const secret of ['postgres-password', 'replication-password'])
    await writeFile(join(folder, secret), 'secret\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function program(name: string, script: string): Promise<void> {
  const file = join(folder, 'bin', name);
  await writeFile(file, `#!/bin/bash\n${script}\n`);
  await chmod(file, 0o755);
}

/** Runs a script of a site with a standby, its folders in the test's own. */
async function ran(config: string, ...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const deployment = checked(threeNodes());
  const [site] = deployment.sites;
  if (site === undefined) throw new Error('no site');
  const script = (programsOf(deployment, site, (name) => `tasks.${name}`).configs.get(config) ?? '')
    .replaceAll('/run/secrets', folder)
    .replaceAll('/var/lib/postgresql', join(folder, 'volume'))
    .replaceAll('/tmp/pgpass', join(folder, 'pgpass'))
    .replaceAll(`timeout ${askSeconds} `, 'timeout 0.3 ');
  await writeFile(join(folder, config), script);
  return new Promise((resolve) => {
    execFile(
      '/bin/bash',
      [join(folder, config), ...args],
      { env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` }, timeout: 20_000 },
      (error, out, err) =>
        resolve({ status: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
    );
  });
}

const answers = (who: 'own' | 'primary', text: string) => writeFile(join(folder, who), `${text}\n`);
const inCluster = (file: string) => join(folder, 'volume/liaison', file);
const which = async () => (await readFile(inCluster('which'), 'utf8')).trim();
async function oldCopy(): Promise<void> {
  await mkdir(inCluster(''), { recursive: true });
  await writeFile(inCluster('PG_VERSION'), '18\n');
  await writeFile(inCluster('which'), 'old\n');
  await writeFile(inCluster('standby.signal'), '');
}

test('A standby is copied once, with a place kept for it at the primary, and goes on with its copy', async () => {
  await answers('primary', 'reserved');
  expect(await ran('start-postgres', 'standby')).toMatchObject({ status: 0 });
  expect(await which()).toBe('fresh');
  expect(existsSync(inCluster('standby.signal'))).toBe(true);
  expect(await readFile(join(folder, 'asked'), 'utf8')).toMatch(
    /pg_drop_replication_slot.*not active\n.*pg_create_physical_replication_slot\('standby', true\)/,
  );
  expect(await readFile(inCluster('postgresql.auto.conf'), 'utf8')).toMatch(
    /^primary_conninfo = 'host=tasks\.postgres .*application_name=standby'\nprimary_slot_name = 'standby'\n$/,
  );
  await writeFile(inCluster('which'), 'kept\n');
  for (const slot of ['reserved', 'extended', 'unreserved']) {
    await answers('primary', slot);
    expect(await ran('start-postgres', 'standby')).toMatchObject({ status: 0, err: '' });
    expect(await which()).toBe('kept');
  }
});

test('A copy that can never follow again is made anew, and says so; without the primary it stays as it is', async () => {
  await oldCopy();
  expect(await ran('start-postgres', 'standby')).toMatchObject({ status: 0, err: '' });
  expect(await which()).toBe('old');
  for (const slot of ['lost', '']) {
    await oldCopy();
    await answers('primary', slot);
    const made = await ran('start-postgres', 'standby');
    expect(made).toMatchObject({
      status: 0,
      err: expect.stringMatching(/no longer has what this copy lacks/),
    });
    expect(made.err).toContain('the fresh copy is made');
    expect(await which()).toBe('fresh');
    expect(existsSync(`${inCluster('')}.old`)).toBe(false);
  }
});

test('The data of a former primary is no standby, and the operator is told how it becomes one', async () => {
  await oldCopy();
  await rm(inCluster('standby.signal'));
  await answers('primary', 'lost');
  expect(await ran('start-postgres', 'standby')).toMatchObject({
    status: 1,
    err: expect.stringMatching(/was a primary's.*failover SITE --standby NODE/),
  });
  expect(await which()).toBe('old');
});

test('Its health says how far behind it is; ill is only one that does not follow a primary that answers', async () => {
  await answers('own', 't streaming 0/3000060');
  await answers('primary', '1234 reserved');
  expect(await ran('standby-health')).toMatchObject({ status: 0, out: 'follows, 1234 bytes behind\n' });
  await answers('own', 't none 0/3000060');
  await answers('primary', '300000000 lost');
  expect(await ran('standby-health')).toMatchObject({
    status: 1,
    out: 'does not follow, 300000000 bytes behind, and the primary answers (keeps: lost)\n',
  });
  await rm(join(folder, 'primary'));
  expect(await ran('standby-health')).toMatchObject({
    status: 0,
    out: 'does not follow: the primary does not answer\n',
  });
  await answers('own', 'f none 0/0');
  expect(await ran('standby-health')).toMatchObject({ status: 0, out: 'is the primary now\n' });
  await answers('own', 'psql: error: the database system is starting up');
  expect(await ran('standby-health')).toMatchObject({
    status: 1,
    out: expect.stringMatching(/^does not answer yet/),
  });
});

test('Whoever gives no answer at all, the primary or itself, does not hold up its health', async () => {
  await answers('own', 't streaming 0/3000060');
  await program('psql', `case "$*" in *user=postgres*) cat "${folder}/own" ;; *) exec sleep 60 ;; esac`);
  expect(await ran('standby-health')).toMatchObject({
    status: 0,
    out: 'does not follow: the primary does not answer\n',
  });
  await program('psql', 'exec sleep 60');
  expect(await ran('standby-health')).toMatchObject({ status: 1, out: 'does not answer yet\n' });
});

test('What a PostgreSQL of before left of its number does not keep the next from starting', async () => {
  await oldCopy();
  await writeFile(inCluster('postmaster.pid'), '7\n');
  expect(await ran('start-postgres', 'standby')).toMatchObject({ status: 0, err: '' });
  expect(existsSync(inCluster('postmaster.pid'))).toBe(false);
});
