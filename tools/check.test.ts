import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runChecks } from './check.ts';

const checkout = resolve(import.meta.dirname, '..');
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'liaison-check-'));
  cpSync(join(checkout, 'tsconfig.json'), join(root, 'tsconfig.json'));
  writeFileSync(
    join(root, 'biome.json'),
    '{\n  "files": { "includes": ["engines/**/*.ts"] },\n  "formatter": { "indentStyle": "space" },\n  "javascript": { "formatter": { "quoteStyle": "single" } }\n}\n',
  );
  symlinkSync(join(checkout, 'node_modules'), join(root, 'node_modules'));
  mkdirSync(join(root, 'engines/sip/src'), { recursive: true });
  mkdirSync(join(root, 'docs'));
  writeFileSync(
    join(root, 'engines/sip/package.json'),
    JSON.stringify({ name: '@liaison/sip', type: 'module', exports: { '.': './src/index.ts' } }),
  );
  writeFileSync(join(root, 'engines/sip/README.md'), '# sip\n');
  writeFileSync(join(root, 'engines/sip/rfcs.txt'), '');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Name of each check with what it found, of a tree with this one source file. */
async function check(source: string): Promise<Record<string, string[]>> {
  writeFileSync(join(root, 'engines/sip/src/index.ts'), source);
  const said: string[] = [];
  const outcomes = await runChecks(root, (line) => said.push(line));
  expect(said).toHaveLength(outcomes.length);
  return Object.fromEntries(outcomes.map(({ name, findings }) => [name, findings]));
}

test('every check names what it found, and none stops the others', { timeout: 120_000 }, async () => {
  const found = await check(
    "import { z } from 'zod';\nexport enum Kind { A }\nexport const a: number = 'x' // RFC 3261 §8\n",
  );
  expect(found.types).toContainEqual(
    expect.stringMatching(/^engines\/sip\/src\/index\.ts\(3,14\): error TS2322/),
  );
  expect(found['lint and format']).toContainEqual(
    expect.stringMatching(/^engines\/sip\/src\/index\.ts is not formatted/),
  );
  expect(found['lint and format']).toContainEqual(expect.stringMatching(/index\.ts:1 .*noUnusedImports/));
  expect(found.boundaries).toEqual([expect.stringMatching(/index\.ts:1 imports 'zod', which engines\/sip/)]);
  expect(found.conventions).toEqual([expect.stringMatching(/index\.ts:2 has an enum/)]);
  expect(found.protocols).toEqual([expect.stringMatching(/index\.ts:3 cites RFC 3261/)]);
  expect(found.strings).toEqual([]);
});

test('sound sources pass all but the page that is not written yet', { timeout: 120_000 }, async () => {
  const found = await check('/** Timer A. */\nexport const retransmitAfterMs = 500;\n');
  const failed = Object.entries(found).filter(([, findings]) => findings.length > 0);
  expect(failed).toEqual([['protocols', [expect.stringMatching(/^docs\/protocols\.md is stale/)]]]);
});
