import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runCommand } from '@liaison/core/cli';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { commands } from './cli.ts';

vi.setConfig({ testTimeout: 90_000 });

let out: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'liaison-site-'));
});
afterEach(() => rm(out, { recursive: true, force: true }));

async function site(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const status = await runCommand({
    commands,
    env: {},
    args: ['site', ...args],
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
  });
  return { status, ...said };
}

const secretsOf = async (...names: string[]) =>
  Promise.all(names.map((name) => readFile(join(out, 'secrets', name), 'utf8')));

test('A plan changes nothing, rendering does what it said, and again does nothing', async () => {
  const plan = await site('plan', 'demo-one', '--out', out);
  expect(plan).toMatchObject({ status: 0, err: '' });
  expect(plan.out).toContain('compose.yaml is new');
  expect(plan.out).toContain('Will be made: the secrets master-key, postgres-password');
  await expect(stat(join(out, 'compose.yaml'))).rejects.toThrow(/ENOENT/);

  expect(await site('render', 'demo-one', '--out', out)).toMatchObject({
    status: 0,
    out: expect.stringMatching(/Made the secrets .*docker compose --file \S+compose\.yaml up --detach/s),
  });
  const before = await secretsOf('master-key', 'postgres-password');
  expect(before[0]).toContain('Master keys of Liaison');
  expect((await stat(join(out, 'secrets'))).mode & 0o777).toBe(0o700);
  expect(await site('plan', 'demo-one', '--out', out)).toMatchObject({
    out: expect.stringContaining('Nothing differs'),
  });
  await site('render', 'demo-one', '--out', out);
  expect(await secretsOf('master-key', 'postgres-password')).toEqual(before);
});

test('What contradicts the description is refused with the difference, and dropped when told so', async () => {
  await site('render', 'demo-one', '--out', out);
  const file = join(out, 'compose.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('mem_limit: 2048m', 'mem_limit: 9999m'));
  for (const verb of ['plan', 'render']) {
    const refused = await site(verb, 'demo-one', '--out', out);
    expect(refused.status).toBe(1);
    expect(refused.out).toMatch(/- +mem_limit: 9999m\n.*\+ +mem_limit: 2048m/);
    expect(refused.err).toMatch(/changed by hand, against the description · bring the change into site\.ts/);
  }
  expect(await readFile(file, 'utf8')).toContain('9999m');
  expect(await site('render', 'demo-one', '--out', out, '--replace')).toMatchObject({ status: 0 });
  expect(await readFile(file, 'utf8')).toBe(text);
});

test('Secrets that only their owner has are asked for; a new value rolls through', async () => {
  const refused = await site('render', 'eu', '--out', out);
  expect(refused).toMatchObject({
    status: 1,
    err: expect.stringMatching(/certificate.*s3-access-key.*not in/),
  });
  const folder = join(out, 'secrets');
  await mkdir(folder, { recursive: true });
  const owed = /liaison: (.+): these secrets/.exec(refused.err)?.[1]?.split(', ') ?? [];
  expect(owed).toEqual(
    expect.arrayContaining(['certificate', 'certificate-key', 's3-access-key', 's3-secret-key']),
  );
  for (const name of owed) {
    await writeFile(join(folder, name), `of ${name}\n`);
  }
  for (const verb of [['render'], ['plan']]) {
    expect(await site(...verb, 'eu', '--out', out)).toMatchObject({
      status: 1,
      err: expect.stringMatching(/secrets\/certificate holds no certificate · put the PEM/),
    });
  }
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=a', '-addext', `subjectAltName=DNS:eu.estuaria.example`],
    ...['-keyout', join(folder, 'certificate-key'), '-out', join(folder, 'certificate')],
  ]);
  const rendered = await site('render', 'eu', '--out', out);
  expect(rendered).toMatchObject({ status: 0, err: '' });
  expect(rendered.out).toMatch(/node update --label-add liaison\.sip=yes lisbon-2/);
  expect(rendered.out).toMatch(/stack deploy .*stack\.yaml estuaria-eu/);
  const before = await readFile(join(out, 'stack.yaml'), 'utf8');
  for (const [value] of [await secretsOf('turn-secret'), await secretsOf('certificate-key')]) {
    expect(before).not.toContain(value?.trim());
  }
  await chmod(join(folder, 'turn-secret'), 0o644);
  await writeFile(join(folder, 'turn-secret'), 'another one that is long enough\n');
  const plan = await site('plan', 'eu', '--out', out);
  expect(plan.out).toMatch(
    /stack\.yaml changes\n.*estuaria-eu_turn-secret_\w{10}\n.*estuaria-eu_turn-secret_\w{10}\n/,
  );
});

test('Wrong words are answered with the right ones', async () => {
  expect(await site()).toMatchObject({ status: 2, err: expect.stringContaining('plan|render SITE') });
  expect(await site('render')).toMatchObject({ status: 2 });
  expect(await site('plan', 'eu', '--yaml')).toMatchObject({ status: 2 });
  expect(await site('plan', 'nowhere')).toMatchObject({
    status: 1,
    err: expect.stringMatching(/there is no description .*nowhere.site\.ts/),
  });
});

test.each([
  ['operating', 12],
  ['deploying', 7],
])('Every command of the guide %s is one that there is, with words that it takes', async (name, least) => {
  const guide = await readFile(new URL(`../../docs/operations/${name}.md`, import.meta.url), 'utf8');
  const given = [...guide.matchAll(/(?:^ *|`)npm run liaison -- ([^`\n]+)/gm)].map(([, words = '']) =>
    words.split(' '),
  );
  expect(given.length).toBeGreaterThan(least);
  for (const args of given) {
    let err = '';
    const onlyFiles = args[0] === 'site' && (args[1] === 'plan' || args[1] === 'render');
    // Where there is no docker program every other one ends before it does anything.
    const status = await runCommand({
      commands,
      env: { PATH: '' },
      args: onlyFiles ? [...args, '--out', out] : args,
      out: () => {},
      err: (text) => (err += text),
    });
    expect(status, `${args.join(' ')}: ${err}`).not.toBe(2);
    if (!onlyFiles) expect(err, args.join(' ')).toMatch(/no docker program|no such file/i);
  }
});
