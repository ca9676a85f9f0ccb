import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runBounded } from './bounded-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'liaison-ci-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, '.ci'));
cpSync(resolve(import.meta.dirname, '../.ci/run'), join(folder, '.ci/run'));

/** Runs `.ci/run` with a stand-in for npm, and answers the status and the last line. */
async function ciRun(npm: string): Promise<{ status: number | undefined; last: string | undefined }> {
  writeFileSync(join(folder, 'npm'), `#!/bin/bash\n${npm}\n`);
  chmodSync(join(folder, 'npm'), 0o755);
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const run = await runBounded({
    command: join(folder, '.ci/run'),
    args: [],
    env,
    timeoutMs: 20_000,
    output: 'keep',
  });
  return { status: run.status, last: run.output.trimEnd().split('\n').at(-1) };
}

test.each([
  ['all passed', 'echo "12 passed, 0 failed, 1 skipped"', 0, '12 passed, 0 failed, 1 skipped'],
  [
    'some failed, and npm has more to say',
    'echo "3 passed, 2 failed, 0 skipped"; echo "npm error Test failed." >&2; exit 1',
    1,
    '3 passed, 2 failed, 0 skipped',
  ],
  ['no counts and a good status', 'echo nothing', 1, '0 passed, 1 failed, 0 skipped'],
  ['npm was killed', 'kill -9 $$', 137, '0 passed, 1 failed, 0 skipped'],
  [
    'CI is set and nothing is asked',
    'read -r line; echo "$CI$line passed" >&2; exit 4',
    4,
    '0 passed, 1 failed, 0 skipped',
  ],
])('%s', async (_case, npm, status, last) => {
  expect(await ciRun(npm)).toEqual({ status, last });
});
