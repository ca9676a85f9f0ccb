import { expect, test } from 'vitest';
import { type ProgramSchema, schemaFit } from './schema-check.ts';

const program = (version: string, ...migrations: string[]): ProgramSchema => ({
  version,
  migrations: new Set(migrations),
});
const landed = [
  { key: 'core/0001-first', needs: undefined },
  { key: 'chat/0001-messages', needs: undefined },
  { key: 'chat/0002-more', needs: undefined },
];
const contracted = [...landed, { key: 'chat/0003-less', needs: '1.2.0' }];

test('A program fits a database that it knows, and one that is newer as long as nothing was taken away', () => {
  const all = ['core/0001-first', 'chat/0001-messages', 'chat/0002-more'];
  expect(schemaFit(program('1.1.0', ...all), landed)).toEqual({ fit: 'same' });
  expect(schemaFit(program('1.2.0', ...all, 'chat/0003-less'), landed)).toEqual({ fit: 'newer-program' });
  expect(schemaFit(program('1.0.0', 'core/0001-first', 'chat/0001-messages'), landed)).toEqual({
    fit: 'newer-database',
    newest: 'chat/0002-more',
  });
});

test('A program from before something was taken away is too old; its candidates are not', () => {
  const known = ['core/0001-first', 'chat/0001-messages', 'chat/0002-more'];
  const tooOld = { fit: 'too-old', since: 'chat/0003-less', needs: '1.2.0' };
  expect(schemaFit(program('1.1.9', ...known), contracted)).toEqual(tooOld);
  expect(schemaFit(program('0.9.0', ...known), contracted)).toEqual(tooOld);
  // What calls itself nothing that can be compared is older than everything.
  expect(schemaFit(program('nightly', ...known), contracted)).toEqual(tooOld);
  for (const version of ['1.2.0', '1.2.0-rc.1', '1.10.0', '2.0.0'])
    expect(schemaFit(program(version, ...known), contracted)).toMatchObject({ fit: 'newer-database' });
  expect(schemaFit(program('1.1.0', ...known, 'chat/0003-less'), contracted)).toEqual({ fit: 'same' });
});
