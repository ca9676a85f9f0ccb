import { type AstNode, isNode, literalText, nameOf, templateParts, walk } from '../source/syntax.ts';
import type { SourceTree } from '../source/tree.ts';

/** One place that asks for a text. */
export interface Usage {
  file: string;
  line: number;
  /** As written, with its namespace if it has one: `chat:room.title`. */
  key: string;
  /** The namespaces that the translator was made for; undefined: the workspace's own. */
  namespaces: readonly string[] | undefined;
  /** The variables that are given; undefined when they cannot be seen (a spread, a variable). */
  variables: ReadonlySet<string> | undefined;
}

export interface FileUsages {
  usages: Usage[];
  /** Keys made of fixed and variable parts: every key that matches is used. */
  patterns: { file: string; line: number; pattern: RegExp; text: string; asked: boolean }[];
  /** Every other string of the file: a key may travel in a table, a slot or a property before it is asked for. */
  mentions: ReadonlySet<string>;
}

/** What `useTranslation()` without a name means: the `defaultNS` of core/web. */
const DEFAULT_NAMESPACE = 'core';

interface Translator {
  namespaces: string[] | undefined;
  keyPrefix: string;
}

/** Reads `t('key')`, `t('ns:key', { … })`, `i18n.t(…)` and `<Trans i18nKey="…">` from one file. */
export function readUsages(tree: SourceTree, file: string): FileUsages {
  const { program, lineAt } = tree.syntax(file);
  const translators = readTranslators(program);
  const usages: Usage[] = [];
  const patterns: FileUsages['patterns'] = [];
  const mentions = new Set<string>();

  const ask = (node: unknown, translator: Translator, variables: ReadonlySet<string> | undefined): void => {
    for (const part of alternatives(node)) {
      const line = lineAt(part.start);
      const text = literalText(part);
      if (text !== undefined) {
        const key = text.includes(':') ? text : translator.keyPrefix + text;
        usages.push({ file, line, key, namespaces: translator.namespaces, variables });
        continue;
      }
      const made = patternOf(part, translator.keyPrefix);
      if (made) patterns.push({ file, line, ...made, asked: true });
    }
  };

  walk(program, (node) => {
    if (node.type === 'Literal' && typeof node.value === 'string') mentions.add(node.value);
    else if (node.type === 'TemplateLiteral') {
      const made = patternOf(node, '');
      // Without a fixed part that looks like a key it would match everything.
      if (made && /[\w-]+[.:]/.test(made.text))
        patterns.push({ file, line: lineAt(node.start), ...made, asked: false });
    } else if (node.type === 'CallExpression') {
      const name = nameOf(node.callee) ?? '';
      const translator = translators.get(name);
      if (!translator && name !== 't') return;
      const args = Array.isArray(node.arguments) ? node.arguments : [];
      const options = args[1];
      const from = namespaceOption(options);
      const base = translator ?? { namespaces: undefined, keyPrefix: '' };
      ask(args[0], from === undefined ? base : { ...base, namespaces: [from] }, variablesOf(options));
    } else if (node.type === 'JSXOpeningElement' && nameOf(node.name) === 'Trans') {
      const attributes = attributesOf(node);
      const key = attributes.get('i18nKey');
      if (!key) return;
      const namespace = literalText(attributes.get('ns'));
      const values = attributes.get('values');
      const variables = values === undefined ? new Set<string>() : variablesOf(values);
      if (attributes.has('count')) variables?.add('count');
      ask(key, { namespaces: namespace === undefined ? undefined : [namespace], keyPrefix: '' }, variables);
    }
  });
  return { usages, patterns, mentions };
}

/** The attributes of an element with the literal or expression that they are given. */
export function attributesOf(element: AstNode): Map<string, AstNode> {
  const found = new Map<string, AstNode>();
  for (const attribute of Array.isArray(element.attributes) ? (element.attributes as AstNode[]) : []) {
    if (attribute.type !== 'JSXAttribute' || !isNode(attribute.value)) continue;
    const value =
      attribute.value.type === 'JSXExpressionContainer' ? attribute.value.expression : attribute.value;
    if (isNode(value)) found.set(nameOf(attribute.name) ?? '', value);
  }
  return found;
}

/** What an expression may be: both sides of a condition, every entry of a list of keys. */
export function alternatives(node: unknown): AstNode[] {
  if (!isNode(node)) return [];
  switch (node.type) {
    case 'ConditionalExpression':
      return [...alternatives(node.consequent), ...alternatives(node.alternate)];
    case 'LogicalExpression':
      return [...alternatives(node.left), ...alternatives(node.right)];
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
      return alternatives(node.expression);
    case 'ArrayExpression':
      return (Array.isArray(node.elements) ? node.elements : []).flatMap(alternatives);
    default:
      return [node];
  }
}

/** `const { t } = useTranslation('chat', { keyPrefix })`, under whatever name, and wrappers that are called alike. */
function readTranslators(program: AstNode): Map<string, Translator> {
  const translators = new Map<string, Translator>();
  walk(program, (node) => {
    if (node.type !== 'VariableDeclarator' || !isNode(node.init) || node.init.type !== 'CallExpression')
      return;
    const hook = nameOf(node.init.callee) ?? '';
    if (!/^(?:use\w*Translation|use\w*Strings|getFixedT)$/.test(hook)) return;
    const args = Array.isArray(node.init.arguments) ? node.init.arguments : [];
    const named = alternatives(args[0]).flatMap((part) => literalText(part) ?? []);
    const namespaces = args.length === 0 && hook === 'useTranslation' ? [DEFAULT_NAMESPACE] : named;
    const prefix = isNode(args[1]) ? literalText(propertiesOf(args[1]).get('keyPrefix')) : undefined;
    for (const name of boundNames(node.id)) {
      const before = translators.get(name);
      translators.set(name, {
        // One name for several translators of a file: a key of any of them is right.
        namespaces: before
          ? before.namespaces && namespaces.length > 0
            ? [...before.namespaces, ...namespaces]
            : undefined
          : namespaces.length > 0
            ? namespaces
            : undefined,
        keyPrefix: prefix === undefined ? '' : `${prefix}.`,
      });
    }
  });
  return translators;
}

function boundNames(pattern: unknown): string[] {
  if (!isNode(pattern)) return [];
  if (pattern.type === 'Identifier') return [nameOf(pattern) ?? ''];
  if (pattern.type === 'ArrayPattern') return boundNames((pattern.elements as unknown[])[0]);
  if (pattern.type !== 'ObjectPattern') return [];
  return (pattern.properties as AstNode[])
    .filter((property) => property.type === 'Property' && nameOf(property.key) === 't')
    .flatMap((property) => boundNames(property.value));
}

function propertiesOf(object: AstNode): Map<string, unknown> {
  const properties = Array.isArray(object.properties) ? (object.properties as AstNode[]) : [];
  return new Map(
    properties.map((property) => [nameOf(property.key) ?? literalText(property.key) ?? '', property.value]),
  );
}

function namespaceOption(options: unknown): string | undefined {
  return isNode(options) && options.type === 'ObjectExpression'
    ? literalText(propertiesOf(options).get('ns'))
    : undefined;
}

function variablesOf(options: unknown): Set<string> | undefined {
  if (options === undefined) return new Set();
  if (!isNode(options) || options.type !== 'ObjectExpression') return undefined;
  const properties = options.properties as AstNode[];
  if (properties.some((property) => property.type !== 'Property' || property.computed === true))
    return undefined;
  const names = propertiesOf(options);
  const replace = names.get('replace');
  return new Set([...names.keys(), ...(isNode(replace) ? propertiesOf(replace).keys() : [])]);
}

/** `state.${x}` and `'state.' + x` as a pattern that the keys are held against; undefined when nothing is fixed. */
function patternOf(node: AstNode, prefix: string): { pattern: RegExp; text: string } | undefined {
  const parts =
    node.type === 'TemplateLiteral'
      ? templateParts(node)
      : node.type === 'BinaryExpression' && node.operator === '+'
        ? [literalText(node.left) ?? '', literalText(node.right) ?? '']
        : [];
  if (parts.length < 2 || parts.every((part) => part === '')) return undefined;
  const fixed = [prefix + (parts[0] ?? ''), ...parts.slice(1)];
  const source = fixed.map((part) => part.replace(/[.*+?^$()[\]{}|\\]/g, '\\$&')).join('.+');
  return { pattern: new RegExp(`^${source}$`), text: fixed.join('…') };
}
