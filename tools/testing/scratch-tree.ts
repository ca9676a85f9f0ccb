import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readTree, type SourceTree } from '../source/tree.ts';

/** Path from the root → text; undefined leaves out a file that a base tree has. */
export type Files = Record<string, string | undefined>;

/**
 * Writes the files to a new folder, reads them as a checkout, calls `use` and removes the folder again, whatever
 * happens.
 */
export function withTree<T>(files: Files, use: (tree: SourceTree) => T): T {
  const root = mkdtempSync(join(tmpdir(), 'liaison-tree-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) continue;
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return use(readTree(root));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

export function manifest(
  name: string,
  exports: Record<string, string>,
  dependencies: Record<string, string>,
): string {
  return JSON.stringify({ name, private: true, type: 'module', exports, dependencies });
}

/** A small suite in which every rule is kept: two modules, an engine, a floor, a design system and the programs. */
export const SOUND_TREE: Files = {
  'package.json': JSON.stringify({ name: 'liaison', private: true, devDependencies: { vitest: '5.1.1' } }),
  'apps/server/package.json': manifest(
    '@liaison/server',
    { './compose': './compose.ts' },
    { '@liaison/chat': '*', '@liaison/people': '*' },
  ),
  'apps/server/compose.ts':
    "import { createChat } from '@liaison/chat/server';\nimport { createPeople } from '@liaison/people/server';\nexport const people = createPeople();\nexport const chat = createChat(people);\n",
  'core/package.json': manifest(
    '@liaison/core',
    { './*': './*/index.ts' },
    { '@liaison/ui': '*', kysely: '0.29.9', react: '19.3.1' },
  ),
  'core/db/README.md': '# db\n',
  'core/db/index.ts':
    "import { Kysely } from 'kysely';\nexport type Database = Kysely<unknown>;\nexport const open = (): unknown => Kysely;\n",
  'core/contract/README.md': '# contract\n',
  'core/contract/index.ts': 'export const defineEvent = (name: string): string => name;\n',
  'core/web/README.md': '# web\n',
  'core/web/index.ts':
    "import { Button } from '@liaison/ui';\nimport { use } from 'react';\nexport const live = [Button, use];\n",
  'ui/package.json': manifest('@liaison/ui', { '.': './src/index.ts' }, { react: '19.3.1' }),
  'ui/src/index.ts': "export { Button } from './Button.tsx';\n",
  'ui/src/Button.tsx':
    'import type { ReactNode } from \'react\';\nexport const Button = ({ children }: { children: ReactNode }) => <button type="button">{children}</button>;\n',
  'engines/sip/package.json': manifest('@liaison/sip', { '.': './src/index.ts' }, {}),
  'engines/sip/README.md': '# sip\n',
  'engines/sip/rfcs.txt': '3261 SIP: Session Initiation Protocol\n',
  'engines/sip/src/index.ts':
    '/** Timer A of a request. RFC 3261 §17.1.1.2 */\nexport const retransmitAfterMs = 500;\n',
  'modules/people/package.json': manifest(
    '@liaison/people',
    { '.': './contract/index.ts', './server': './server/index.ts' },
    { kysely: '0.29.9' },
  ),
  'modules/people/README.md': '# people\n',
  'modules/people/contract/index.ts': 'export interface People { nameOf(id: string): string }\n',
  'modules/people/server/index.ts':
    "import type { Kysely } from 'kysely';\nimport type { People } from '../contract/index.ts';\nexport const createPeople = (): People => ({ nameOf: (id) => id });\nexport const all = (db: Kysely<never>) => db;\n",
  'modules/people/server/personal-data.ts': 'export const personalData = {};\n',
  'modules/chat/package.json': manifest(
    '@liaison/chat',
    { '.': './contract/index.ts', './server': './server/index.ts', './web': './web/index.tsx' },
    { '@liaison/core': '*', '@liaison/people': '*', '@liaison/ui': '*', react: '19.3.1' },
  ),
  'modules/chat/README.md': '# chat\n',
  'modules/chat/contract/index.ts':
    "import { defineEvent } from '@liaison/core/contract';\nexport const messageSent = defineEvent('chat.message-sent');\n",
  'modules/chat/server/index.ts':
    "import type { People } from '@liaison/people';\nimport { messageSent } from '../contract/index.ts';\nimport { routes } from './routes.ts';\nexport const createChat = (people: People) => [people, messageSent, routes];\n",
  'modules/chat/server/routes.ts':
    "import { roomFor } from './access.ts';\nexport const routes = [roomFor];\n",
  'modules/chat/server/access.ts':
    'export const roomFor = (sql: (text: TemplateStringsArray) => string): string =>\n  sql`select 1 from chat.room join core.member on true`;\n',
  'modules/chat/server/personal-data.ts': 'export const personalData = {};\n',
  'modules/chat/server/send.test.ts':
    "import { test } from 'vitest';\nimport { createPeople } from '@liaison/people/server';\ntest('sends', () => void createPeople());\n",
  'modules/chat/web/index.tsx':
    "import { live } from '@liaison/core/web';\nimport { Button } from '@liaison/ui';\nimport { messageSent } from '../contract/index.ts';\nimport { useId } from 'react';\nexport const Chat = () => <Button>{[live, messageSent, useId()].length}</Button>;\n",
};
