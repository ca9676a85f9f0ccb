import type { Finding } from '../source/finding.ts';
import type { ImportReference } from '../source/syntax.ts';
import { isCode, isTest, type SourceTree } from '../source/tree.ts';
import type { Layer, Workspace } from '../source/workspaces.ts';
import { type Face, faceOf } from './faces.ts';
import { resolveImport } from './resolve.ts';

/** What each layer may import besides itself. Tests may import everything; nobody imports apps but apps. */
const BELOW: Record<Layer, readonly Layer[]> = {
  apps: ['apps', 'modules', 'core', 'ui', 'engines'],
  modules: ['modules', 'core', 'ui', 'engines'],
  core: ['core'],
  ui: [],
  engines: ['engines'],
  tools: ['core', 'engines'],
  tests: ['apps', 'modules', 'core', 'ui', 'engines', 'tools'],
};

/** Inside one module: which faces a face may import by relative path. */
const OWN_FACES: Record<Face, readonly Face[]> = {
  contract: ['contract'],
  server: ['server', 'contract'],
  web: ['web', 'contract'],
  cli: ['cli', 'server', 'contract'],
  build: ['build'],
  test: ['contract', 'server', 'web', 'cli', 'build', 'test'],
};

const DOWN = 'imports go down only: apps, modules, then core, ui and engines';

/** Rule: who may import whom, by name and by relative path. */
export function checkLayers(tree: SourceTree): Finding[] {
  const findings: Finding[] = [];
  for (const path of tree.paths) {
    if (!isCode(path)) continue;
    for (const reference of tree.syntax(path).imports) {
      const fault = faultOf(tree, path, reference);
      if (fault) findings.push({ file: path, line: reference.line, ...fault });
    }
  }
  return findings;
}

type Fault = Pick<Finding, 'what' | 'why' | 'mend'>;

function faultOf(tree: SourceTree, path: string, { specifier }: ImportReference): Fault | undefined {
  const own = tree.workspaceOf(path);
  const target = resolveImport(tree, path, specifier);
  switch (target.kind) {
    case 'missing':
      return missingFault(specifier, target.reason);
    case 'file':
      return relativeFault(tree, path, specifier, own, target.path);
    case 'workspace':
      if (own === undefined) return undefined;
      if (target.path === undefined) return missingFault(specifier, 'the exported file is not there');
      if (isTest(target.path) && !isTest(path)) return testOnlyFault(specifier);
      return namedFault(own, faceOf(tree, path), specifier, target.workspace, target.subpath);
    default:
      return undefined;
  }
}

function missingFault(specifier: string, reason: string): Fault {
  const relative = specifier.startsWith('.');
  return {
    what: `imports '${specifier}': ${reason}`,
    why: relative
      ? 'Node runs the sources as they are and looks for exactly this path'
      : 'others may use only what a package offers in its exports',
    mend: relative
      ? 'write the whole path with its .ts ending'
      : 'import an exported face, or export it there',
  };
}

function testOnlyFault(specifier: string): Fault {
  return {
    what: `imports '${specifier}', which only tests may use`,
    why: 'test code must not become part of the program',
    mend: 'move what the program needs out of the testing folder',
  };
}

function relativeFault(
  tree: SourceTree,
  path: string,
  specifier: string,
  own: Workspace | undefined,
  target: string,
): Fault | undefined {
  const other = tree.workspaceOf(target);
  if (own !== other && own !== undefined) {
    return {
      what: `imports '${specifier}', which leaves ${own.folder}`,
      why: 'a path into another workspace passes by its exports and its package.json',
      mend: other ? `import ${other.packageName} by name` : 'move what is shared into a workspace',
    };
  }
  if (own?.layer !== 'modules' && own?.layer !== 'core') return undefined;
  const from = faceOf(tree, path);
  const to = faceOf(tree, target);
  if (to === 'test' && from !== 'test') {
    return testOnlyFault(specifier);
  }
  if (own.layer === 'core' || OWN_FACES[from].includes(to)) return undefined;
  return {
    what: `the ${from} of ${own.shortName} imports its ${to} ('${specifier}')`,
    why: 'contract is read by both sides; server and web meet only there',
    mend: 'move what both need into contract/',
  };
}

function namedFault(
  own: Workspace,
  face: Face,
  specifier: string,
  target: Workspace,
  subpath: string,
): Fault | undefined {
  if (own === target) {
    if (own.layer !== 'modules' || face === 'test') return undefined;
    return {
      what: `imports itself as '${specifier}'`,
      why: 'inside a module a relative path shows which face is used',
      mend: 'import by relative path',
    };
  }
  if (!BELOW[own.layer].includes(target.layer)) {
    const mayUseUi = own.layer === 'core' && face === 'web' && target.layer === 'ui';
    // Tests of modules may stand on the assembled suite, which `tests` opens for them.
    const testMayUse =
      face === 'test' &&
      own.layer !== 'engines' &&
      own.layer !== 'ui' &&
      (target.layer === 'modules' || (target.layer === 'tests' && own.layer === 'modules'));
    if (mayUseUi || testMayUse) return undefined;
    return {
      what: `${own.folder} imports '${specifier}'`,
      why: target.layer === 'apps' ? 'nobody imports apps: they compose, they hold no feature' : DOWN,
      mend: 'turn it round: declare an interface here and let the upper layer pass it in, or tell by an event',
    };
  }
  if (target.layer === 'modules' && own.layer === 'modules' && subpath !== '.' && face !== 'test') {
    return {
      what: `imports '${specifier}'`,
      why: "a module may know another module's contract, never its server, web or cli",
      mend: `import '${target.packageName}', and ask for the rest as a factory argument, an event or a slot`,
    };
  }
  if (
    target.layer === 'modules' &&
    subpath === './server' &&
    own.layer === 'apps' &&
    own.shortName !== 'server'
  ) {
    return {
      what: `imports '${specifier}'`,
      why: 'only apps/server composes server faces',
      mend: 'use what apps/server exports, or the cli face of the module',
    };
  }
  if (target.layer === 'modules' && subpath === './web' && face !== 'web' && face !== 'test') {
    return {
      what: `imports '${specifier}'`,
      why: 'web faces are bundled for the browser and cannot be loaded by the server',
      mend: `import '${target.packageName}' (the contract)`,
    };
  }
  return undefined;
}
