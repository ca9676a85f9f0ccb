import { expect, it } from 'vitest';
import { endingOn, kindOf, kinds, ruleOf, untilOf } from './rule.ts';

it('every rule that the editor makes is known again, with and without an end', () => {
  for (const day of ['2026-05-14', '2026-05-31', '2026-02-28']) {
    for (const kind of kinds) {
      const rule = ruleOf(kind, day);
      if (rule === null) continue;
      expect([day, kindOf(rule, day)]).toEqual([day, kind]);
      const ended = endingOn(rule, '2027-01-31');
      expect([kindOf(ended, day), untilOf(ended)]).toEqual([kind, '2027-01-31']);
      expect(endingOn(ended, null)).toBe(rule);
    }
  }
  expect(kindOf(null, '2026-05-14')).toBe('never');
  expect(kindOf('FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', '2026-05-14')).toBe('other');
  expect(kindOf('FREQ=WEEKLY;INTERVAL=1;BYDAY=TH;COUNT=4', '2026-05-14')).toBe('weekly');
  // What names no day is on that of its beginning.
  expect(
    ['FREQ=WEEKLY', 'FREQ=WEEKLY;INTERVAL=2', 'FREQ=MONTHLY'].map((rule) => kindOf(rule, '2026-05-14')),
  ).toEqual(['weekly', 'biweekly', 'monthly']);
});
