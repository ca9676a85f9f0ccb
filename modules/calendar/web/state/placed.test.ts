import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Occurrence } from '../../contract/appointment.ts';
import { addMonths, daysOf, firstDayOf, startOfWeek, windowOf } from './days.ts';
import { type Block, blocksOf, daysTouched, inLanes, keyOf } from './placed.ts';

const occurrence = (startsAt: string, endsAt: string, isAllDay = false): Occurrence => ({
  eventId: 'e',
  meetingId: 'e',
  calendarId: 'c',
  at: startsAt,
  startsAt,
  endsAt,
  isAllDay,
  isSeries: false,
  isBusy: true,
  title: '',
  place: '',
  timeZone: null,
  colour: null,
  answer: null,
  people: 0,
});

it('no block covers another, and lanes are as few as can be', () => {
  const span = fc.tuple(fc.integer({ min: 0, max: 1400 }), fc.integer({ min: 15, max: 300 }));
  fc.assert(
    fc.property(fc.array(span, { maxLength: 30 }), (spans) => {
      const blocks = inLanes(
        spans.map(
          ([from, length]): Block => ({
            occurrence: occurrence('2026-05-14T10:00:00Z', '2026-05-14T11:00:00Z'),
            fromMinute: from,
            toMinute: Math.min(1440, from + length),
            lane: 0,
            lanes: 1,
          }),
        ),
      );
      for (const [index, a] of blocks.entries()) {
        expect(a.lane).toBeLessThan(a.lanes);
        for (const b of blocks.slice(index + 1)) {
          const overlaps = a.fromMinute < b.toMinute && b.fromMinute < a.toMinute;
          if (overlaps) expect([a.lane, a.lanes]).not.toEqual([b.lane, a.lanes]);
          if (overlaps) expect(a.lanes).toBe(b.lanes);
        }
        const atOnce = blocks.filter((b) => b.fromMinute <= a.fromMinute && a.fromMinute < b.toMinute).length;
        expect(a.lanes).toBeGreaterThanOrEqual(atOnce);
      }
    }),
    { numRuns: 200 },
  );
});

it('what is once is the same where it is moved to; each time of a series, and of what is only taken, is another', () => {
  const [early, late] = ['2026-05-14T08:00:00Z', '2026-05-14T09:00:00Z'].map((at) => occurrence(at, at));
  expect(keyOf(early!)).not.toBe(keyOf(late!));
  const known = { timeZone: 'Europe/Lisbon' };
  expect(keyOf({ ...early!, ...known })).toBe(keyOf({ ...late!, ...known }));
  const series = { ...known, isSeries: true };
  expect(keyOf({ ...early!, ...series })).not.toBe(keyOf({ ...late!, ...series }));
});

it('an hour is an hour on the days when clocks change, and midnight ends a day', () => {
  const [spring] = blocksOf(
    [occurrence('2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z')],
    '2026-03-29',
    'Europe/Paris',
  );
  expect(spring).toMatchObject({ fromMinute: 90, toMinute: 150 });
  const late = occurrence('2026-05-14T20:00:00Z', '2026-05-14T22:00:00Z');
  expect(daysTouched(late, 'Europe/Paris')).toEqual({ first: '2026-05-14', last: '2026-05-14' });
  const over = occurrence('2026-05-14T21:00:00Z', '2026-05-14T23:00:00Z');
  expect(blocksOf([over], '2026-05-15', 'Europe/Paris')).toMatchObject([{ fromMinute: 0, toMinute: 60 }]);
  expect(
    daysTouched(occurrence('2026-05-14T00:00:00Z', '2026-05-16T00:00:00Z', true), 'America/Sao_Paulo'),
  ).toEqual({
    first: '2026-05-14',
    last: '2026-05-15',
  });
});

it('weeks begin as the language has it, and months show whole weeks', () => {
  expect([firstDayOf('en-US'), firstDayOf('fr-FR'), firstDayOf('pt-BR')]).toEqual([7, 1, 7]);
  expect(startOfWeek('2026-05-14', 1)).toBe('2026-05-11');
  expect(startOfWeek('2026-05-10', 7)).toBe('2026-05-10');
  const month = daysOf('month', '2026-05-14', 1);
  expect([month[0], month.at(-1), month.length]).toEqual(['2026-04-27', '2026-05-31', 35]);
  expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
  expect(windowOf(['2026-03-29'], 'Europe/Paris')).toEqual({
    from: '2026-03-28T11:00:00.000Z',
    to: '2026-03-30T10:00:00.000Z',
  });
});
