import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runStage, STAGES, type Stage, sharingStages } from './stages.ts';
import { readVitestReport } from './vitest-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'liaison-stages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A stage that runs a line of shell; `$REPORT` is where its result belongs. */
function stage(script: string, timeoutMs = 20_000): Stage {
  return {
    name: 'tried',
    title: 'tried here',
    load: 'alone',
    run: (_root, reportFile) => ({
      command: 'bash',
      args: ['-c', `REPORT='${reportFile}'; ${script}`],
      timeoutMs,
    }),
    read: readVitestReport,
  };
}

const REPORT = JSON.stringify({
  tests: [{ path: 'a', name: 'b', state: 'passed', durationMs: 1, error: '' }],
  outside: [],
});

test.each([
  ['all is well', `echo '${REPORT}' > $REPORT`, { passed: 1, failed: 0 }, []],
  [
    'it crashes before its report',
    'kill -9 $$',
    { passed: 0, failed: 2 },
    [/wrote no report/, /the stage was ended by SIGKILL/],
  ],
  [
    'it fails after its report',
    `echo '${REPORT}' > $REPORT; exit 1`,
    { passed: 1, failed: 1 },
    [/an error outside a test/],
  ],
  ['it says nothing and ends well', 'true', { passed: 0, failed: 1 }, [/wrote no report/]],
])('counts when %s', async (what, script, counts, failures) => {
  const result = await runStage(stage(script), folder, join(folder, `${what.replaceAll(' ', '-')}.json`));
  expect(result).toMatchObject(counts);
  expect(result.failures).toEqual(failures.map((failure) => expect.stringMatching(failure)));
});

test('a stage that hangs ends in time and is a failure', async () => {
  const result = await runStage(
    stage(`echo '${REPORT}' > $REPORT; sleep 300`, 300),
    folder,
    join(folder, 'hang.json'),
  );
  expect(result.durationMs).toBeLessThan(15_000);
  expect(result.failures).toContainEqual(expect.stringMatching(/did not end within/));
});

test('the stages run from the cheapest to the dearest', () => {
  expect(STAGES.map(({ name }) => name)).toEqual(['check', 'engines', 'units', 'site', 'interop', 'e2e']);
});

test('what a stage printed is kept where it is asked for, its complaints too', async () => {
  const script = `echo one; echo two >&2; echo '${REPORT}' > $REPORT`;
  const result = await runStage(stage(script), folder, join(folder, 'kept.json'), 'keep');
  expect(result).toMatchObject({ passed: 1, failed: 0 });
  expect(result.output.split('\n').toSorted()).toEqual(['', 'one', 'two']);
});

test('a stage shares the machine only where another one may run beside it', () => {
  const sharing = (...names: string[]) =>
    [...sharingStages(STAGES.filter(({ name }) => names.length === 0 || names.includes(name)))].map(
      ({ name }) => name,
    );
  expect(sharing()).toEqual(['check', 'engines', 'site']);
  expect(sharing('check', 'units')).toEqual([]);
  expect(sharing('site')).toEqual([]);
});
