import { existsSync, readFileSync } from 'node:fs';

/** How many tests there were, over one stage or all. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface StageResult extends Counts {
  /** The failures, one line each, as they are named at the end. */
  failures: string[];
  slowest: { name: string; durationMs: number }[];
}

/** The part of Vitest's JSON report that we read. */
interface VitestReport {
  testResults?: {
    name?: string;
    status?: string;
    message?: string;
    assertionResults?: {
      fullName?: string;
      status?: string;
      duration?: number | null;
      failureMessages?: string[];
    }[];
  }[];
}

const KEPT_SLOWEST = 10;

/**
 * Reads what a Vitest run wrote to `file`. A run that crashed, wrote nothing, found no test, or failed outside every
 * test counts as one failure: never as nothing.
 *
 * @param status exit status of the run; undefined when it did not end by itself
 */
export function readVitestReport(file: string, status: number | undefined, root: string): StageResult {
  const result: StageResult = { passed: 0, failed: 0, skipped: 0, failures: [], slowest: [] };
  const fail = (line: string): void => {
    result.failed += 1;
    result.failures.push(line);
  };
  let report: VitestReport;
  try {
    report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as VitestReport) : {};
  } catch {
    report = {};
  }
  if (!Array.isArray(report.testResults)) {
    fail(`the run wrote no report (exit status ${status ?? 'none'})`);
    return result;
  }

  for (const suite of report.testResults) {
    const path = (suite.name ?? '').replace(`${root}/`, '');
    const tests = suite.assertionResults ?? [];
    for (const test of tests) {
      const name = `${path} › ${test.fullName ?? ''}`;
      if (test.status === 'passed') result.passed += 1;
      else if (test.status === 'failed') fail(`${name}: ${firstLine(test.failureMessages?.[0])}`);
      else result.skipped += 1;
      result.slowest.push({ name, durationMs: test.duration ?? 0 });
    }
    const failedInside = tests.some(({ status: testStatus }) => testStatus === 'failed');
    if (suite.status === 'failed' && !failedInside)
      fail(`${path}: ${firstLine(suite.message) || 'did not load'}`);
  }
  if (result.passed + result.failed + result.skipped === 0) fail('the run found no test');
  if (status !== 0 && result.failed === 0) {
    fail(
      `every test passed and the run still ended with status ${status ?? 'none'}: an error outside a test`,
    );
  }
  result.slowest = slowestOf(result.slowest);
  return result;
}

export function slowestOf<T extends { durationMs: number }>(tests: readonly T[]): T[] {
  return [...tests].sort((a, b) => b.durationMs - a.durationMs).slice(0, KEPT_SLOWEST);
}

function firstLine(text: string | undefined): string {
  return (text ?? '').trim().split('\n')[0] ?? '';
}
