import { describe, expect, test } from 'vitest';
import { checkConventions } from './check-conventions.ts';
import { formatFinding } from './source/finding.ts';
import { type Files, SOUND_TREE, withTree } from './testing/scratch-tree.ts';

function findingsWith(changes: Files): string[] {
  return withTree({ ...SOUND_TREE, ...changes }, (tree) => checkConventions(tree).map(formatFinding));
}

const DOCUMENTED = {
  'modules/people/server/index.ts': '/** Who is who. */\nexport const createPeople = () => ({});\n',
  'modules/chat/server/index.ts': '/** Rooms. */\nexport function createChat() {}\n',
};

test('a sound tree has no finding', () => {
  expect(findingsWith(DOCUMENTED)).toEqual([]);
});

const BROKEN: [rule: string, file: string, text: string, finding: RegExp][] = [
  ['an enum', 'core/db/kind.ts', 'export enum Kind { A }', /kind\.ts:1 has an enum/],
  [
    'a namespace',
    'core/db/kind.ts',
    '\nexport namespace Kind { export const a = 1; }',
    /kind\.ts:2 has a namespace/,
  ],
  [
    'a parameter property',
    'core/db/kind.ts',
    'export class K { constructor(private a: string) {} }',
    /parameter property/,
  ],
  ['a test left out', 'core/db/kind.test.ts', "test.skip('x', () => {});", /kind\.test\.ts:1 has test\.skip/],
  ['a test alone', 'core/db/kind.test.ts', "describe.only('x', () => {});", /has describe\.only/],
  ['a test with a condition', 'core/db/kind.test.ts', "it.skipIf(true)('x', () => {});", /has it\.skipIf/],
  [
    'a wait without a deadline',
    'core/db/kind.test.ts',
    'await vi.waitFor(() => expect(1).toBe(1));',
    /waits with vi\.waitFor and no deadline/,
  ],
  ['a long file', 'core/db/kind.ts', 'export {};\n'.repeat(501), /kind\.ts has 502 lines/],
  [
    'a face without docstring',
    'core/db/index.ts',
    '// no\nexport const openPool = 1;',
    /index\.ts:2 exports openPool without/,
  ],
  [
    'a path of one machine',
    'docs/x.md',
    `see ${'/home'}/alice/liaison`,
    /^docs\/x\.md:1 has a path of one machine/,
  ],
  [
    'a private key',
    'core/db/key.ts',
    `const k = '-----BEGIN ${'PRIVATE'} KEY-----\\nMIIE';`,
    /has a private key/,
  ],
  ['a token', 'deploy/x.yml', `token: ghp_${'a'.repeat(36)}`, /has what looks like a token/],
  ['a merge', 'docs/x.md', `${'<'.repeat(7)} HEAD`, /unfinished merge/],
  ['types switched off', 'core/db/kind.ts', '// @ts-ignore\nexport {};', /switches the type check off/],
  ['lint switched off', 'core/db/kind.ts', '// biome-ignore lint/x/y\nexport {};', /without a reason/],
  [
    'a registry in the lock file',
    'package-lock.json',
    '{\n"resolved": "https://registry.example/x.tgz" }',
    /^package-lock\.json:2 names the host registry\.example/,
  ],
];

describe('one broken rule', () => {
  test.each(BROKEN)('%s', (_rule, file, text, finding) => {
    const findings = findingsWith({ ...DOCUMENTED, [file]: text });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(finding);
  });
});

test('what only looks like it is left alone', () => {
  const findings = findingsWith({
    ...DOCUMENTED,
    'core/db/types.d.ts': "declare module 'x' { export const a: number; }\n",
    'core/db/routes.ts':
      "export const route = '/api/v1/home/alice';\n// biome-ignore lint/x/y: the wire has it\n",
  });
  expect(findings).toEqual([]);
});
