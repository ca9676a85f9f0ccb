import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BoundedResult, runBounded } from './bounded-run.ts';
import { checkBoundaries } from './check-boundaries.ts';
import { checkConventions } from './check-conventions.ts';
import { checkStrings } from './check-strings.ts';
import { formatModule, writeModule } from './new-module.ts';
import { formatFinding } from './source/finding.ts';
import { readTree } from './source/tree.ts';

const checkout = resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'liaison-new-module-'));
const NAME = 'time-sheets';

/** A copy of the checkout with the same packages installed, and a module made in it. */
beforeAll(async () => {
  const left = new Set(['node_modules', '.git', 'data', 'dist', 'bench', 'docs', 'coverage']);
  for (const entry of readdirSync(checkout)) {
    if (left.has(entry)) continue;
    cpSync(join(checkout, entry), join(scratch, entry), {
      recursive: true,
      filter: (path) => !/\/(?:node_modules|dist)$/.test(path),
    });
  }
  symlinkSync(join(checkout, 'node_modules'), join(scratch, 'node_modules'));
  writeModule(scratch, NAME);
  await formatModule(scratch, NAME);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs a program of the checkout in the copy. */
function inScratch(script: string, args: readonly string[]): Promise<BoundedResult> {
  return runBounded({
    command: process.execPath,
    args: [join(scratch, 'node_modules', script), ...args],
    cwd: scratch,
    timeoutMs: 150_000,
    output: 'keep',
  });
}

describe('a new module', { timeout: 180_000 }, () => {
  test('passes our own checks', () => {
    const tree = readTree(scratch);
    const findings = [...checkBoundaries(tree), ...checkStrings(tree), ...checkConventions(tree)];
    expect(findings.filter(({ file }) => file.startsWith(`modules/${NAME}`)).map(formatFinding)).toEqual([]);
  });

  test('is typed', async () => {
    writeFileSync(
      join(scratch, 'tsconfig.new.json'),
      JSON.stringify({ extends: './tsconfig.json', include: [`modules/${NAME}`, 'ui/src/vite-env.d.ts'] }),
    );
    const run = await inScratch('typescript/bin/tsc', [
      '--noEmit',
      '--pretty',
      'false',
      '-p',
      'tsconfig.new.json',
    ]);
    expect(run.fault).toBeUndefined();
    expect(run.output.split('\n').filter((line) => line.includes(`modules/${NAME}/`))).toEqual([]);
  });

  test('is linted and formatted', async () => {
    const run = await inScratch('@biomejs/biome/bin/biome', [
      'check',
      '--error-on-warnings',
      `modules/${NAME}`,
    ]);
    expect(run.status, run.output).toBe(0);
  });

  test('keeps its promises on PostgreSQL', async () => {
    const report = join(scratch, 'report.json');
    const args = ['run', `modules/${NAME}`, '--reporter=json', `--outputFile.json=${report}`];
    const run = await inScratch('vitest/vitest.mjs', args);
    expect(run.status, run.output).toBe(0);
    const { numTotalTests, numPassedTests } = (await import(report, { with: { type: 'json' } })).default;
    expect(numTotalTests).toBeGreaterThan(5);
    expect(numPassedTests).toBe(numTotalTests);
  });
});

test.each([
  ['Polls', /kebab-case/],
  ['a/../b', /kebab-case/],
  ['core', /taken/],
  ['reach', /taken/],
])('%s is no name for a module', (name, message) => {
  expect(() => writeModule(scratch, name)).toThrow(message);
});
