import { expect, it } from 'vitest';
import { filtersOf, withFilters } from './write-query.ts';

const names = { from: 'from', in: 'in', type: 'type', before: 'before', after: 'after' };

it('reads what narrows a question, in any of the four languages', () => {
  expect(filtersOf('tide from:"Njeri Wambuto" dans:port type:file avant:2026-02-01 "sand bank"')).toEqual({
    from: ['Njeri Wambuto'],
    in: ['port'],
    type: ['file'],
    before: ['2026-02-01'],
    after: [],
  });
  // Nothing that is only like an operator.
  expect(filtersOf('from: http://x.example -from:ines before:tomorrow 12:30')).toEqual({
    from: [],
    in: [],
    type: [],
    before: [],
    after: [],
  });
});

it.each([
  ['tide tables', { type: 'file' }, 'tide tables type:file'],
  ['tide de:Inês type:message', { type: 'file' }, 'tide de:Inês type:file'],
  ['tide type:message type:file', { type: null }, 'tide'],
  ['"sand bank" -mud', { from: 'Njeri Wambuto' }, '"sand bank" -mud from:"Njeri Wambuto"'],
  ['tide', { in: 'the "old" port' }, 'tide in:"the  old  port"'],
  ['tide before:2026-02-01', { before: null, after: '2026-01-01' }, 'tide after:2026-01-01'],
  ['from:ines', { from: '' }, ''],
])('writes %j with %j as %j', (q, changes, written) => {
  expect(withFilters(q, changes, names)).toBe(written);
});
