import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runBounded } from './bounded-run.ts';
import { readCheckReport } from './stages.ts';
import { readVitestReport } from './vitest-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'liaison-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let written = 0;
function report(content: unknown): string {
  written += 1;
  const file = join(folder, `${written}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** What a run of these files leaves, written by Vitest and our reporter. */
async function runOf(files: Record<string, string>) {
  const suite = mkdtempSync(join(folder, 'suite-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(suite, name), text);
  writeFileSync(join(suite, 'vitest.config.mjs'), 'export default { test: { globals: true } };');
  const file = join(suite, 'report.json');
  const root = resolve(import.meta.dirname, '..');
  const run = await runBounded({
    command: process.execPath,
    args: [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      `--root=${suite}`,
      `--reporter=${join(root, 'tools/vitest-reporter.ts')}`,
    ],
    env: { ...process.env, REPORT: file },
    timeoutMs: 60_000,
    output: 'keep',
  });
  return { ...readVitestReport(file, run.status, suite), output: run.output };
}

test('counts what passed, failed and was left out, and names what failed, also around tests', async () => {
  const { slowest, output, ...result } = await runOf({
    'a.test.js': `describe('room', () => {
      test('opens', () => {});
      test('shuts', () => expect(1).toBe(2));
      test.skip('waits', () => {});
    });`,
    'b.test.js': `describe('telephone', () => {
      beforeAll(() => { throw new Error('no line\\nfor it'); });
      test('rings', () => {});
    });`,
    'c.test.js': `import './nowhere.js';`,
    'd.test.js': `test('forgets', () => { setTimeout(() => { throw new Error('nobody waits'); }); });
      test('goes on', () => new Promise((done) => setTimeout(done, 50)));`,
  });
  expect(result, output).toEqual({
    passed: 3,
    failed: 4,
    skipped: 2,
    failures: expect.arrayContaining([
      expect.stringMatching(/^a\.test\.js › room > shuts: expected 1 to be 2/),
      'b.test.js › telephone: no line',
      expect.stringMatching(/^c\.test\.js: .*nowhere/),
      'outside every file: nobody waits',
    ]),
  });
  expect(slowest).toHaveLength(6);
});

const passing = { path: 'a', name: 'b', state: 'passed', durationMs: 1, error: '' };

test.each([
  ['no report', () => join(folder, 'absent.json'), 1, /wrote no report \(exit status 1\)/],
  ['half a report', () => report('{"tests": ['), undefined, /wrote no report \(exit status none\)/],
  ['no test', () => report({ tests: [], outside: [] }), 0, /found no test/],
  [
    'an error that was not told',
    () => report({ tests: [passing], outside: [] }),
    1,
    /an error outside a test/,
  ],
])('%s is a failure, never nothing', (_what, file, status, failure) => {
  const result = readVitestReport(file(), status, '/suite');
  expect(result.failed).toBe(1);
  expect(result.failures[0]).toMatch(failure);
});

test('each check counts as one test, and checks that crashed count as a failure', () => {
  const outcomes = [
    { name: 'types', findings: [], durationMs: 1 },
    { name: 'lint', findings: ['a.ts:1', 'a.ts:2'], durationMs: 1 },
  ];
  expect(readCheckReport(report(outcomes), 1)).toMatchObject({
    passed: 1,
    failed: 1,
    failures: ['lint: 2 found'],
  });
  expect(readCheckReport(join(folder, 'absent.json'), 1)).toMatchObject({ passed: 0, failed: 1 });
  expect(readCheckReport(report(outcomes.slice(0, 1)), undefined)).toMatchObject({ passed: 1, failed: 1 });
});
