import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSource, type Syntax } from './syntax.ts';
import { readWorkspaces, type Workspace } from './workspaces.ts';

/** The files of a checkout as the checks see them: read and parsed once, whoever asks. */
export interface SourceTree {
  /** Absolute. */
  readonly root: string;
  /** Every file from the root, with `/`, sorted; without what is installed, built, or somebody's data. */
  readonly paths: readonly string[];
  readonly workspaces: readonly Workspace[];
  has(path: string): boolean;
  text(path: string): string;
  /** For `.ts .tsx .mts .mjs .js .cjs` only. */
  syntax(path: string): Syntax;
  /** The workspace that a file lies in; undefined for files of the root. */
  workspaceOf(path: string): Workspace | undefined;
}

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', '.git', 'coverage', 'test-results']);
const SKIPPED_PATHS = new Set(['data', 'bench/out']);
const CODE = /\.(?:ts|tsx|mts|mjs|js|cjs)$/;

export function isCode(path: string): boolean {
  return CODE.test(path);
}

/** Tests, and what only tests use: they may reach where the program may not. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$|(?:^|\/)testing(?:\/|\.ts)|^tests\//.test(path);
}

export function readTree(root: string): SourceTree {
  const paths: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED_FOLDERS.has(entry.name) && !SKIPPED_PATHS.has(path)) visit(path);
      } else if (entry.isFile()) paths.push(path);
    }
  };
  visit('');
  paths.sort();

  const known = new Set(paths);
  const texts = new Map<string, string>();
  const syntaxes = new Map<string, Syntax>();
  const text = (path: string): string => {
    let found = texts.get(path);
    if (found === undefined) {
      found = readFileSync(join(root, path), 'utf8');
      texts.set(path, found);
    }
    return found;
  };
  const workspaces = readWorkspaces(paths, text);
  return {
    root,
    paths,
    workspaces,
    has: (path) => known.has(path),
    text,
    syntax(path) {
      let found = syntaxes.get(path);
      if (found === undefined) {
        found = parseSource(path, text(path));
        syntaxes.set(path, found);
      }
      return found;
    },
    workspaceOf: (path) => workspaces.find((workspace) => path.startsWith(`${workspace.folder}/`)),
  };
}
