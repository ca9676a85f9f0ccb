import { describe, expect, it } from 'vitest';
import type { AppointmentFields, Scope } from '../../contract/index.ts';
import { instantOf, localFromWall, wallFromLocal, wallOf } from '../../contract/index.ts';
import { changeSeries, removeFromSeries } from './change-series.ts';
import type { JComponent } from './component.ts';
import { expandSeries, lastEndOf } from './expand.ts';
import { readSeries } from './read-series.ts';
import { momentFrom } from './times.ts';
import { newComponent } from './write-fields.ts';

const now = new Date('2026-03-01T00:00:00Z');
const make = (
  start: string,
  end: string,
  timeZone: string | null,
  rule: string | null,
  title = 'Tide',
): JComponent[] => [
  newComponent(
    'u1',
    {
      title,
      place: '',
      note: '',
      times: { isAllDay: timeZone === null, start, end, timeZone } as AppointmentFields['times'],
      rule,
    },
    now,
  ),
];
const timesOf = (components: readonly JComponent[], from = '2026-01-01', to = '2027-01-01') =>
  expandSeries(readSeries(components), Date.parse(from), Date.parse(to)).times.map(({ startMs }) =>
    new Date(startMs).toISOString().slice(0, 16),
  );
const where = (scope: Scope, at: string | null) => ({
  scope,
  atMs: at === null ? null : Date.parse(at),
  now,
  newUid: 'u2',
});

describe('the clock of a series is that of its zone through both changes of clocks', () => {
  it.each([
    ['Europe/Paris', '2026-03-27T10:00', '2026-03-28T09:00 2026-03-29T08:00', '2026-03-28', '2026-03-30'],
    ['Europe/Paris', '2026-10-23T10:00', '2026-10-24T08:00 2026-10-25T09:00', '2026-10-24', '2026-10-26'],
    [
      'America/Sao_Paulo',
      '2026-02-20T10:00',
      '2026-02-21T13:00 2026-02-22T13:00',
      '2026-02-21',
      '2026-02-23',
    ],
    [
      'America/Sao_Paulo',
      '2018-11-02T10:00',
      '2018-11-03T13:00 2018-11-04T12:00',
      '2018-11-03',
      '2018-11-05',
    ],
    [
      'America/Sao_Paulo',
      '2019-02-15T10:00',
      '2019-02-16T12:00 2019-02-17T13:00',
      '2019-02-16',
      '2019-02-18',
    ],
    ['Asia/Kolkata', '2026-03-27T10:00', '2026-03-28T04:30 2026-03-29T04:30', '2026-03-28', '2026-03-30'],
    ['Asia/Kolkata', '2026-10-24T10:00', '2026-10-25T04:30 2026-10-26T04:30', '2026-10-25', '2026-10-27'],
  ])('%s from %s', (zone, start, expected, from, to) => {
    const series = make(start, start.replace('10:00', '11:00'), zone, 'FREQ=DAILY');
    expect(timesOf(series, from, to).join(' ')).toBe(expected);
  });

  it('the page’s own arithmetic agrees with Temporal on every hour around the changes', () => {
    for (const zone of ['Europe/Paris', 'America/Sao_Paulo', 'Asia/Kolkata', 'America/Toronto']) {
      for (const day of [
        '2026-03-08',
        '2026-03-29',
        '2026-10-25',
        '2026-11-01',
        '2018-11-04',
        '2019-02-17',
      ]) {
        for (let minute = -180; minute < 600; minute += 30) {
          const wall = Date.parse(day) + minute * 60_000;
          const exact = momentFrom(`${localFromWall(wall)}:00`, zone, 'UTC').instantMs;
          expect([zone, localFromWall(wall), instantOf(wall, zone)]).toEqual([
            zone,
            localFromWall(wall),
            exact,
          ]);
          expect(instantOf(wallOf(exact, zone), zone) <= exact).toBe(true);
        }
      }
    }
    expect(localFromWall(wallFromLocal('2026-05-14'))).toBe('2026-05-14T00:00');
  });
});

describe('of a weekly series', () => {
  const weekly = () => make('2026-05-05T10:00', '2026-05-05T11:00', 'Europe/Lisbon', 'FREQ=WEEKLY;COUNT=4');
  const all = ['2026-05-05T09:00', '2026-05-12T09:00', '2026-05-19T09:00', '2026-05-26T09:00'];

  it('one is moved and keeps its place in the series', () => {
    const { kept } = changeSeries(
      weekly(),
      {
        times: {
          isAllDay: false,
          start: '2026-05-13T15:00',
          end: '2026-05-13T16:30',
          timeZone: 'Europe/Lisbon',
        },
      },
      where('one', '2026-05-12T09:00:00Z'),
    );
    expect(timesOf(kept!)).toEqual([all[0], '2026-05-13T14:00', all[2], all[3]]);
    const again = changeSeries(kept!, { title: 'Ebb' }, where('one', '2026-05-12T09:00:00Z')).kept!;
    expect(again).toHaveLength(2);
    expect(readSeries(again).exceptions[0]?.component[1]).toContainEqual(['summary', {}, 'text', 'Ebb']);
  });

  it('those that follow become a series of their own with the rest of the number', () => {
    const { kept, following } = changeSeries(
      weekly(),
      { title: 'Ebb' },
      where('following', '2026-05-19T09:00:00Z'),
    );
    expect(timesOf(kept!)).toEqual(all.slice(0, 2));
    expect(timesOf(following!)).toEqual(all.slice(2));
  });

  it('all move by the clock, and what was taken out or changed with them', () => {
    const without = removeFromSeries(weekly(), where('one', '2026-05-12T09:00:00Z')).kept!;
    const other = changeSeries(without, { title: 'Ebb' }, where('one', '2026-05-19T09:00:00Z')).kept!;
    const moved = changeSeries(
      other,
      {
        times: {
          isAllDay: false,
          start: '2026-05-06T08:00',
          end: '2026-05-06T09:00',
          timeZone: 'Europe/Lisbon',
        },
      },
      where('all', null),
    ).kept!;
    const times = expandSeries(readSeries(moved), Date.parse('2026-05-01'), Date.parse('2026-06-15')).times;
    expect(times.map(({ atMs, title }) => [new Date(atMs).toISOString().slice(0, 10), title])).toEqual([
      ['2026-05-06', null],
      ['2026-05-20', 'Ebb'],
      ['2026-05-27', null],
    ]);
  });

  it('on another day of the week all are, those that follow alone, and to their end', () => {
    const twice = make(
      '2026-05-05T10:00',
      '2026-05-05T11:00',
      'Europe/Lisbon',
      'FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20260514T090000Z',
    );
    const times = (start: string, end: string) => ({
      times: { isAllDay: false as const, start, end, timeZone: 'Europe/Lisbon' },
    });
    const later = changeSeries(twice, times('2026-05-06T12:00', '2026-05-06T13:00'), where('all', null))
      .kept!;
    expect(timesOf(later)).toEqual([
      '2026-05-06T11:00',
      '2026-05-08T11:00',
      '2026-05-13T11:00',
      '2026-05-15T11:00',
    ]);
    const { kept, following } = changeSeries(
      twice,
      times('2026-05-11T10:00', '2026-05-11T11:00'),
      where('following', '2026-05-12T09:00:00Z'),
    );
    expect([timesOf(kept!), timesOf(following!)]).toEqual([
      ['2026-05-05T09:00', '2026-05-07T09:00'],
      ['2026-05-11T09:00', '2026-05-13T09:00'],
    ]);
    // By days of a month no rule says so: it is as it was, and begins another day.
    const monthly = make(
      '2026-05-05T10:00',
      '2026-05-05T11:00',
      'Europe/Lisbon',
      'FREQ=MONTHLY;BYMONTHDAY=5;COUNT=2',
    );
    const moved = changeSeries(monthly, times('2026-05-06T10:00', '2026-05-06T11:00'), where('all', null))
      .kept!;
    expect(timesOf(moved, '2026-01-01', '2026-08-01')).toEqual(['2026-05-06T09:00', '2026-06-05T09:00']);
  });

  it('one, those that follow, and all are deleted', () => {
    expect(timesOf(removeFromSeries(weekly(), where('one', '2026-05-12T09:00:00Z')).kept!)).toEqual([
      all[0],
      all[2],
      all[3],
    ]);
    expect(timesOf(removeFromSeries(weekly(), where('following', '2026-05-12T09:00:00Z')).kept!)).toEqual([
      all[0],
    ]);
    expect(removeFromSeries(weekly(), where('following', '2026-05-05T09:00:00Z')).kept).toBeNull();
    expect(removeFromSeries(weekly(), where('all', null)).kept).toBeNull();
  });

  it('what is not in it cannot be changed', () => {
    expect(() => changeSeries(weekly(), { title: 'x' }, where('one', '2026-05-13T09:00:00Z'))).toThrow(
      /not found/,
    );
  });

  it('whole days stay whole days, also of a series that ends on a day', () => {
    const days = make('2026-05-05', '2026-05-06', null, 'FREQ=DAILY;UNTIL=20260508');
    expect(timesOf(days)).toHaveLength(4);
    const { kept, following } = changeSeries(
      days,
      { title: 'Ebb' },
      where('following', '2026-05-07T00:00:00Z'),
    );
    expect([timesOf(kept!), timesOf(following!)]).toEqual([
      ['2026-05-05T00:00', '2026-05-06T00:00'],
      ['2026-05-07T00:00', '2026-05-08T00:00'],
    ]);
    expect(new Date(lastEndOf(readSeries(days))!).toISOString()).toBe('2026-05-09T23:59:59.000Z');
  });
});

describe('recurrence bombs are refused, or cost little', () => {
  it.each([
    ['each second for a hundred years', 'FREQ=SECONDLY;UNTIL=21260101T000000Z', /daily is the most/],
    ['each minute', 'FREQ=MINUTELY', /daily is the most/],
    ['each hour', 'FREQ=HOURLY', /daily is the most/],
    ['each second of each day', 'FREQ=DAILY;BYSECOND=0,1,2,3', /cannot be read at/],
    ['each minute of each day', 'FREQ=DAILY;BYHOUR=1,2,3,4,5,6,7,8,9;BYMINUTE=0,1,2,3', /too often in a day/],
    ['two ends', 'FREQ=DAILY;COUNT=2;UNTIL=20260101', /not both/],
    ['a number that is none', 'FREQ=DAILY;INTERVAL=0', /cannot be read at/],
    ['a text', 'sometimes', /cannot be read/],
  ])('%s', (_what, rule, why) => {
    expect(() => make('2026-05-05T10:00', '2026-05-05T11:00', 'Europe/Paris', rule)).toThrow(why);
  });

  it('a rule that never comes true ends soon', () => {
    const never = make(
      '2026-05-05T10:00',
      '2026-05-05T11:00',
      'Europe/Paris',
      'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
    );
    const before = process.cpuUsage().user;
    expect(() => timesOf(never, '2026-01-01', '2126-01-01')).toThrow(/too long to follow/);
    const often = make(
      '2026-05-05T10:00',
      '2026-05-05T10:05',
      'UTC',
      `FREQ=DAILY;BYHOUR=${[...Array(24).keys()].join(',')}`,
    );
    expect(timesOf(often).length).toBe(2000);
    expect((process.cpuUsage().user - before) / 1000).toBeLessThan(5000);
  });

  it('a hundred thousand days taken out are too many', () => {
    const [main] = make('2026-05-05T10:00', '2026-05-05T11:00', 'UTC', 'FREQ=DAILY') as [JComponent];
    main[1].push(['exdate', {}, 'date-time', ...Array<string>(100_000).fill('2026-05-06T10:00:00Z')]);
    expect(() => readSeries([main])).toThrow(/More than 1000/);
  });

  it('an unknown zone, a day that is not there and an end before the beginning are said', () => {
    expect(() => momentFrom('2026-05-05T10:00:00', 'Mars/Olympus', 'UTC')).toThrow(/Mars/);
    expect(momentFrom('2026-05-05T10:00:00', 'Romance Standard Time', 'UTC').timeZone).toBe('Europe/Paris');
    expect(() => momentFrom('2026-02-30', null, 'UTC')).toThrow(/not in the calendar/);
    expect(() => make('2026-05-05T10:00', '2026-05-05T09:00', 'UTC', null)).toThrow(/ends before/);
  });
});
