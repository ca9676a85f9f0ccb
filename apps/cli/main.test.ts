import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const main = join(import.meta.dirname, 'main.ts');
let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'liaison-cli-'));
  await chmod(base, 0o755);
});
afterEach(() => rm(base, { recursive: true, force: true }));

function run(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ status: number; out: string; err: string }> {
  const options = { env: { PATH: process.env.PATH ?? '', LIAISON_DATA: join(base, 'data'), ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], options, (error, out, err) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

test('Help names the commands, an unknown one is refused', async () => {
  expect((await run([])).out).toContain('backup [FOLDER]');
  expect(await run(['bakcup'])).toMatchObject({
    status: 2,
    err: expect.stringContaining('no command "bakcup"'),
  });
  expect(await run(['backup'])).toMatchObject({
    status: 1,
    err: expect.stringContaining('LIAISON_BACKUP_TO'),
  });
  expect(await run(['settings', '--yaml'])).toMatchObject({ status: 2 });
});

test('Settings are shown, and a wrong one is one line with status 1', async () => {
  const shown = await run(['settings'], { LIAISON_HTTP_PORT: '9000' });
  expect(shown).toMatchObject({ status: 0, err: '' });
  expect(shown.out).toContain('LIAISON_HTTP_PORT\n  9000  (set)');
  expect((await run(['settings', '--markdown'])).out).toMatch(/^\| setting \| default \| meaning \|/);
  const wrong = await run(['settings'], { LIAISON_HTTP_PORT: 'http' });
  expect(wrong).toMatchObject({ status: 1, out: '' });
  expect(wrong.err).toMatch(/^liaison: "http" cannot be used · LIAISON_HTTP_PORT · [^\n]+\n$/);
});

test('The doctor of a machine where nothing runs names each fault and its mend, for people and as JSON', async () => {
  // Ports that nobody of ours listens at.
  const env = {
    LIAISON_HTTP_PORT: '1',
    LIAISON_HTTPS_PORT: '2',
    LIAISON_SIPS_PORT: '3',
    LIAISON_BIND: '127.0.0.1',
  };
  const told = await run(['doctor', '--without', 'names'], env);
  expect(told).toMatchObject({
    status: 1,
    err: expect.stringMatching(/^liaison: server: no server answers/),
  });
  for (const line of [
    /^XX {2}server/m,
    /^XX {2}database {5}no database runs/m,
    /^XX {2}call/m,
    /^\d+ faults/m,
    / → start it/,
  ])
    expect(told.out).toMatch(line);
  expect(told.out).not.toContain('names');
  const asked = await run(['doctor', '--json', '--without', 'call,certificate,names'], env);
  expect(asked.status).toBe(1);
  const { healthy, findings } = JSON.parse(asked.out);
  expect(healthy).toBe(false);
  expect(findings).toContainEqual(
    expect.objectContaining({
      step: 'disk',
      outcome: 'failed',
      mend: expect.stringContaining('LIAISON_DATA'),
    }),
  );
  expect(await run(['doctor', '--all'])).toMatchObject({ status: 2 });
}, 60_000);

test('Backup and restore from the command line, refusals included', async () => {
  const backup = join(base, 'backup');
  expect(await run(['backup', backup])).toMatchObject({
    status: 1,
    err: expect.stringContaining('holds no database'),
  });
  const { startEmbeddedPostgres } = await import('@liaison/core/postgres');
  const { createLog } = await import('@liaison/core/log');
  const server = await startEmbeddedPostgres({
    dataFolder: join(base, 'data'),
    log: createLog({ level: 'silent' }),
  });
  try {
    expect(await run(['rotate-key'])).toMatchObject({ status: 0 });
    expect(await run(['backup', backup])).toMatchObject({
      status: 0,
      out: expect.stringContaining('0 blobs'),
    });
  } finally {
    await server.stop();
  }
  expect(await run(['restore', backup])).toMatchObject({
    status: 1,
    err: expect.stringContaining('is not empty'),
  });
  const restored = await run(['restore', backup], { LIAISON_DATA: join(base, 'again') });
  expect(restored).toMatchObject({ status: 0, out: expect.stringContaining('is as it was on') });
  await writeFile(join(backup, 'password'), 'changed');
  const changed = await run(['restore', backup], { LIAISON_DATA: join(base, 'third') });
  expect(changed).toMatchObject({ status: 1, err: expect.stringContaining('password was changed') });
}, 120_000);
