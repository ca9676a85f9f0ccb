import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BoundedRun, runBounded } from './bounded-run.ts';
import type { CheckOutcome } from './check.ts';
import { readTree } from './source/tree.ts';
import { readVitestReport, type StageResult } from './vitest-report.ts';

export interface Stage {
  name: string;
  title: string;
  /** Undefined: always expected. Otherwise the stage is expected once this holds. */
  expected?: (root: string) => boolean;
  /** `reportFile` is where the stage leaves its result for `read`. */
  run(root: string, reportFile: string): Omit<BoundedRun, 'output' | 'cwd' | 'env'>;
  read(reportFile: string, status: number | undefined, root: string): StageResult;
}

const MINUTE_MS = 60_000;

function vitestStage(
  name: string,
  title: string,
  config: string,
  minutes: number,
  expected?: (root: string) => boolean,
): Stage {
  return {
    name,
    title,
    ...(expected === undefined ? {} : { expected }),
    run: (root, reportFile) => ({
      command: process.execPath,
      args: [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--config',
        config,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${reportFile}`,
      ],
      timeoutMs: minutes * MINUTE_MS,
    }),
    read: readVitestReport,
  };
}

/** In the order in which they run: the cheap ones first, so that a slip shows early. */
export const STAGES: readonly Stage[] = [
  {
    name: 'check',
    title: 'types, lint, boundaries, strings, protocols',
    run: (root, reportFile) => ({
      command: process.execPath,
      args: [join(root, 'tools/check.ts'), '--report', reportFile],
      timeoutMs: 10 * MINUTE_MS,
    }),
    read: readCheckReport,
  },
  vitestStage('units', 'units, and modules on PostgreSQL', 'vitest.config.ts', 40),
  vitestStage('site', 'the image, on a Docker engine', 'tests/vitest.site.config.ts', 30, (root) =>
    existsSync(join(root, 'tests/site')),
  ),
  vitestStage(
    'interop',
    "other people's clients, and several processes",
    'tests/vitest.interop.config.ts',
    30,
    (root) => existsSync(join(root, 'tests/interop')),
  ),
  vitestStage(
    'e2e',
    'screens in a browser',
    'tests/vitest.e2e.config.ts',
    40,
    (root) =>
      existsSync(join(root, 'tests/e2e')) ||
      readTree(root).paths.some((path) => /\.browser\.test\.tsx?$/.test(path)),
  ),
];

/** Each check counts as one test. */
export function readCheckReport(file: string, status: number | undefined): StageResult {
  const result: StageResult = { passed: 0, failed: 0, skipped: 0, failures: [], slowest: [] };
  let outcomes: CheckOutcome[] = [];
  try {
    outcomes = JSON.parse(readFileSync(file, 'utf8')) as CheckOutcome[];
  } catch {
    // Counted below as a run without a result.
  }
  for (const outcome of outcomes) {
    if (outcome.findings.length === 0) result.passed += 1;
    else {
      result.failed += 1;
      result.failures.push(`${outcome.name}: ${outcome.findings.length} found`);
    }
    result.slowest.push({ name: `check › ${outcome.name}`, durationMs: outcome.durationMs });
  }
  if (outcomes.length === 0 || (status !== 0 && result.failed === 0)) {
    result.failed += 1;
    result.failures.push(`the checks ended with status ${status ?? 'none'} and no full report`);
  }
  return result;
}

/** Runs one stage within its time and answers what it found; a stage that does not end well is a failure. */
export async function runStage(
  stage: Stage,
  root: string,
  reportFile: string,
): Promise<StageResult & { durationMs: number }> {
  const bin = join(root, 'node_modules/.bin');
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}` };
  const run = await runBounded({ ...stage.run(root, reportFile), cwd: root, env, output: 'show' });
  const result = stage.read(reportFile, run.status, root);
  if (run.fault !== undefined) {
    result.failed += 1;
    result.failures.push(`the stage ${run.fault}`);
  }
  return { ...result, durationMs: run.durationMs };
}
