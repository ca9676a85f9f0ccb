import type { Finding } from '../source/finding.ts';
import { isCode, type SourceTree } from '../source/tree.ts';
import type { Workspace } from '../source/workspaces.ts';

const README_LINES = 40;

/** Rule: every part is laid out alike, so that whoever knows one finds the way in all. */
export function checkShape(tree: SourceTree): Finding[] {
  return tree.workspaces.flatMap((workspace) => {
    switch (workspace.layer) {
      case 'modules':
        return moduleShape(tree, workspace);
      case 'core':
        return coreShape(tree);
      case 'engines':
        return engineShape(tree, workspace);
      default:
        return [];
    }
  });
}

function moduleShape(tree: SourceTree, { folder, manifest }: Workspace): Finding[] {
  if (isEmpty(tree, folder)) {
    return [absent(folder, 'source', 'a module that is only a name misleads', 'write it or remove it')];
  }
  const findings: Finding[] = [];
  const must = (path: string, why: string, mend: string): void => {
    if (!tree.has(`${folder}/${path}`)) findings.push(absent(folder, path, why, mend));
  };
  must(
    'contract/index.ts',
    'it is what others may know of this module',
    'export its types, events and schemas there',
  );
  must('server/index.ts', 'it is what a reader opens first', 'write createX there');
  must(
    'server/personal-data.ts',
    'people may ask for their data, and for its end',
    'say there how to export, erase and how long rows are kept',
  );
  const routes = tree.paths.some(
    (path) => path === `${folder}/server/routes.ts` || path.startsWith(`${folder}/server/routes/`),
  );
  if (routes) {
    must(
      'server/access.ts',
      'rows are loaded for somebody by one function only',
      'write it: who may load which row with which right',
    );
  }
  findings.push(...readmeOf(tree, folder, 'what it owns, its tables, events, slots and RFCs'));
  for (const [subpath, file] of Object.entries(manifest.exports ?? {})) {
    if (file.includes('*') || tree.has(`${folder}/${file.replace('./', '')}`)) continue;
    findings.push({
      file: `${folder}/package.json`,
      line: 0,
      what: `exports "${subpath}" as ${file}, which is not there`,
      why: 'whoever imports the face fails at start',
      mend: 'write the file or remove the export',
    });
  }
  return findings;
}

function coreShape(tree: SourceTree): Finding[] {
  const folders = new Set<string>();
  for (const path of tree.paths) {
    const match = /^(core\/[^/]+)\//.exec(path);
    if (match?.[1] && isCode(path)) folders.add(match[1]);
  }
  return [...folders].flatMap((folder) => [
    ...(tree.has(`${folder}/index.ts`)
      ? []
      : [
          absent(folder, 'index.ts', 'it is the face that others import', 'export what others may use there'),
        ]),
    ...readmeOf(tree, folder, 'its promise and how to use it'),
  ]);
}

function engineShape(tree: SourceTree, { folder }: Workspace): Finding[] {
  if (isEmpty(tree, folder)) {
    return [absent(folder, 'source', 'an engine that is only a name misleads', 'write it or remove it')];
  }
  const findings = readmeOf(tree, folder, 'what it implements and how to use it');
  if (!tree.has(`${folder}/src/index.ts`)) {
    findings.push(
      absent(folder, 'src/index.ts', 'it is the face that others import', 'export the engine there'),
    );
  }
  if (!tree.has(`${folder}/rfcs.txt`)) {
    findings.push(
      absent(
        folder,
        'rfcs.txt',
        'the page of protocols is made from it',
        "list what it implements, 'NUMBER Title'",
      ),
    );
  }
  return findings;
}

function readmeOf(tree: SourceTree, folder: string, content: string): Finding[] {
  const file = `${folder}/README.md`;
  if (!tree.has(file)) {
    return [absent(folder, 'README.md', 'a newcomer starts there', `say on one screen ${content}`)];
  }
  const lines = tree.text(file).trimEnd().split('\n').length;
  if (lines <= README_LINES) return [];
  return [
    {
      file,
      line: README_LINES + 1,
      what: `has ${lines} lines`,
      why: 'a README that is longer than a screen is not read',
      mend: `keep ${README_LINES}; the rest belongs beside the code it explains`,
    },
  ];
}

function isEmpty(tree: SourceTree, folder: string): boolean {
  return !tree.paths.some((path) => path.startsWith(`${folder}/`) && isCode(path));
}

function absent(folder: string, path: string, why: string, mend: string): Finding {
  return { file: folder, line: 0, what: `has no ${path}`, why, mend };
}
