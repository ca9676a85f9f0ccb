import { expect, it } from 'vitest';
import { oneLineSchema } from './index.ts';

const schema = oneLineSchema(5);

it('takes one line, without the spaces around it', () => {
  expect(schema.parse('  Zoë 潮\n')).toBe('Zoë 潮');
  expect(schema.parse('')).toBe('');
  expect(schema.parse('12345 ')).toBe('12345');
});

it.each([
  ['a line end', 'a\nb'],
  ['a carriage return', 'a\rb'],
  ['a tab', 'a\tb'],
  ['a NUL', 'a\0b'],
  ['a control character of the upper half', 'a\u{85}b'],
  ['too much', '123456'],
  ['no text', 1],
])('refuses %s', (_what, given) => {
  expect(schema.safeParse(given).success).toBe(false);
});
