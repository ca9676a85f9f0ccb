import type { Finding } from '../source/finding.ts';
import { nameOf, walk } from '../source/syntax.ts';
import { isCode, type SourceTree } from '../source/tree.ts';

const EMPTY_WORDS = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'misc']);
const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;
const COMPONENT = /^[A-Z][A-Za-z0-9]*(?:\.[a-z]+)*$/;
const DECLARATIONS = new Set(['ClassDeclaration', 'TSInterfaceDeclaration', 'TSTypeAliasDeclaration']);

/** Rules: kebab-case files, PascalCase components, and no name that says nothing. */
export function checkNames(tree: SourceTree): Finding[] {
  const findings: Finding[] = [];
  const folders = new Set<string>();
  for (const path of tree.paths) {
    if (!isCode(path) && !path.endsWith('.css')) continue;
    const workspace = tree.workspaceOf(path);
    if (!workspace || /\/testdata\//.test(path)) continue;
    const parts = path.slice(workspace.folder.length + 1).split('/');
    const file = parts.pop() ?? '';
    const folder = path.slice(0, -file.length - 1);
    if (!folders.has(folder)) {
      folders.add(folder);
      const word = parts.find(isEmptyWord);
      if (word !== undefined) findings.push(emptyName(folder, `the folder '${word}'`));
    }

    const stem = file.replace(/\.(?:d\.ts|[cm]?[jt]sx?|module\.css|css)$/, '');
    const word = stem.split(/[-.]/).find(isEmptyWord);
    if (word !== undefined) findings.push(emptyName(path, `'${word}' in a file name`));
    const isComponent = /\.(?:tsx|css)$/.test(file) && COMPONENT.test(stem);
    if (!KEBAB.test(stem) && !isComponent) {
      findings.push({
        file: path,
        line: 0,
        what: 'is not named in kebab-case',
        why: 'one spelling finds every file, on every file system',
        mend: 'rename it in kebab-case; React components (.tsx) in PascalCase',
      });
    }
    if (isCode(path)) findings.push(...declaredNames(tree, path));
  }
  return findings;
}

function declaredNames(tree: SourceTree, path: string): Finding[] {
  const findings: Finding[] = [];
  const syntax = tree.syntax(path);
  walk(syntax.program, (node) => {
    if (!DECLARATIONS.has(node.type)) return;
    const name = nameOf(node.id) ?? '';
    // IPv4Address and IMAPSession are words of their field, IPerson is a prefix.
    const prefixed = /^I[A-Z][a-z]/.test(name) && !/^IPv\d/.test(name);
    if (!prefixed && !/(?:Impl|Manager|Helper|Utils?)$/.test(name)) return;
    findings.push({
      file: path,
      line: syntax.lineAt(node.start),
      what: `declares ${name}`,
      why: prefixed
        ? 'the prefix says nothing that the language does not'
        : 'the ending hides what the thing does',
      mend: "use the field's own word for it",
    });
  });
  return findings;
}

function isEmptyWord(word: string): boolean {
  return EMPTY_WORDS.has(word);
}

function emptyName(file: string, what: string): Finding {
  return {
    file,
    line: 0,
    what: `has ${what}`,
    why: 'such a place collects what has no home',
    mend: 'name it by what it holds, or move each part to whoever owns it',
  };
}
