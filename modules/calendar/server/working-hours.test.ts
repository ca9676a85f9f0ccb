import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import * as api from '../contract/index.ts';
import { findTimes } from './find-times.ts';
import { type CalendarStage, openCalendarStage } from './testing/calendar-stage.ts';

let stage: CalendarStage;
beforeAll(async () => {
  stage = await openCalendarStage();
}, 60_000);
afterAll(() => stage?.close());

const said = async () => (await stage.alice.call(api.getWorkingHours)).body;
const say = (body: z.input<NonNullable<typeof api.setWorkingHours.body>>) =>
  stage.alice.call(api.setWorkingHours, { body });

it('are what is usual until somebody says hers, day by day and over midnight', async () => {
  expect(await said()).toMatchObject({ days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1050 });
  expect((await said()).spans).toHaveLength(5);
  const spans = [
    { day: 5, fromMinute: 1320, toMinute: 1800 },
    { day: 1, fromMinute: 780, toMinute: 1080 },
    { day: 1, fromMinute: 480, toMinute: 720 },
  ];
  const { body } = await say({ spans });
  expect(body.spans).toEqual([spans[2], spans[1], spans[0]]);
  expect(await said()).toEqual(body);
  // Pages of the program before see the days, from the earliest to the latest of them.
  expect(body).toMatchObject({ days: [1, 5], fromMinute: 480, toMinute: 1440 });
  expect((await stage.bob.call(api.getWorkingHours)).body.spans).toHaveLength(5);
  expect((await say({ spans: [] })).body).toMatchObject({ spans: [], days: [] });
});

it('as the program before wrote them count still, and it may write them again', async () => {
  await say({ days: [2, 2, 1], fromMinute: 600, toMinute: 700 });
  expect((await said()).spans).toEqual([
    { day: 1, fromMinute: 600, toMinute: 700 },
    { day: 2, fromMinute: 600, toMinute: 700 },
  ]);
  await stage.test.testDb.admin(
    `update calendar.working_hours set days = '{7}', from_minute = 60, to_minute = 120, spans = null where person_id = $1`,
    [stage.people[0]!.id],
  );
  expect((await said()).spans).toEqual([{ day: 7, fromMinute: 60, toMinute: 120 }]);
});

it.each([
  ['an end before the beginning', [{ day: 1, fromMinute: 600, toMinute: 500 }]],
  [
    'hours that overlap',
    [
      { day: 1, fromMinute: 600, toMinute: 700 },
      { day: 1, fromMinute: 690, toMinute: 800 },
    ],
  ],
  [
    'the day after',
    [
      { day: 7, fromMinute: 1320, toMinute: 1800 },
      { day: 1, fromMinute: 300, toMinute: 800 },
    ],
  ],
  ['more than a day', [{ day: 1, fromMinute: 60, toMinute: 1501 }]],
  ['a day that is none', [{ day: 8, fromMinute: 60, toMinute: 120 }]],
  ['more than anybody works', Array.from({ length: 43 }, () => ({ day: 1, fromMinute: 60, toMinute: 120 }))],
])('with %s are refused', async (_what, spans) => {
  const before = await said();
  expect((await say({ spans })).status).toBe(400);
  expect(await said()).toEqual(before);
});

describe('the finder', () => {
  const find = (spans: api.HoursSpan[], from: string, to: string, minutes = 60) =>
    findTimes({
      fromMs: Date.parse(from),
      toMs: Date.parse(to),
      minutes,
      busy: new Map([['a', []]]),
      hours: new Map([['a', { timeZone: 'UTC', spans }]]),
    })
      .filter(({ outsideHours }) => outsideHours.length === 0)
      .map(({ startMs }) => new Date(startMs).toISOString().slice(0, 16));

  it('proposes what lies in each span of a day, and nothing across the gap between', () => {
    const split = [
      { day: 1, fromMinute: 480, toMinute: 720 },
      { day: 1, fromMinute: 780, toMinute: 900 },
    ];
    // 2031-05-12 is a Monday.
    expect(find(split, '2031-05-12T00:00Z', '2031-05-13T00:00Z', 120)).toEqual([
      '2031-05-12T08:00',
      '2031-05-12T10:00',
      '2031-05-12T13:00',
    ]);
    expect(find(split, '2031-05-12T00:00Z', '2031-05-13T00:00Z', 300)).toEqual([]);
  });

  it('follows a night into the day after, from Sunday to Monday too', () => {
    const night = [{ day: 7, fromMinute: 1320, toMinute: 1800 }];
    expect(find(night, '2031-05-11T20:00Z', '2031-05-12T12:00Z', 240)).toEqual([
      '2031-05-11T22:00',
      '2031-05-12T02:00',
    ]);
    // Written as two spans that touch at midnight it is the same night.
    const two = [
      { day: 7, fromMinute: 1320, toMinute: 1440 },
      { day: 1, fromMinute: 0, toMinute: 360 },
    ];
    expect(find(two, '2031-05-11T20:00Z', '2031-05-12T12:00Z', 480)).toEqual(['2031-05-11T22:00']);
  });
});
