import type { Finding } from '../source/finding.ts';
import { type AstNode, isNode, nameOf, walk } from '../source/syntax.ts';
import { isCode, isTest, type SourceTree } from '../source/tree.ts';

const LONGEST_FILE = 500;
const TEST_CALLS = new Set(['test', 'it', 'describe']);

/** Rules about the language that we use, read from the syntax. */
export function checkSyntaxRules(tree: SourceTree): Finding[] {
  return tree.paths.filter(isCode).flatMap((file) => {
    const test = isTest(file);
    const findings = [
      ...erasable(tree, file),
      ...(test ? [...runsAll(tree, file), ...waitsLongEnough(tree, file)] : longFile(tree, file)),
    ];
    return isFace(file) ? [...findings, ...undocumented(tree, file)] : findings;
  });
}

/** Node removes types and runs the rest: what needs code generation cannot be used. */
function erasable(tree: SourceTree, file: string): Finding[] {
  const { program, lineAt } = tree.syntax(file);
  const findings: Finding[] = [];
  const found = (node: AstNode, what: string, mend: string): void => {
    findings.push({
      file,
      line: lineAt(node.start),
      what,
      why: 'Node runs the sources by removing types only',
      mend,
    });
  };
  walk(program, (node) => {
    if (node.type === 'TSEnumDeclaration')
      found(node, 'has an enum', "write a union of strings, or an object 'as const'");
    else if (node.type === 'TSModuleDeclaration' && node.declare !== true) {
      found(node, 'has a namespace', 'a file is a module already');
    } else if (node.type === 'TSParameterProperty')
      found(node, 'has a parameter property', 'declare and assign the field');
    else if (node.type === 'Decorator') found(node, 'has a decorator', 'call a function');
  });
  return findings;
}

/** A test that is left out protects nobody; a known gap is `test.fails` with its RFC, a kind of machine `test.runIf`. */
function runsAll(tree: SourceTree, file: string): Finding[] {
  const { program, lineAt } = tree.syntax(file);
  const findings: Finding[] = [];
  walk(program, (node) => {
    if (node.type !== 'MemberExpression' || !isNode(node.object)) return;
    const word = nameOf(node.property) ?? '';
    const root = node.object.type === 'MemberExpression' ? node.object.object : node.object;
    if (!/^(?:skip|only|todo|skipIf)$/.test(word) || !TEST_CALLS.has(nameOf(root) ?? '')) return;
    findings.push({
      file,
      line: lineAt(node.start),
      what: `has ${nameOf(root)}.${word}`,
      why: 'a test that does not run protects nobody, and an only leaves out all others',
      mend: "run it, remove it, or write a known gap as test.fails('RFC …')",
    });
  });
  return findings;
}

/** Vitest gives up after a second where nothing is said: on a busy machine that is a test that fails now and then. */
function waitsLongEnough(tree: SourceTree, file: string): Finding[] {
  const { program, lineAt } = tree.syntax(file);
  const findings: Finding[] = [];
  walk(program, (node) => {
    if (node.type !== 'CallExpression' || !Array.isArray(node.arguments) || node.arguments.length > 1) return;
    const callee = node.callee;
    if (!isNode(callee) || callee.type !== 'MemberExpression' || nameOf(callee.object as AstNode) !== 'vi')
      return;
    const word = nameOf(callee.property) ?? '';
    if (!/^waitFor$|^waitUntil$/.test(word)) return;
    findings.push({
      file,
      line: lineAt(node.start),
      what: `waits with vi.${word} and no deadline`,
      why: 'the usual one is a second, which a busy machine needs for nothing',
      mend: 'say { timeout: 10_000 }, or what it may take at most',
    });
  });
  return findings;
}

function longFile(tree: SourceTree, file: string): Finding[] {
  const lines = tree.text(file).split('\n').length;
  if (lines <= LONGEST_FILE || /\/testdata\/|\.d\.ts$|\.config\./.test(file)) return [];
  return [
    {
      file,
      line: 0,
      what: `has ${lines} lines`,
      why: 'around 300 lines a file does more than one thing',
      mend: 'look for the seam',
    },
  ];
}

/** Files that others open first. */
function isFace(file: string): boolean {
  return (
    /^(?:core\/[^/]+\/index\.ts|engines\/[^/]+\/src\/[^/]+\.ts|modules\/[^/]+\/(?:server\/index|contract\/[^/]+)\.ts)$/.test(
      file,
    ) && !isTest(file)
  );
}

/** What a face makes (`createX`, `openX`, `startX`) says who closes it and what it may refuse. */
function undocumented(tree: SourceTree, file: string): Finding[] {
  const { program, comments, lineAt } = tree.syntax(file);
  const text = tree.text(file);
  const body = Array.isArray(program.body) ? (program.body as AstNode[]) : [];
  const findings: Finding[] = [];
  for (const node of body) {
    if (node.type !== 'ExportNamedDeclaration' || !isNode(node.declaration)) continue;
    const declared = node.declaration;
    const name =
      nameOf(declared.id) ??
      (Array.isArray(declared.declarations)
        ? nameOf((declared.declarations[0] as AstNode | undefined)?.id)
        : undefined);
    if (name === undefined || !/^(?:create|open|start)[A-Z]/.test(name)) continue;
    const documented = comments.some(
      ({ type, value, end }) =>
        type === 'Block' &&
        value.startsWith('*') &&
        end <= node.start &&
        text.slice(end, node.start).trim() === '',
    );
    if (documented) continue;
    findings.push({
      file,
      line: lineAt(node.start),
      what: `exports ${name} without a docstring`,
      why: 'the signature does not say what it needs, refuses, and who closes it',
      mend: 'say it in /** … */ above',
    });
  }
  return findings;
}
