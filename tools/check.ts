import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type BoundedResult, runBounded } from './bounded-run.ts';
import { checkBoundaries } from './check-boundaries.ts';
import { checkClusterTests } from './check-cluster-tests.ts';
import { checkConventions } from './check-conventions.ts';
import { checkMigrations } from './check-migrations.ts';
import { checkStrings } from './check-strings.ts';
import { checkProtocols } from './rfc-index.ts';
import { type Finding, formatFinding, sortFindings } from './source/finding.ts';
import { readTree } from './source/tree.ts';

/** One check's result, as the tests count it. */
export interface CheckOutcome {
  name: string;
  /** One line each; empty when the check passed. */
  findings: string[];
  durationMs: number;
}

interface Check {
  name: string;
  run(): string[] | Promise<string[]>;
}

const PROGRAM_TIMEOUT_MS = 300_000;

/** Runs every check and says each as it ends. None stops the others: all that is wrong is seen at once. */
export async function runChecks(root: string, say: (line: string) => void): Promise<CheckOutcome[]> {
  const tree = readTree(root);
  const ours = (check: () => Finding[]) => (): string[] => sortFindings(check()).map(formatFinding);
  const checks: Check[] = [
    { name: 'types', run: () => checkTypes(root) },
    { name: 'lint and format', run: () => checkLint(root) },
    { name: 'boundaries', run: ours(() => checkBoundaries(tree)) },
    { name: 'strings', run: ours(() => checkStrings(tree)) },
    { name: 'conventions', run: ours(() => checkConventions(tree)) },
    { name: 'migrations', run: ours(() => checkMigrations(tree)) },
    { name: 'cluster tests', run: ours(() => checkClusterTests(tree)) },
    { name: 'protocols', run: ours(() => checkProtocols(tree)) },
  ];

  const outcomes: CheckOutcome[] = [];
  for (const { name, run } of checks) {
    const startedAt = performance.now();
    let findings: string[];
    try {
      findings = await run();
    } catch (error) {
      findings = [
        `the check itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      ];
    }
    const durationMs = performance.now() - startedAt;
    const verdict = findings.length === 0 ? 'ok' : `${findings.length} found`;
    say(`${name.padEnd(18)} ${verdict.padEnd(10)} ${(durationMs / 1000).toFixed(1)} s`);
    outcomes.push({ name, findings, durationMs });
  }
  return outcomes;
}

async function checkTypes(root: string): Promise<string[]> {
  const run = await program(root, 'node_modules/typescript/bin/tsc', [
    '--noEmit',
    '--pretty',
    'false',
    '-p',
    '.',
  ]);
  if (run.fault !== undefined) return [run.fault];
  if (run.status === 0) return [];
  const lines = run.output.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 ? lines : [`ended with status ${run.status} and said nothing`];
}

/** Biome's JSON report, as far as we read it. */
interface LintReport {
  diagnostics?: {
    severity: string;
    message: string;
    category: string;
    location?: { path?: string; start?: { line: number } };
  }[];
}

/** Warnings count: a rule that may be broken is better switched off in biome.json, with its reason. */
async function checkLint(root: string): Promise<string[]> {
  const run = await program(root, 'node_modules/@biomejs/biome/bin/biome', [
    'check',
    '--reporter=json',
    '--max-diagnostics=500',
  ]);
  if (run.fault !== undefined) return [run.fault];
  const start = run.output.indexOf('{"summary"');
  const end = run.output.lastIndexOf('}');
  if (start < 0 || end < 0)
    return [`ended with status ${run.status} and no report: ${run.output.slice(0, 500)}`];
  const report = JSON.parse(run.output.slice(start, end + 1)) as LintReport;
  const findings = (report.diagnostics ?? [])
    .filter(({ severity }) => severity !== 'info' && severity !== 'information' && severity !== 'hint')
    .map(({ category, message, location }) => {
      const line = location?.start?.line ?? 0;
      const place = `${location?.path ?? ''}${line > 0 ? `:${line}` : ''}`;
      return category === 'format'
        ? `${place} is not formatted · biome check --write ${location?.path ?? ''}`
        : `${place} ${category} · ${message}`;
    });
  if (findings.length === 0 && run.status !== 0)
    findings.push(`ended with status ${run.status} and named nothing`);
  return findings;
}

/** Runs somebody else's checker on our Node. */
function program(root: string, script: string, args: readonly string[]): Promise<BoundedResult> {
  return runBounded({
    command: process.execPath,
    args: [join(root, script), ...args],
    cwd: root,
    timeoutMs: PROGRAM_TIMEOUT_MS,
    output: 'keep',
  });
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { report: { type: 'string' } } });
  const root = resolve(import.meta.dirname, '..');
  const outcomes = await runChecks(root, (line) => console.log(line));
  for (const { name, findings } of outcomes) {
    if (findings.length > 0)
      console.log(`\n${name}\n${findings.map((finding) => `  ${finding}`).join('\n')}`);
  }
  if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(outcomes));
  process.exitCode = outcomes.every(({ findings }) => findings.length === 0) ? 0 : 1;
}
