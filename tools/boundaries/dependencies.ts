import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../source/finding.ts';
import { isCode, isTest, type SourceTree } from '../source/tree.ts';
import { declaredIn, type PackageManifest, packageOf, type Workspace } from '../source/workspaces.ts';
import { faceOf } from './faces.ts';
import { resolveImport } from './resolve.ts';

const EXACT = /^\d+\.\d+\.\d+(?:[-+][\w.-]+)?$/;

/** Rules: every package that is imported is declared where it is imported, pinned exactly, and none is declared in vain. */
export function checkDependencies(tree: SourceTree): Finding[] {
  const rootManifest = tree.has('package.json')
    ? (JSON.parse(tree.text('package.json')) as PackageManifest)
    : {};
  const rootDeclared = declaredIn(rootManifest);
  const findings: Finding[] = [];
  const ours = new Set(tree.workspaces.map(({ packageName }) => packageName));

  for (const workspace of tree.workspaces) {
    const imported = new Set<string>();
    const files = tree.paths.filter((path) => path.startsWith(`${workspace.folder}/`));
    for (const path of files) {
      if (!isCode(path)) continue;
      for (const { specifier, line, typeOnly } of tree.syntax(path).imports) {
        const target = resolveImport(tree, path, specifier);
        if (target.kind !== 'package' && target.kind !== 'workspace') continue;
        const name = packageOf(specifier);
        imported.add(name);
        if (name === workspace.packageName) continue;
        if (workspace.declared.has(name)) {
          if (!typeOnly && isInstalled(tree, path) && isForDevelopers(workspace, name)) {
            findings.push({
              file: path,
              line,
              what: `imports '${name}', which ${workspace.folder}/package.json has among its devDependencies`,
              why: 'the image has only the dependencies of what the server is made of (deploy/image)',
              mend: `move it to the dependencies of ${workspace.folder}`,
            });
          }
          continue;
        }
        if (typeOnly && workspace.declared.has(typesOf(name))) continue;
        if ((isTest(path) || !inProgram(tree, path)) && rootDeclared.has(name)) continue;
        findings.push({
          file: path,
          line,
          what: `imports '${name}', which ${workspace.folder}/package.json does not declare`,
          why: 'it works only as long as another workspace happens to bring it',
          mend: `add it to the dependencies of ${workspace.folder}`,
        });
      }
    }
    findings.push(...unusedIn(tree, workspace, files, imported));
  }

  const manifests = [
    ...(tree.has('package.json') ? [{ file: 'package.json', declared: rootDeclared }] : []),
    ...tree.workspaces.map(({ folder, declared }) => ({ file: `${folder}/package.json`, declared })),
  ];
  for (const { file, declared } of manifests) {
    for (const [name, version] of declared) {
      if (ours.has(name) ? version === '*' : EXACT.test(version)) continue;
      findings.push({
        file,
        line: lineOf(tree.text(file), `"${name}"`),
        what: `asks for ${name} "${version}"`,
        why: 'the same commit must install the same program for everybody',
        mend: ours.has(name) ? 'a package of ours is declared as "*"' : 'pin one exact version',
      });
    }
  }
  return findings;
}

/** What runs where nobody builds or tests: pages are built before, and bring what they import. */
function isInstalled(tree: SourceTree, path: string): boolean {
  const layer = tree.workspaceOf(path)?.layer;
  return layer !== 'tools' && ['contract', 'server', 'cli'].includes(faceOf(tree, path));
}

const isForDevelopers = ({ manifest }: Workspace, name: string): boolean =>
  manifest.devDependencies?.[name] !== undefined &&
  manifest.dependencies?.[name] === undefined &&
  manifest.optionalDependencies?.[name] === undefined &&
  manifest.peerDependencies?.[name] === undefined;

/** Configuration and what only developers run (a gallery) use the tools of the root; `tools/` declares its own. */
function inProgram(tree: SourceTree, path: string): boolean {
  if (/\.config\.[cm]?[jt]s$/.test(path)) return false;
  return faceOf(tree, path) !== 'build' || path.startsWith('tools/');
}

function typesOf(name: string): string {
  return `@types/${name.startsWith('@') ? name.slice(1).replace('/', '__') : name}`;
}

function unusedIn(
  tree: SourceTree,
  workspace: Workspace,
  files: readonly string[],
  imported: ReadonlySet<string>,
): Finding[] {
  // A package may also be named in a string: a PostCSS plugin, a file found by import.meta.resolve, a script.
  const mentions = files
    .filter(
      (path) => /\.(?:[cm]?[jt]sx?|css|html|json)$/.test(path) && path !== `${workspace.folder}/package.json`,
    )
    .map((path) => tree.text(path))
    .concat(Object.values(workspace.manifest.scripts ?? {}));
  const used = new Set(imported);
  for (const name of workspace.declared.keys()) {
    const quoted = new RegExp(`["'\`( ]${name.replace(/[.*+?^$()[\]{}|\\]/g, '\\$&')}["'\`/) ]`);
    if (!used.has(name) && mentions.some((text) => text.includes(name) && quoted.test(text))) used.add(name);
  }
  for (const name of [...used]) {
    used.add(typesOf(name));
    for (const peer of peersOf(tree.root, workspace, name)) used.add(peer);
  }
  const unused = [...workspace.declared.keys()].filter((name) => !used.has(name));
  if (unused.length === 0 || !files.some(isCode)) return [];
  const file = `${workspace.folder}/package.json`;
  return [
    {
      file,
      line: lineOf(tree.text(file), `"${unused[0]}"`),
      what: `declares and does not use ${unused.join(', ')}`,
      why: 'everybody installs, audits and updates them',
      mend: 'remove them',
    },
  ];
}

/** What a used package wants beside it; declaring that is not in vain. */
function peersOf(root: string, workspace: Workspace, name: string): string[] {
  for (const folder of [join(root, workspace.folder), root]) {
    const file = join(folder, 'node_modules', name, 'package.json');
    if (!existsSync(file)) continue;
    return Object.keys((JSON.parse(readFileSync(file, 'utf8')) as PackageManifest).peerDependencies ?? {});
  }
  return [];
}

function lineOf(text: string, needle: string): number {
  const at = text.indexOf(needle);
  return at < 0 ? 0 : text.slice(0, at).split('\n').length;
}
