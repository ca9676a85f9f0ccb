import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type DebianProgram, installPrograms } from './debian-programs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'liaison-programs-'));
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const phone: DebianProgram = {
  program: 'liaison-test-phone',
  name: 'phone-core',
  stages: ['interop'],
  for: 'a telephone',
};

/** A stand-in that notes how it was called. */
function standIn(program: string, script: string): void {
  writeFileSync(join(folder, program), `#!/bin/bash\necho "${program} $*" >> ${folder}/calls\n${script}\n`);
  chmodSync(join(folder, program), 0o755);
}
const calls = () =>
  existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : [];
const asRoot = (root: boolean) =>
  vi.spyOn(process as unknown as { getuid(): number }, 'getuid').mockReturnValue(root ? 0 : 1000);
const install = (stages: string[]) => installPrograms(stages, () => undefined, [phone]);

test('asks for nothing when the stage needs nothing, or has it', async () => {
  standIn('apt-get', 'exit 1');
  expect(await install(['units'])).toEqual([]);
  standIn('liaison-test-phone', '');
  expect(await install(['interop'])).toEqual([]);
  expect(calls()).toEqual([]);
});

test('installs as root: one update, one install of all', async () => {
  asRoot(true);
  standIn('apt-get', `[ "$1" = install ] && touch ${folder}/liaison-test-phone; exit 0`);
  expect(await install(['interop'])).toEqual([]);
  expect(calls()).toEqual(['apt-get update -q', 'apt-get install -q -y --no-install-recommends phone-core']);
});

test('a failed update does not matter when the install works', async () => {
  asRoot(true);
  standIn('apt-get', `[ "$1" = install ] || exit 100; touch ${folder}/liaison-test-phone`);
  expect(await install(['interop'])).toEqual([]);
});

test('uses sudo where it asks for no password', async () => {
  asRoot(false);
  standIn('sudo', 'shift; exec "$@"');
  standIn('apt-get', `touch ${folder}/liaison-test-phone`);
  expect(await install(['interop'])).toEqual([]);
  expect(calls()[0]).toBe('sudo -n true');
});

test.each([
  [
    'may not install',
    false,
    /may not install programs; type: sudo apt-get install --no-install-recommends phone-core$/,
  ],
  ['cannot install', true, /^apt-get: E: no such package; by hand: sudo apt-get install/],
])('says what to type when it %s', async (_what, root, reason) => {
  asRoot(root);
  standIn('sudo', 'exit 1');
  standIn('apt-get', 'echo "E: no such package"; exit 100');
  expect(await install(['interop'])).toEqual([{ program: phone, reason: expect.stringMatching(reason) }]);
});
