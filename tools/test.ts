import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endRuns } from './bounded-run.ts';
import { installPrograms } from './debian-programs.ts';
import { runSideBySide } from './side-by-side.ts';
import { runStage, STAGES, type Stage, sharingStages } from './stages.ts';
import { type Counts, slowestOf } from './vitest-report.ts';

const USAGE = `npm test [-- --only <stage>]… [--list]

  --only <stage>   run this stage alone; may be given several times
  --list           name the stages and end`;

/**
 * Runs the whole of the tests, stage after stage and some beside each other, and ends with one plain line of counts. Exit status 0 only when
 * nothing failed and, in CI, nothing had to be left out.
 */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) return 2;
  if (options.list) {
    for (const { name, title } of STAGES) console.log(`${name.padEnd(8)} ${title}`);
    return 0;
  }

  const root = resolve(import.meta.dirname, '..');
  const stages = STAGES.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  const leftOut: string[] = [];
  const slowest: { name: string; durationMs: number }[] = [];

  const expected = stages.filter((stage) => stage.expected?.(root) ?? true);
  const names = expected.map(({ name }) => name);
  for (const { program, reason } of await installPrograms(names, (line) => console.log(line))) {
    const stagesHit = program.stages.filter((stage) => names.includes(stage)).join(', ');
    leftOut.push(`${stagesHit}: no ${program.program} (${program.for}); ${reason}`);
  }

  for (const { name } of stages.filter((stage) => !expected.includes(stage))) {
    console.log(`\n── ${name}: nothing to run yet`);
  }
  const reports = mkdtempSync(join(tmpdir(), 'liaison-test-'));
  const sharing = sharingStages(expected);
  const runAndCount = async (stage: Stage): Promise<void> => {
    const { name, title } = stage;
    const kept = sharing.has(stage);
    console.log(`\n── ${name}: ${title}${kept ? ' (shown when it has ended)' : ''}`);
    const result = await runStage(stage, root, join(reports, `${name}.json`), kept ? 'keep' : 'show');
    total.passed += result.passed;
    total.failed += result.failed;
    total.skipped += result.skipped;
    failures.push(...result.failures.map((failure) => `${name} · ${failure}`));
    slowest.push(...result.slowest);
    const ended = `── ${name}: ${countsLine(result)} in ${(result.durationMs / 1000).toFixed(1)} s`;
    console.log(kept ? `\n── ${name} said:\n${result.output.trimEnd()}\n${ended}` : ended);
  };
  try {
    await runSideBySide(expected, runAndCount);
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }

  const section = (title: string, lines: readonly string[]): void => {
    if (lines.length > 0) console.log(`\n${title}\n${lines.map((line) => `  ${line}`).join('\n')}`);
  };
  section(
    'Slowest',
    slowestOf(slowest)
      .filter(({ durationMs }) => durationMs >= 1000)
      .map(({ name, durationMs }) => `${(durationMs / 1000).toFixed(1).padStart(6)} s  ${name}`),
  );
  section('Could not run', leftOut);
  if (process.env.CI && leftOut.length > 0) {
    total.failed += leftOut.length;
    failures.push(...leftOut.map((line) => `left out · ${line}`));
  }
  if (total.passed + total.failed === 0) {
    total.failed += 1;
    failures.push('no test ran');
  }
  section('Failed', failures);
  console.log(`\n${countsLine(total)}`);
  return total.failed === 0 ? 0 : 1;
}

function countsLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function readOptions(args: string[]): { only: string[]; list: boolean } | undefined {
  try {
    const { values } = parseArgs({
      args,
      options: { only: { type: 'string', multiple: true }, list: { type: 'boolean' } },
    });
    const only = values.only ?? [];
    const unknown = only.find((name) => !STAGES.some((stage) => stage.name === name));
    if (unknown !== undefined) throw new Error(`there is no stage '${unknown}'; --list names them`);
    return { only, list: values.list ?? false };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return undefined;
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // What a stage had said that is shown at its end may name what it hung on.
    for (const said of endRuns()) console.log(said);
    console.log('\n0 passed, 1 failed, 0 skipped');
    process.exit(1);
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  endRuns();
  console.error(error);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exitCode = 1;
}
