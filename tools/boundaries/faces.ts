import { isTest, type SourceTree } from '../source/tree.ts';

/**
 * Which side of the house a file is on. `contract` is read by both sides, so it must run on both; `build` is the
 * configuration of the bundler, which runs on a developer's machine only.
 */
export type Face = 'contract' | 'server' | 'web' | 'cli' | 'build' | 'test';

export function faceOf(tree: SourceTree, path: string): Face {
  if (isTest(path)) return 'test';
  const workspace = tree.workspaceOf(path);
  if (!workspace) return 'build';
  const inside = path.slice(workspace.folder.length + 1);
  const first = inside.split('/')[0] ?? '';
  switch (workspace.layer) {
    case 'modules':
      if (first === 'contract') return 'contract';
      if (first === 'web') return 'web';
      return first === 'cli' || first === 'cli.ts' ? 'cli' : 'server';
    case 'core':
      if (first === 'web') return 'web';
      return first === 'contract' ? 'contract' : 'server';
    case 'ui':
      return first === 'src' ? 'web' : 'build';
    case 'apps':
      if (workspace.shortName === 'web') return first === 'src' ? 'web' : 'build';
      return workspace.shortName === 'cli' ? 'cli' : 'server';
    case 'tests':
      return 'test';
    case 'tools':
      return 'build';
    default:
      return 'server';
  }
}
