import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDue, lastDue, thinned } from './schedule.ts';

const lisbon = { hour: 3, minute: 0, zone: 'Europe/Lisbon' };
const at = (text: string) => new Date(text);

test('The appointed time is that of the zone, in summer and in winter', () => {
  expect(lastDue(lisbon, at('2026-07-10T01:59:59Z'))).toEqual(at('2026-07-09T02:00:00Z'));
  expect(lastDue(lisbon, at('2026-07-10T02:00:00Z'))).toEqual(at('2026-07-10T02:00:00Z'));
  expect(lastDue(lisbon, at('2026-12-10T03:00:00Z'))).toEqual(at('2026-12-10T03:00:00Z'));
  expect(lastDue({ hour: 23, minute: 30, zone: 'Pacific/Auckland' }, at('2026-12-10T10:29:00Z'))).toEqual(
    at('2026-12-09T10:30:00Z'),
  );
});

test('An hour that a clock skips or repeats still has one backup', () => {
  const night = { hour: 2, minute: 30, zone: 'Europe/Berlin' };
  // 02:30 does not exist on 29 March 2026, and exists twice on 25 October.
  const skipped = lastDue(night, at('2026-03-29T12:00:00Z'));
  expect(skipped >= at('2026-03-29T00:30:00Z') && skipped <= at('2026-03-29T01:30:00Z')).toBe(true);
  const repeated = lastDue(night, at('2026-10-25T12:00:00Z'));
  expect([at('2026-10-25T00:30:00Z'), at('2026-10-25T01:30:00Z')]).toContainEqual(repeated);
  expect(isDue(night, [repeated], at('2026-10-25T12:00:00Z'))).toBe(false);
});

test('A backup is due when none has begun since, and a clock that was set back hides none', () => {
  const now = at('2026-11-23T09:00:00Z');
  expect(isDue(lisbon, [], now)).toBe(true);
  expect(isDue(lisbon, [at('2026-11-22T03:00:10Z')], now)).toBe(true);
  expect(isDue(lisbon, [at('2026-11-23T03:00:10Z')], now)).toBe(false);
  expect(isDue(lisbon, [at('2031-01-01T00:00:00Z'), at('2026-11-22T03:00:10Z')], now)).toBe(true);
  expect(isDue(lisbon, [at('2031-01-01T00:00:00Z'), at('2026-11-23T03:00:10Z')], now)).toBe(false);
});

const base = (startedAt: string) => ({ id: startedAt, startedAt });
const keep = { days: 3, weeks: 2, months: 3 };

test('The last of days, weeks and months stay; the log from the oldest of the days', () => {
  const bases = [
    '2026-09-30T03:00:00.000Z',
    '2026-10-31T03:00:00.000Z',
    '2026-11-14T03:00:00.000Z',
    '2026-11-15T03:00:00.000Z',
    '2026-11-20T03:00:00.000Z',
    '2026-11-21T03:00:00.000Z',
    '2026-11-22T03:00:00.000Z',
    '2026-11-22T15:00:00.000Z',
  ].map(base);
  const { kept, removed, logFrom } = thinned(bases, keep, 'UTC');
  expect(kept.map(({ id }) => id.slice(5, 13))).toEqual([
    '09-30T03',
    '10-31T03',
    '11-15T03',
    '11-20T03',
    '11-21T03',
    '11-22T15',
  ]);
  expect(removed.map(({ id }) => id.slice(5, 13))).toEqual(['11-14T03', '11-22T03']);
  expect(logFrom?.id).toBe('2026-11-20T03:00:00.000Z');
});

test('Whatever the clock has done, the newest stays, and so do as many as there are to keep', () => {
  const times = fc.date({ min: at('2000-01-01'), max: at('2040-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(fc.uniqueArray(times, { minLength: 1, maxLength: 40, selector: Number }), (dates) => {
      const bases = dates.map((date) => base(date.toISOString()));
      const { kept, removed, logFrom } = thinned(bases, keep, 'America/Sao_Paulo');
      const newest = bases.reduce((a, b) => (a.startedAt > b.startedAt ? a : b));
      expect(kept).toContainEqual(newest);
      expect(kept.length + removed.length).toBe(bases.length);
      expect(kept).toContainEqual(logFrom);
      expect(kept.length).toBeLessThanOrEqual(keep.days + keep.weeks + keep.months);
      // What is removed is never removed again differently: thinning what stays removes nothing.
      expect(thinned(kept, keep, 'America/Sao_Paulo').removed).toEqual([]);
    }),
  );
});
