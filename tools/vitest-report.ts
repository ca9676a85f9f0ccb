import { readFileSync } from 'node:fs';

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

/** What `vitest-reporter.ts` writes. */
export interface VitestReport {
  tests: {
    /** Absolute. */
    path: string;
    name: string;
    state: 'passed' | 'failed' | 'skipped' | 'pending';
    durationMs: number;
    /** Empty where there is none. */
    error: string;
  }[];
  /** What failed outside every test: a file that does not load, a hook, an error that nobody awaited. */
  outside: { path: string; name: string; message: string }[];
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
  const report = readReport(file);
  if (report === undefined) {
    fail(`the run wrote no report (exit status ${status ?? 'none'})`);
    return result;
  }

  const place = (path: string, name: string): string =>
    [path.replace(`${root}/`, ''), name].filter((part) => part !== '').join(' › ') || 'outside every file';
  for (const test of report.tests) {
    const name = place(test.path, test.name);
    if (test.state === 'passed') result.passed += 1;
    else if (test.state === 'failed') fail(`${name}: ${firstLine(test.error)}`);
    else result.skipped += 1;
    result.slowest.push({ name, durationMs: test.durationMs });
  }
  for (const { path, name, message } of report.outside) fail(`${place(path, name)}: ${firstLine(message)}`);
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

/** Undefined where there is none, or half of one. */
function readReport(file: string): VitestReport | undefined {
  try {
    const { tests, outside } = JSON.parse(readFileSync(file, 'utf8')) as Partial<VitestReport>;
    return Array.isArray(tests) && Array.isArray(outside) ? { tests, outside } : undefined;
  } catch {
    return undefined;
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] || 'no reason was given';
}
