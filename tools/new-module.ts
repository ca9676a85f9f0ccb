import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runBounded } from './bounded-run.ts';
import { readTree } from './source/tree.ts';

const USAGE = `npm run new-module -- NAME

Writes modules/NAME: a page, a table, an action, an event, a reaction and their tests, passing every check.
NAME is one English plural or mass noun in kebab-case: polls, time-sheets.`;

/** Names of schemas and parts that are taken already. */
const TAKEN = new Set([
  'core',
  'auth',
  'public',
  'ui',
  'tools',
  'tests',
  'server',
  'web',
  'cli',
  'app',
  'shell',
]);

/** What a module of this shape imports; the versions are those that the other workspaces pin. */
const DEPENDENCIES = ['@liaison/core', 'kysely', 'zod'];

/** What its pages take and its server does not: an image is built without them. */
const PAGE_DEPENDENCIES = [
  '@liaison/ui',
  '@tabler/icons-react',
  '@tanstack/react-query',
  '@tanstack/react-router',
  '@types/react',
  'react',
  'react-i18next',
];

const TEMPLATE = join(import.meta.dirname, 'new-module/template');

/**
 * Writes a new module into the checkout at `root`.
 *
 * @returns the paths written, from the root
 * @throws Error with a sentence for the one who typed it, when the name cannot be used
 */
export function writeModule(root: string, name: string): string[] {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) || name.length > 30) {
    throw new Error(`'${name}' is no name for a module: kebab-case, at most 30 characters`);
  }
  if (TAKEN.has(name) || existsSync(join(root, 'modules', name)) || existsSync(join(root, 'engines', name))) {
    throw new Error(`'${name}' is taken already`);
  }

  const words = name.split('-');
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  const fill = (text: string): string =>
    text
      .replaceAll('__name__', name)
      .replaceAll('__schema__', words.join('_'))
      .replaceAll('__Name__', pascal)
      .replaceAll('__camel__', pascal.charAt(0).toLowerCase() + pascal.slice(1))
      .replaceAll(
        '__Title__',
        words.join(' ').replace(/^./, (letter) => letter.toUpperCase()),
      );

  const written: string[] = [];
  for (const entry of readdirSync(TEMPLATE, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const inside = source
      .slice(TEMPLATE.length + 1)
      .replace(/\.txt$/, '')
      .replace(/\/module(?=\.(?:test\.)?ts$)/, `/${name}`);
    const path = `modules/${name}/${inside}`;
    const text =
      inside === 'package.json'
        ? packageFile(root, readFileSync(source, 'utf8'))
        : readFileSync(source, 'utf8');
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), fill(text));
    written.push(path);
  }
  return written.sort();
}

function packageFile(root: string, template: string): string {
  const versions = new Map(readTree(root).workspaces.flatMap(({ declared }) => [...declared]));
  const pinned = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(
      names.map((name) => {
        const version = name.startsWith('@liaison/') ? '*' : versions.get(name);
        if (version === undefined)
          throw new Error(`no workspace declares ${name}: the template is behind the suite`);
        return [name, version];
      }),
    );
  const manifest = {
    ...JSON.parse(template),
    dependencies: pinned(DEPENDENCIES),
    devDependencies: pinned(PAGE_DEPENDENCIES),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Lays the new files out as the formatter would: names of other lengths break lines elsewhere. */
export async function formatModule(root: string, name: string): Promise<void> {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const run = await runBounded({
    command: process.execPath,
    args: [biome, 'check', '--write', `modules/${name}`],
    cwd: root,
    timeoutMs: 60_000,
    output: 'keep',
  });
  if (run.status !== 0) throw new Error(`biome could not format modules/${name}: ${run.fault ?? run.output}`);
}

async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [name] = positionals;
  if (name === undefined || positionals.length > 1) throw new Error(USAGE);
  const root = resolve(import.meta.dirname, '..');
  const written = writeModule(root, name);
  await formatModule(root, name);
  console.log(`${written.map((path) => `  ${path}`).join('\n')}

Next:
  npm install                                 links @liaison/${name} and notes it in the lock file
  apps/server/package.json, compose.ts        declare and create it; add its migrations and personalData
  apps/web/package.json, src/modules.ts       declare it and add its screen to the list
  tests/cluster/${name}.ts, modules.test.ts      what people at two processes see of each other
  npx vitest run modules/${name}              its tests; then npm run check`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
