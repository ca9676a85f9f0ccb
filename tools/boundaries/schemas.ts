import type { Finding } from '../source/finding.ts';
import { type AstNode, isNode, literalText, nameOf, templateParts, walk } from '../source/syntax.ts';
import { isCode, isTest, type SourceTree } from '../source/tree.ts';

/** The tables of the floor that everybody's SQL may join, read only. */
const SHARED_TABLES = new Set(['core.space', 'core.member', 'core.grant']);

/** Kysely's calls that name a table first; those that only read may name a shared one. */
const READS = /^(?:selectFrom|from|(?:inner|left|right|full|cross)Join(?:Lateral)?|using)$/;
const WRITES =
  /^(?:insertInto|updateTable|deleteFrom|mergeInto|replaceInto|createTable|alterTable|dropTable|createIndex|references|table)$/;

/** In SQL text: the word before a table's name, and the name. A name before `(` is a function. */
const IN_SQL =
  /\b(from|join|into|update|table|references|truncate|lock)\s+(?:only\s+)?(?:if\s+(?:not\s+)?exists\s+)?"?([a-z_][a-z0-9_]*)"?\s*\.\s*"?([a-z_][a-z0-9_]*)"?(\s*\()?/gi;

/**
 * Rule: a PostgreSQL schema is read and written by its module alone; what others need they ask of its contract.
 * Looks at the first argument of Kysely's calls, at SQL in strings and templates, and at migrations.
 */
export function checkSchemas(tree: SourceTree): Finding[] {
  const owners = new Map<string, string>([['core', 'core']]);
  for (const { layer, shortName, folder } of tree.workspaces) {
    if (layer === 'modules') owners.set(shortName.replaceAll('-', '_'), folder);
  }

  const findings: Finding[] = [];
  for (const path of tree.paths) {
    const workspace = tree.workspaceOf(path);
    if (!workspace || isTest(path) || !(isCode(path) || path.endsWith('.sql'))) continue;
    if (workspace.layer === 'tools' || workspace.layer === 'engines' || workspace.layer === 'ui') continue;
    const lineAt = isCode(path)
      ? tree.syntax(path).lineAt
      : (offset: number): number => tree.text(path).slice(0, offset).split('\n').length;
    const found: Found = (schema, table, reads, offset) => {
      const owner = owners.get(schema);
      if (owner === undefined || owner === workspace.folder) return;
      const name = `${schema}.${table}`;
      if (reads && SHARED_TABLES.has(name)) return;
      findings.push({
        file: path,
        line: lineAt(offset),
        what: `${reads ? 'reads' : 'touches'} ${name}, which belongs to ${owner}`,
        why: 'its owner could never change the table again',
        mend:
          schema === 'core'
            ? 'join core.space, core.member or core.grant, or call core'
            : `ask the contract of ${schema}, or keep the rows you need from its events`,
      });
    };
    if (!isCode(path)) {
      // Comments of SQL are prose.
      sqlTables(
        tree.text(path).replace(/--.*$/gm, (comment) => ' '.repeat(comment.length)),
        0,
        found,
      );
      continue;
    }
    walk(tree.syntax(path).program, (node) => {
      if (node.type === 'CallExpression') {
        kyselyTables(node, found);
        if (
          workspace.layer === 'modules' &&
          crossesOrganisations(node) &&
          !path.endsWith('/across-organisations.ts')
        ) {
          findings.push({
            file: path,
            line: lineAt(node.start),
            what: 'opens a transaction across organisations',
            why: 'it sees the rows of everybody, so all of them stand in one file that is read with care',
            mend: 'use db.transaction(orgId, …), or move it to across-organisations.ts',
          });
        }
      } else if (node.type === 'Literal' && typeof node.value === 'string')
        sqlTables(node.value, node.start, found);
      else if (node.type === 'TemplateLiteral') sqlTables(templateParts(node).join(' ? '), node.start, found);
    });
  }
  return findings;
}

/** `db.system(…)`, `core.db.system(…)`. */
function crossesOrganisations({ callee }: AstNode): boolean {
  if (!isNode(callee) || callee.type !== 'MemberExpression' || nameOf(callee.property) !== 'system')
    return false;
  return nameOf(callee.object) === 'db';
}

type Found = (schema: string, table: string, reads: boolean, offset: number) => void;

function kyselyTables(call: AstNode, found: Found): void {
  const method = nameOf(call.callee) ?? '';
  const reads = READS.test(method);
  const schemaOnly = method === 'withSchema';
  if (!reads && !WRITES.test(method) && !schemaOnly) return;
  const first = Array.isArray(call.arguments) ? (call.arguments[0] as AstNode | undefined) : undefined;
  const named = first?.type === 'ArrayExpression' && Array.isArray(first.elements) ? first.elements : [first];
  for (const node of named) {
    const text = literalText(node);
    if (text === undefined) continue;
    if (schemaOnly) found(text, '*', false, call.start);
    const match = /^([a-z_][a-z0-9_]*)\.([a-z_][a-z0-9_]*)/.exec(text);
    if (match?.[1] && match[2]) found(match[1], match[2], reads, (node as AstNode).start);
  }
}

function sqlTables(text: string, offset: number, found: Found): void {
  for (const match of text.matchAll(IN_SQL)) {
    const [, verb = '', schema = '', table = '', call] = match;
    if (call !== undefined && !/^(?:into|table|references)$/i.test(verb)) continue;
    found(schema.toLowerCase(), table.toLowerCase(), /^(?:from|join)$/i.test(verb), offset + match.index);
  }
}
