import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BoundedRun, runBounded } from './bounded-run.ts';
import type { CheckOutcome } from './check.ts';
import { type Load, mayRunBeside } from './side-by-side.ts';
import { readTree } from './source/tree.ts';
import { readVitestReport, type StageResult } from './vitest-report.ts';

export interface Stage {
  name: string;
  title: string;
  /** Whether it shares the machine with another stage; the reason stands beside it. */
  load: Load;
  /** Undefined: always expected. Otherwise the stage is expected once this holds. */
  expected?: (root: string) => boolean;
  /** `reportFile` is where the stage leaves its result for `read`. */
  run(root: string, reportFile: string): Omit<BoundedRun, 'output' | 'cwd'>;
  read(reportFile: string, status: number | undefined, root: string): StageResult;
}

const MINUTE_MS = 60_000;

function vitestStage(
  stage: Pick<Stage, 'name' | 'title' | 'load' | 'expected'> & {
    config: string;
    /** Of the config's projects this one alone. */
    project?: string;
    minutes: number;
  },
): Stage {
  const { config, project, minutes, ...described } = stage;
  return {
    ...described,
    run: (root, reportFile) => ({
      command: process.execPath,
      args: [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--config',
        config,
        ...(project === undefined ? [] : ['--project', project]),
        '--reporter=default',
        `--reporter=${join(root, 'tools/vitest-reporter.ts')}`,
      ],
      env: { REPORT: reportFile },
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
    load: 'computes',
    run: (root, reportFile) => ({
      command: process.execPath,
      args: [join(root, 'tools/check.ts'), '--report', reportFile],
      timeoutMs: 10 * MINUTE_MS,
    }),
    read: readCheckReport,
  },
  vitestStage({
    name: 'engines',
    title: 'engines, parts of pages and tools, each by itself',
    // What may take how long is held to in processor time.
    load: 'computes',
    config: 'vitest.config.ts',
    project: 'engines',
    minutes: 20,
  }),
  vitestStage({
    name: 'units',
    title: 'the floor, modules and the suite on PostgreSQL',
    // Overload and attacks are measured in it.
    load: 'alone',
    config: 'vitest.config.ts',
    project: 'on PostgreSQL',
    minutes: 40,
  }),
  vitestStage({
    name: 'site',
    title: 'the image, on a Docker engine',
    load: 'waits',
    config: 'tests/vitest.site.config.ts',
    minutes: 30,
    expected: (root) => existsSync(join(root, 'tests/site')),
  }),
  vitestStage({
    name: 'interop',
    title: "other people's clients, and several processes",
    // Sound is measured in it, two files at a time.
    load: 'alone',
    config: 'tests/vitest.interop.config.ts',
    minutes: 30,
    expected: (root) => existsSync(join(root, 'tests/interop')),
  }),
  vitestStage({
    name: 'e2e',
    title: 'screens in a browser',
    // Screens fill both cores, and what is heard in calls is measured.
    load: 'alone',
    config: 'tests/vitest.e2e.config.ts',
    minutes: 40,
    expected: (root) =>
      existsSync(join(root, 'tests/e2e')) ||
      readTree(root).paths.some((path) => /\.browser\.test\.tsx?$/.test(path)),
  }),
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

/** Of these stages, those that may run beside another one of them. */
export function sharingStages(stages: readonly Stage[]): Set<Stage> {
  return new Set(stages.filter((stage) => stages.some((other) => mayRunBeside(stage.load, other.load))));
}

/**
 * Runs one stage within its time and answers what it found; a stage that does not end well is a failure.
 *
 * @param output kept is what it printed, to be shown whole where two stages would talk at once
 */
export async function runStage(
  stage: Stage,
  root: string,
  reportFile: string,
  output: BoundedRun['output'] = 'show',
): Promise<StageResult & { durationMs: number; output: string }> {
  const bin = join(root, 'node_modules/.bin');
  const asked = stage.run(root, reportFile);
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}`, ...asked.env };
  const run = await runBounded({ ...asked, cwd: root, env, output });
  const result = stage.read(reportFile, run.status, root);
  if (run.fault !== undefined) {
    result.failed += 1;
    result.failures.push(`the stage ${run.fault}`);
  }
  return { ...result, durationMs: run.durationMs, output: run.output };
}
