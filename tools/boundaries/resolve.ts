import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { SourceTree } from '../source/tree.ts';
import { packageOf, type Workspace } from '../source/workspaces.ts';

/** What an import leads to. */
export type Target =
  | { kind: 'file'; path: string }
  /** A file of ours that is not there, or that its package does not offer. */
  | { kind: 'missing'; reason: string }
  /** Reached by name: `subpath` is `.`, `./server`, …; `path` the file behind it. */
  | { kind: 'workspace'; workspace: Workspace; subpath: string; path: string | undefined }
  | { kind: 'package'; name: string; specifier: string }
  | { kind: 'builtin' };

/** Resolves as Node does for what we use: relative paths as they stand, workspaces by their `exports`. */
export function resolveImport(tree: SourceTree, importer: string, specifier: string): Target {
  const bare = specifier.replace(/[?#].*$/, '');
  if (bare.startsWith('.')) {
    const path = posix.normalize(posix.join(posix.dirname(importer), bare));
    return tree.has(path) ? { kind: 'file', path } : { kind: 'missing', reason: 'no such file' };
  }
  if (isBuiltin(bare)) return { kind: 'builtin' };
  const name = packageOf(bare);
  const workspace = tree.workspaces.find(({ packageName }) => packageName === name);
  if (!workspace) return { kind: 'package', name, specifier: bare };

  const subpath = bare === name ? '.' : `.${bare.slice(name.length)}`;
  for (const [pattern, file] of Object.entries(workspace.manifest.exports ?? {})) {
    const star = matchStar(pattern, subpath);
    if (star === undefined) continue;
    const path = posix.join(workspace.folder, file.replace('*', star));
    return { kind: 'workspace', workspace, subpath, path: tree.has(path) ? path : undefined };
  }
  return { kind: 'missing', reason: `${name} does not export "${subpath}"` };
}

/** What `*` stands for, '' when the pattern has none and is equal, undefined when it does not match. */
function matchStar(pattern: string, subpath: string): string | undefined {
  const at = pattern.indexOf('*');
  if (at < 0) return pattern === subpath ? '' : undefined;
  const before = pattern.slice(0, at);
  const after = pattern.slice(at + 1);
  if (!subpath.startsWith(before) || !subpath.endsWith(after)) return undefined;
  if (subpath.length <= before.length + after.length) return undefined;
  return subpath.slice(before.length, subpath.length - after.length);
}
