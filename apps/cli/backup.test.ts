import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '@liaison/core/cli';
import { createLog } from '@liaison/core/log';
import { startEmbeddedPostgres } from '@liaison/core/postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backup, backupKey, backups, backupVerify, restore } from './backup.ts';

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'liaison-backup-cli-'));
  await chmod(base, 0o755);
});
afterAll(() => rm(base, { recursive: true, force: true, maxRetries: 5 }));

async function run(args: string[], env: Record<string, string> = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runCommand({
    commands: [backupKey, backup, backups, backupVerify, restore],
    env: { LIAISON_DATA: join(base, 'data'), LIAISON_LOG_LEVEL: 'silent', ...env },
    args,
    out: (text) => out.push(text),
    err: (text) => err.push(text),
  });
  return { status, out: out.join(''), err: err.join('') };
}

test('A key is made, a backup with it, listed, proved and restored; each wrong word is refused with what is right', async () => {
  const shown = await run(['backup-key']);
  const [recipient] = /age1\S+/.exec(shown.out) ?? [''];
  const identity = join(base, 'identity.txt');
  await writeFile(identity, `${/AGE-SECRET-KEY-1\S+/.exec(shown.out)?.[0]}\n`);
  const place = join(base, 'place');
  const env = { LIAISON_BACKUP_TO: place, LIAISON_BACKUP_RECIPIENT: recipient };

  const refused = async (args: string[], status: number, err: RegExp, more: Record<string, string> = env) =>
    expect(await run(args, more), args.join(' ')).toMatchObject({ status, err: expect.stringMatching(err) });
  await refused(['backup'], 1, /no place for backups · LIAISON_BACKUP_TO/, {});
  await refused(['backup'], 1, /backups have no key · LIAISON_BACKUP_RECIPIENT/, {
    LIAISON_BACKUP_TO: place,
  });
  await refused(['backup'], 1, /backups have no place · LIAISON_BACKUP_TO/, {
    LIAISON_BACKUP_RECIPIENT: recipient,
  });
  await refused(
    ['restore', 'deploy/sites/eu', '--identity', identity],
    1,
    /description of a site.*site restore/,
  );
  const misspelt = recipient.replace(/.$/, recipient.endsWith('q') ? 'p' : 'q');
  await refused(['backup'], 1, /is no public key: a sign of it is wrong/, {
    ...env,
    LIAISON_BACKUP_RECIPIENT: misspelt,
  });
  await refused(['backup'], 1, /in the data folder are lost with it/, {
    ...env,
    LIAISON_BACKUP_TO: join(base, 'data', 'b'),
  });
  await refused(['backup'], 1, /LIAISON_BACKUP_AT · write hours and minutes/, {
    ...env,
    LIAISON_BACKUP_AT: '3am',
  });
  await refused(['backup'], 1, /LIAISON_BACKUP_AT/, { ...env, LIAISON_BACKUP_AT: '03:00 Europe/Atlantis' });
  await refused(['backup'], 1, /LIAISON_BACKUP_KEEP · write numbers/, { ...env, LIAISON_BACKUP_KEEP: '0d' });
  await refused(['backups'], 1, /place is not there · LIAISON_BACKUP_TO/);

  const server = await startEmbeddedPostgres({
    dataFolder: join(base, 'data'),
    log: createLog({ level: 'silent' }),
  });
  try {
    expect(await run(['backup'], env)).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^\d{8}T\d{6}Z-\w+ in .*place: database/),
    });
  } finally {
    await server.stop();
  }
  expect((await run(['backups'], env)).out).toMatch(/0 min old .* not proved\nno log after the last one\n$/);
  await refused(['backup-verify'], 2, /name the file of the identity with --identity/);
  await refused(['backup-verify', '--identity', place], 1, /cannot be read/);
  expect(await run(['backup-verify', '--identity', identity], env)).toMatchObject({
    status: 0,
    out: expect.stringContaining('is good'),
  });
  expect((await run(['backups', place])).out).toMatch(/ proved \d{4}-/);

  const elsewhere = { LIAISON_DATA: join(base, 'again') };
  await refused(['restore', place], 2, /--identity/, elsewhere);
  await refused(['restore', base, '--identity', identity], 1, /holds no whole backup/, elsewhere);
  await refused(
    ['restore', place, '--identity', identity, '--until', 'yesterday'],
    2,
    /write --until as 2026-/,
    elsewhere,
  );
  await refused(
    ['restore', place, '--identity', identity, '--base', 'x'],
    1,
    /there is no backup x/,
    elsewhere,
  );
  await refused(['restore', place, '--identity', identity], 1, /data is not empty/);
  await refused(['restore', place, '--identity', identity], 1, /DATABASE_URL/, {
    ...elsewhere,
    DATABASE_URL: 'postgres://u:p@h/d',
  });
  expect(await run(['restore', place, '--identity', identity], elsewhere)).toMatchObject({
    status: 0,
    out: expect.stringContaining('is as it was on'),
  });
}, 180_000);
