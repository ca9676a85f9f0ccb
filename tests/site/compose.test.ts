import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { loadDeployment, renderSite } from '@liaison/sites/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
/** Debian's, of the first kind; the one of the second, which operators are told to take, Debian 12 has not. */
const program = '/usr/bin/docker-compose';
const isThere = existsSync(program);

/** Reads a file as `docker-compose` does before it starts anything; answers what it complained of. */
const read = (file: string): Promise<string> =>
  run(program, ['--file', file, 'config', '--quiet'], { timeout: 60_000 }).then(
    ({ stderr }) => stderr,
    (error: { stderr?: string; message: string }) => error.stderr || error.message,
  );

it('compose.yaml of one machine is not started here: only what the program of before makes of it is tried', () => {
  process.stderr.write(
    'DID NOT RUN: a site of one machine by `docker compose` (its version 2 is in no Debian 12)\n',
  );
  if (!isThere) process.stderr.write(`DID NOT RUN: ${program} is missing (Debian package docker-compose)\n`);
  expect(isThere || process.env.CI === undefined, 'in CI everything runs').toBe(true);
});

describe.runIf(isThere)('compose.yaml of one machine, read by docker-compose 1.29', () => {
  let folder: string;
  let text: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liaison-compose-'));
    const { deployment } = await loadDeployment('demo-one');
    const [site] = deployment.sites;
    if (site === undefined) throw new Error('no site');
    const { files, secrets } = renderSite(deployment, site, () => '');
    for (const [name, content] of [...files, ...secrets.map((name) => [`secrets/${name}`, ''] as const)]) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    text = files.get('compose.yaml') ?? '';
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is refused whole by its first line, so that nobody starts half of it', async () => {
    expect(await read(join(folder, 'compose.yaml'))).toMatch(/'name' does not match/);
  });

  it('is right in all else, but that configs are of a later kind; what is wrong is named', async () => {
    const unnamed = join(folder, 'unnamed.yaml');
    const without = text.replace(/^name: .*$/m, '');
    expect(without).not.toBe(text);
    await writeFile(unnamed, without);
    const said = await read(unnamed);
    expect(said.trim().split('\n')).toHaveLength(1);
    expect(said).toContain("Some services (liaison, postgres) use the 'configs' key, which will be ignored");
    await writeFile(unnamed, without.replace('init: true', 'inits: true'));
    expect(await read(unnamed)).toMatch(/services\.postgres.*inits/s);
  });
});
