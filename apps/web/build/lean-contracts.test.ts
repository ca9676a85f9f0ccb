import { parseAst } from 'vite';
import { expect, test } from 'vitest';
import { lean } from './lean-contracts.ts';

const leaned = (code: string): string => lean(code, parseAst(code).body);

test('a route keeps what the browser needs, and loses its schemas', () => {
  const code = leaned(
    "export const getPhoto = defineRoute({ method: 'GET', path: '/people/:id/photo', params: z.object({ id: z.uuid() }), query: other });",
  );
  expect(code).toContain("method: 'GET', path: '/people/:id/photo', params: undefined, query: undefined");
  expect(code).not.toContain('z.object');
});

test('commands, signals and events keep their names', () => {
  const code = leaned(
    [
      "export const a = defineCommand({ name: 'm.a', params: x, result: y });",
      "export const b = defineSignal({ name: 'm.b', data: x });",
      "export const c = defineEvent({ name: 'm.c', version: 1, stream: 'spaceId', payload: x });",
    ].join('\n'),
  );
  expect(code).toContain("{ name: 'm.a', params: undefined, result: undefined }");
  expect(code).toContain("{ name: 'm.b', data: undefined }");
  expect(code).toContain("{ name: 'm.c', version: 1, stream: 'spaceId', payload: undefined }");
});

test('schemas that several routes spread into theirs may be left out, together', () => {
  const code = leaned(
    'const paging = { cursor: z.string().optional(), limit: 3 };\nconst plain = { limit: 3 };',
  );
  expect(code).toBe(
    'const paging = /*#__PURE__*/ (() => ({ cursor: z.string().optional(), limit: 3 }))();\nconst plain = { limit: 3 };',
  );
});

test('a schema keeps its value but may be left out; what is no call stays as it is', () => {
  const code = leaned("const schema = z.string().max(3);\nexport const sizes = ['s', 'm'];\nlet n = f();");
  expect(code).toBe(
    "const schema = /*#__PURE__*/ (() => (z.string().max(3)))();\nexport const sizes = ['s', 'm'];\nlet n = f();",
  );
});
