import { describe, expect, test } from 'vitest';
import { checkBoundaries } from './check-boundaries.ts';
import { formatFinding } from './source/finding.ts';
import { type Files, manifest, SOUND_TREE, withTree } from './testing/scratch-tree.ts';

function findingsWith(changes: Files): string[] {
  return withTree({ ...SOUND_TREE, ...changes }, (tree) => checkBoundaries(tree).map(formatFinding));
}

/** A changed file of the sound tree: its text with something added at the end. */
function plus(path: string, text: string): Files {
  return { [path]: `${SOUND_TREE[path] ?? ''}${text}\n` };
}

/** The sound tree's chat, allowed to name the tests. */
const chatManifest = JSON.parse(SOUND_TREE['modules/chat/package.json'] ?? '{}') as {
  dependencies: Record<string, string>;
};
const declaringTests: Files = {
  'modules/chat/package.json': JSON.stringify({
    ...chatManifest,
    dependencies: { ...chatManifest.dependencies, '@liaison/tests': '*' },
  }),
};

test('a sound tree has no finding', () => {
  expect(findingsWith({})).toEqual([]);
});

/** Each changes the sound tree in one way; exactly one finding follows, and it names the place. */
const BROKEN: [rule: string, changes: Files, finding: RegExp][] = [
  [
    "a module's server imports another's server",
    plus('modules/chat/server/index.ts', "export { all } from '@liaison/people/server';"),
    /^modules\/chat\/server\/index\.ts:5 imports '@liaison\/people\/server' · a module may know another module's contract/,
  ],
  [
    'a module imports itself by name',
    plus('modules/people/server/index.ts', "export type { People as Us } from '@liaison/people';"),
    /people\/server\/index\.ts:5 imports itself as '@liaison\/people'/,
  ],
  [
    'a module imports an app',
    {
      'modules/people/package.json': manifest(
        '@liaison/people',
        { '.': './contract/index.ts', './server': './server/index.ts' },
        { kysely: '0.29.9', '@liaison/server': '*' },
      ),
      ...plus('modules/people/server/index.ts', "export { chat } from '@liaison/server/compose';"),
    },
    /modules\/people imports '@liaison\/server\/compose' · nobody imports apps/,
  ],
  [
    'an engine imports the floor',
    {
      'engines/sip/package.json': manifest(
        '@liaison/sip',
        { '.': './src/index.ts' },
        { '@liaison/core': '*' },
      ),
      ...plus('engines/sip/src/index.ts', "export { defineEvent } from '@liaison/core/contract';"),
    },
    /^engines\/sip\/src\/index\.ts:3 engines\/sip imports '@liaison\/core\/contract' · imports go down only/,
  ],
  [
    'the floor beside core/web imports the design system',
    plus('core/contract/index.ts', "export type { Button } from '@liaison/ui';"),
    /^core\/contract\/index\.ts:2 core imports '@liaison\/ui' · imports go down only/,
  ],
  [
    "a page imports its module's server",
    plus('modules/chat/web/index.tsx', "export type { createChat } from '../server/index.ts';"),
    /the web of chat imports its server/,
  ],
  [
    'a path leaves its workspace',
    plus('modules/chat/contract/index.ts', "export type { People } from '../../people/contract/index.ts';"),
    /imports '\.\.\/\.\.\/people\/contract\/index\.ts', which leaves modules\/chat · .* · import @liaison\/people by name/,
  ],
  [
    'an import without .ts',
    plus('modules/chat/server/routes.ts', "export type { messageSent } from '../contract/index.js';"),
    /imports '\.\.\/contract\/index\.js': no such file · .* · write the whole path with its \.ts ending/,
  ],
  [
    'a subpath that is not exported',
    plus('modules/chat/server/routes.ts', "export type { x } from '@liaison/people/server/secret';"),
    /@liaison\/people does not export "\.\/server\/secret"/,
  ],
  [
    'the program uses what only tests may',
    {
      'modules/chat/server/testing.ts': 'export const clock = 0;\n',
      ...plus('modules/chat/server/routes.ts', "export { clock } from './testing.ts';"),
    },
    /imports '\.\/testing\.ts', which only tests may use/,
  ],
  [
    'the program uses the stage of the tests',
    {
      'tests/package.json': manifest('@liaison/tests', { './stage': './testing/stage.ts' }, {}),
      'tests/testing/stage.ts': 'export const stage = 0;\n',
      ...declaringTests,
      ...plus('modules/chat/server/routes.ts', "export { stage } from '@liaison/tests/stage';"),
    },
    /imports '@liaison\/tests\/stage', which only tests may use/,
  ],
  [
    'React is reachable from a server face',
    plus('modules/chat/server/access.ts', "export { use } from 'react';"),
    /^modules\/chat\/server\/access\.ts:3 imports 'react' and is loaded by the server · the server must start without React/,
  ],
  [
    'a .tsx beside the server',
    { 'modules/chat/server/Mail.tsx': 'export const Mail = () => <p />;\n' },
    /^modules\/chat\/server\/Mail\.tsx is a \.tsx file on the server side/,
  ],
  [
    'a contract needs Node',
    plus('modules/chat/contract/index.ts', "export { randomUUID } from 'node:crypto';"),
    /^modules\/chat\/contract\/index\.ts:3 imports 'node:crypto' and is loaded by the browser/,
  ],
  [
    'a page reaches the database through the floor',
    plus('modules/chat/web/index.tsx', "export { open } from '@liaison/core/db';"),
    /^core\/db\/index\.ts:1 imports 'kysely' and is loaded by the browser \(by modules\/chat\/web\/index\.tsx\)/,
  ],
  [
    'an undeclared dependency',
    plus('modules/people/contract/index.ts', "export { z } from 'zod';"),
    /imports 'zod', which modules\/people\/package\.json does not declare/,
  ],
  [
    'what the server needs is for developers',
    {
      'engines/sip/package.json': JSON.stringify({
        ...JSON.parse(manifest('@liaison/sip', { '.': './src/index.ts' }, {})),
        devDependencies: { zod: '4.6.7' },
      }),
      ...plus('engines/sip/src/index.ts', "export { z } from 'zod';"),
    },
    /imports 'zod', which engines\/sip\/package\.json has among its devDependencies/,
  ],
  [
    'a dependency declared in vain',
    { 'engines/sip/package.json': manifest('@liaison/sip', { '.': './src/index.ts' }, { zod: '4.6.7' }) },
    /^engines\/sip\/package\.json:1 declares and does not use zod/,
  ],
  [
    'a version that is not exact',
    {
      'core/package.json': manifest(
        '@liaison/core',
        { './*': './*/index.ts' },
        { '@liaison/ui': '*', kysely: '^0.29.9', react: '19.3.1' },
      ),
    },
    /^core\/package\.json:1 asks for kysely "\^0\.29\.9"/,
  ],
  ['a module without README', { 'modules/chat/README.md': undefined }, /^modules\/chat has no README\.md/],
  ['a long README', { 'core/db/README.md': 'line\n'.repeat(41) }, /^core\/db\/README\.md:41 has 41 lines/],
  [
    'a module without personal data',
    { 'modules/people/server/personal-data.ts': undefined },
    /^modules\/people has no server\/personal-data\.ts/,
  ],
  [
    'routes without access',
    {
      'modules/chat/server/access.ts': undefined,
      'modules/chat/server/routes.ts': 'export const routes: string[] = [];\n',
    },
    /^modules\/chat has no server\/access\.ts/,
  ],
  [
    'a folder of the floor without index',
    { 'core/ids/id.ts': '', 'core/ids/README.md': '# ids\n' },
    /^core\/ids has no index\.ts/,
  ],
  ['an engine without README', { 'engines/sip/README.md': undefined }, /^engines\/sip has no README\.md/],
  [
    'a file of leftovers',
    { 'core/db/string-utils.ts': '' },
    /^core\/db\/string-utils\.ts has 'utils' in a file name/,
  ],
  [
    'a folder of leftovers',
    { 'modules/chat/server/common/x.ts': '' },
    /^modules\/chat\/server\/common has the folder 'common'/,
  ],
  ['a file in camelCase', { 'core/db/openDatabase.ts': '' }, /openDatabase\.ts is not named in kebab-case/],
  [
    'an empty name',
    plus('core/db/index.ts', 'export class PoolManager {}'),
    /^core\/db\/index\.ts:4 declares PoolManager/,
  ],
  [
    'a prefix',
    plus('core/db/index.ts', 'export interface IPool {}'),
    /declares IPool · the prefix says nothing/,
  ],
  [
    "another's table in SQL",
    plus(
      'modules/chat/server/access.ts',
      'export const q = `select * from chat.room\n join people.person p on true`;',
    ),
    /^modules\/chat\/server\/access\.ts:\d reads people\.person, which belongs to modules\/people/,
  ],
  [
    "another's table in Kysely",
    plus(
      'modules/chat/server/access.ts',
      "export const q = (db: any) => db.selectFrom('people.person as p');",
    ),
    /^modules\/chat\/server\/access\.ts:3 reads people\.person/,
  ],
  [
    'writing to a table that may only be joined',
    plus('modules/chat/server/access.ts', "export const q = (db: any) => db.insertInto('core.grant');"),
    /^modules\/chat\/server\/access\.ts:3 touches core\.grant, which belongs to core/,
  ],
  [
    'an engine without its list of RFCs',
    { 'engines/sip/rfcs.txt': undefined },
    /^engines\/sip has no rfcs\.txt/,
  ],
  [
    "another's table in a migration",
    {
      'modules/chat/server/migrations/0001-rooms.sql':
        '-- not from people.person\ncreate table chat.room (\n  owner uuid references people.person\n);\n',
    },
    /^modules\/chat\/server\/migrations\/0001-rooms\.sql:3 touches people\.person/,
  ],
  [
    'a transaction across organisations',
    plus('modules/chat/server/access.ts', 'export const all = ({ db }: any) => db.system(async () => 1);'),
    /^modules\/chat\/server\/access\.ts:3 opens a transaction across organisations/,
  ],
  [
    'a file that does not parse',
    plus('core/db/index.ts', 'export const = 1;'),
    /^core\/db\/index\.ts:4 does not parse/,
  ],
];

describe('one broken rule', () => {
  test.each(BROKEN)('%s', (_rule, changes, finding) => {
    const findings = findingsWith(changes);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(finding);
  });
});

test('event names, aliases and functions of the floor are not taken for tables', () => {
  const findings = findingsWith(
    plus(
      'modules/chat/server/access.ts',
      [
        "export const name = 'people.person-joined';",
        'export const q = `select p.id from chat.room p join core.space s on s.id = p.space_id`;',
        'export const policy = `create policy own on chat.room using (org_id = core.current_org())`;',
        'export const call = `select * from core.visible_spaces(1)`;',
      ].join('\n'),
    ),
  );
  expect(findings).toEqual([]);
});

test('a test of a module may stand on the assembled suite', () => {
  const findings = findingsWith({
    'tests/package.json': manifest('@liaison/tests', { './stage': './testing/stage.ts' }, {}),
    'tests/testing/stage.ts': 'export const stage = 0;\n',
    ...declaringTests,
    'modules/chat/web/chat.browser.test.ts': "export { stage } from '@liaison/tests/stage';\n",
  });
  expect(findings).toEqual([]);
});

test('a type is free: the browser may name what only the server loads', () => {
  expect(
    findingsWith(plus('modules/chat/web/index.tsx', "export type { Database } from '@liaison/core/db';")),
  ).toEqual([]);
});
