import type { Plugin, Rolldown } from 'vite';

type Statements = ReturnType<Rolldown.PluginContext['parse']>['body'];

/** What the server checks with, by the function that declares it. The browser needs the names and addresses only. */
const serverOnly: Readonly<Record<string, readonly string[]>> = {
  defineRoute: ['params', 'query', 'body', 'response'],
  defineCommand: ['params', 'result'],
  defineSignal: ['data'],
  defineEvent: ['payload'],
};

const contract = /\/(?:core|modules\/[^/]+)\/contract\/.+\.ts$/;
const schemaCore = /\/zod\/v4\/core\/core\.js$/;

/**
 * Leaves out of the browser's code what contracts say for the server alone: the schemas of routes, commands, signals and
 * events. What a page uses itself (a schema to check a form by, a list of values) stays, and only then the schema library.
 *
 * It also tells that library to make no code at run time, which the page's policy forbids.
 */
export function leanContracts(): Plugin {
  return {
    name: 'liaison:lean-contracts',
    apply: 'build',
    enforce: 'post',
    transform(code, id) {
      if (schemaCore.test(id)) {
        const made = /export const globalConfig = [^;]+;/;
        if (!made.test(code)) this.error('zod keeps its settings elsewhere now: lean-contracts must follow');
        return { code: code.replace(made, '$&\nglobalConfig.jitless = true;'), map: null };
      }
      if (!contract.test(id.split('?', 1)[0] ?? id)) return null;
      return { code: lean(code, this.parse(code).body), map: null };
    },
  };
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The same module with its schemas removable: `const x = <call>`, or an object of calls, becomes a call without effects. */
export function lean(code: string, body: Statements): string {
  const edits: Edit[] = [];
  for (const statement of body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type !== 'VariableDeclaration' || declaration.kind !== 'const') continue;
    for (const { init } of declaration.declarations) {
      // Schemas by their names, which several routes spread into theirs: one that stayed would bring all of the library along.
      const holdsCalls =
        init?.type === 'ObjectExpression' &&
        init.properties.some((each) => each.type === 'Property' && each.value.type === 'CallExpression');
      if (!init || !(init.type === 'CallExpression' || holdsCalls)) continue;
      edits.push({ start: init.start, end: init.start, text: '/*#__PURE__*/ (() => (' });
      edits.push({ start: init.end, end: init.end, text: '))()' });
      if (init.type !== 'CallExpression') continue;
      const [options] = init.arguments;
      const dropped = init.callee.type === 'Identifier' ? serverOnly[init.callee.name] : undefined;
      if (!dropped || options?.type !== 'ObjectExpression') continue;
      for (const property of options.properties) {
        if (property.type !== 'Property' || property.key.type !== 'Identifier') continue;
        if (!dropped.includes(property.key.name)) continue;
        edits.push({ start: property.start, end: property.end, text: `${property.key.name}: undefined` });
      }
    }
  }
  edits.sort((a, b) => b.start - a.start);
  return edits.reduce(
    (text, { start, end, text: put }) => text.slice(0, start) + put + text.slice(end),
    code,
  );
}
