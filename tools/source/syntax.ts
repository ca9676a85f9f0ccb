import { parseSync } from 'vite';

/**
 * A node of the ESTree that Vite's parser gives, typed by its `type` alone: the checks look at few kinds of node, and
 * ask for each property what it is.
 */
export interface AstNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

export interface Comment {
  readonly type: 'Line' | 'Block';
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export interface ImportReference {
  /** As written: `./access.ts`, `@liaison/core/db`, `node:fs`. */
  specifier: string;
  line: number;
  /** `import type`, `export type … from`, `typeof import()`: gone at run time. */
  typeOnly: boolean;
}

export interface Syntax {
  readonly program: AstNode;
  readonly comments: readonly Comment[];
  readonly imports: readonly ImportReference[];
  /** Empty when the file parses. */
  readonly errors: readonly { line: number; message: string }[];
  /** Line of an offset, the first is 1. */
  lineAt(offset: number): number;
}

export function isNode(value: unknown): value is AstNode {
  return (
    typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
  );
}

/** Calls `visit` for the node and everything below, parents first; ancestors are given outermost first. */
export function walk(node: AstNode, visit: (node: AstNode, ancestors: readonly AstNode[]) => void): void {
  const ancestors: AstNode[] = [];
  const step = (current: AstNode): void => {
    visit(current, ancestors);
    ancestors.push(current);
    for (const key in current) {
      const value = current[key];
      if (Array.isArray(value)) {
        for (const entry of value) if (isNode(entry)) step(entry);
      } else if (isNode(value)) step(value);
    }
    ancestors.pop();
  };
  step(node);
}

/** The text of a string literal or of a template without expressions, otherwise undefined. */
export function literalText(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral') {
    const parts = templateParts(node);
    return parts.length === 1 ? parts[0] : undefined;
  }
  return undefined;
}

/** The fixed parts of a template literal, in order; between two of them stands one expression. */
export function templateParts(node: AstNode): string[] {
  const quasis = Array.isArray(node.quasis) ? node.quasis : [];
  return quasis.map(
    (quasi: { value?: { cooked?: string; raw?: string } }) => quasi.value?.cooked ?? quasi.value?.raw ?? '',
  );
}

/** The name of an identifier, of a JSX name or of the last part of a member access. */
export function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'MemberExpression') return nameOf(node.property);
  return typeof node.name === 'string' ? node.name : undefined;
}

export function parseSource(path: string, text: string): Syntax {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  const lineAt = (offset: number): number => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };

  const result = parseSync(path, text, {});
  const program = result.program as unknown as AstNode;
  const imports: ImportReference[] = [];
  walk(program, (node) => {
    const source = node.source;
    const specifier = literalText(source);
    if (specifier === undefined || !isNode(source)) return;
    const typeOnly = node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type';
    imports.push({ specifier, line: lineAt(source.start), typeOnly });
  });
  return {
    program,
    comments: result.comments,
    imports,
    errors: result.errors.map((error) => ({
      line: lineAt(error.labels[0]?.start ?? 0),
      message: error.message,
    })),
    lineAt,
  };
}
