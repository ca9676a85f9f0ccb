import { expect, test } from 'vitest';
import { checkClusterTests } from './check-cluster-tests.ts';
import { formatFinding } from './source/finding.ts';
import { type Files, SOUND_TREE, withTree } from './testing/scratch-tree.ts';

const findingsWith = (changes: Files, without: Record<string, string> = {}): string[] =>
  withTree({ ...SOUND_TREE, ...STAGED, ...changes }, (tree) =>
    checkClusterTests(tree, without).map(formatFinding),
  );
const part = "import { test } from 'vitest';\nexport const part = () => test('crosses', () => {});\n";
const STAGED: Files = {
  'tests/cluster/modules.test.ts':
    "import { part as chat } from './chat.ts';\nimport { part } from './people.ts';\nchat();\npart();\n",
  'tests/cluster/chat.ts': part,
  'tests/cluster/people.ts': part,
};

test('each module with a part on the stage has no finding', () => {
  expect(findingsWith({})).toEqual([]);
});

test.each([
  ['no part', { 'tests/cluster/chat.ts': undefined }, /^modules\/chat has no tests\/cluster\/chat\.ts/],
  ['a part without a test', { 'tests/cluster/chat.ts': 'export const part = 1;\n' }, /chat\.ts has no test/],
  [
    'a part that nobody runs',
    {
      'tests/cluster/modules.test.ts':
        "import type { x } from './chat.ts';\nimport { part } from './people.ts';\npart();\n",
    },
    /^tests\/cluster\/chat\.ts is on no stage/,
  ],
] satisfies [string, Files, RegExp][])('%s is found', (_what, changes, finding) => {
  expect(findingsWith(changes)).toEqual([expect.stringMatching(finding)]);
});

test('who is excused needs none, as long as it keeps nothing in a process', () => {
  const excused = { chat: 'writes files and nothing else' };
  const gone: Files = { 'tests/cluster/chat.ts': undefined };
  expect(findingsWith(gone, excused)).toEqual([]);
  expect(findingsWith({}, excused)).toEqual([expect.stringMatching(/^tests\/cluster\/chat\.ts is there/)]);
  const claims = {
    ...gone,
    'modules/chat/server/rooms.ts': 'export const room = (owned) => owned.claim({});\n',
  };
  expect(findingsWith(claims, excused)).toEqual([
    expect.stringMatching(/^modules\/chat\/server\/rooms\.ts answers other processes/),
  ]);
});
