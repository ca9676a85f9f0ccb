import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
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

const passing = { fullName: 'room opens', status: 'passed', duration: 1200 };
const failing = {
  fullName: 'room shuts',
  status: 'failed',
  duration: 5,
  failureMessages: ['expected 1\n  at x'],
};
const skipped = { fullName: 'room waits', status: 'skipped' };

test('counts what passed, failed and was left out, and names what failed', () => {
  const file = report({
    testResults: [
      { name: '/suite/a.test.ts', status: 'failed', assertionResults: [passing, failing, skipped] },
    ],
  });
  expect(readVitestReport(file, 1, '/suite')).toEqual({
    passed: 1,
    failed: 1,
    skipped: 1,
    failures: ['a.test.ts › room shuts: expected 1'],
    slowest: [
      { name: 'a.test.ts › room opens', durationMs: 1200 },
      { name: 'a.test.ts › room shuts', durationMs: 5 },
      { name: 'a.test.ts › room waits', durationMs: 0 },
    ],
  });
});

test('a test file that does not load is a failure', () => {
  const file = report({
    testResults: [
      { name: '/suite/a.test.ts', status: 'passed', assertionResults: [passing] },
      { name: '/suite/b.test.ts', status: 'failed', message: 'Cannot find module', assertionResults: [] },
    ],
  });
  const result = readVitestReport(file, 1, '/suite');
  expect(result).toMatchObject({ passed: 1, failed: 1, failures: ['b.test.ts: Cannot find module'] });
});

test.each([
  ['no report', () => join(folder, 'absent.json'), 1, /wrote no report \(exit status 1\)/],
  ['half a report', () => report('{"testResults": ['), undefined, /wrote no report \(exit status none\)/],
  ['no test', () => report({ testResults: [] }), 0, /found no test/],
  [
    'an error outside every test',
    () => report({ testResults: [{ status: 'passed', assertionResults: [passing] }] }),
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
