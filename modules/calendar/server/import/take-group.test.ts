import { describe, expect, it } from 'vitest';
import type { ImportFault } from '../../contract/index.ts';
import { textOf } from '../series/component.ts';
import { expandSeries } from '../series/expand.ts';
import { readSeries } from '../series/read-series.ts';
import { gather } from './gather.ts';
import { type TakenAppointment, takeGroup } from './take-group.ts';

const alarm = (trigger: string): string[] => [
  'BEGIN:VALARM',
  'ACTION:DISPLAY',
  `TRIGGER${trigger}`,
  'END:VALARM',
];
const event = (...lines: string[]): string[] => [
  'BEGIN:VEVENT',
  ...(lines.some((line) => line.startsWith('UID')) ? [] : ['UID:1']),
  'DTSTART:20310514T100000Z',
  ...lines,
  'END:VEVENT',
];
async function take(...events: string[][]): Promise<TakenAppointment | ImportFault> {
  const lines = ['BEGIN:VCALENDAR', ...events.flat(), 'END:VCALENDAR'];
  const { groups, zones } = await gather(Buffer.from(lines.join('\r\n')));
  expect(groups).toHaveLength(1);
  return takeGroup(groups[0]!, zones, 'UTC');
}

it('takes five reminders before the beginning, each once', async () => {
  const minutes = [50, 10, 20, 10, 30, 40, 60];
  expect(await take(event(...minutes.flatMap((each) => alarm(`:-PT${each}M`))))).toMatchObject({
    reminders: [10, 20, 30, 40, 50],
    remarks: [{ code: 'reminder', detail: 'DISPLAY' }],
  });
});

it.each([
  [':-P4W', [40_320], 0],
  [':-PT40321M', [], 1],
  [':PT0S', [0], 0],
  [':PT5M', [], 1],
  [';RELATED=START:-PT5M', [5], 0],
  [';RELATED=END:-PT5M', [], 1],
  [';VALUE=DATE-TIME:20310514T090000Z', [], 1],
  [':soon', [], 1],
] as const)('reads the reminder TRIGGER%s as %j', async (trigger, reminders, remarks) => {
  const taken = await take(event(...alarm(trigger)));
  expect(taken).toMatchObject({ reminders });
  expect('remarks' in taken && taken.remarks).toHaveLength(remarks);
});

it.each([
  [
    'the higher number',
    ['SEQUENCE:2', 'DTSTAMP:20300101T000000Z'],
    ['SEQUENCE:1', 'DTSTAMP:20310101T000000Z'],
  ],
  ['the later stamp', ['DTSTAMP:20310101T000000Z'], ['DTSTAMP:20300101T000000Z']],
  [
    'the later change',
    ['LAST-MODIFIED:20310101T000000Z', 'DTSTAMP:20290101T000000Z'],
    ['DTSTAMP:20300101T000000Z'],
  ],
])('of two with one UID takes that with %s, whichever comes first', async (_what, later, earlier) => {
  const both = [event('SUMMARY:later', ...later), event('SUMMARY:earlier', ...earlier)];
  for (const events of [both, both.toReversed()]) {
    const taken = await take(...events);
    expect('components' in taken && textOf(taken.components[0]!, 'summary')).toBe('later');
    expect(taken).toMatchObject({ remarks: [{ code: 'duplicate' }] });
  }
});

it('refuses a UID that no index holds, and takes the longest that it does', async () => {
  expect(await take(event(`UID:${'x'.repeat(401)}`))).toMatchObject({ line: 2, code: 'too-large' });
  expect(await take(event(`UID:${'x'.repeat(400)}`))).toMatchObject({ uid: 'x'.repeat(400) });
});

describe('a series that is otherwise from one time on', () => {
  const weekly = (...lines: string[]): string[] => [
    'BEGIN:VEVENT',
    'UID:weekly',
    'SEQUENCE:3',
    'DTSTART;TZID=Europe/Lisbon:20310506T100000',
    'DTEND;TZID=Europe/Lisbon:20310506T110000',
    'SUMMARY:Flood',
    ...lines,
    'END:VEVENT',
  ];
  const from = (at: string, start: string, ...lines: string[]): string[] => [
    'BEGIN:VEVENT',
    'UID:weekly',
    `RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Lisbon:${at}`,
    `DTSTART;TZID=Europe/Lisbon:${start}`,
    'SUMMARY:Ebb',
    ...lines,
    'END:VEVENT',
  ];
  const timesOf = (taken: TakenAppointment): string[] =>
    expandSeries(readSeries(taken.components), Date.parse('2031-01-01'), Date.parse('2032-01-01')).times.map(
      ({ startMs, endMs, title }) =>
        `${new Date(startMs).toISOString().slice(5, 16)} ${(endMs - startMs) / 60_000} ${title ?? textOf(taken.components[0]!, 'summary')}`,
    );
  const taken = async (...events: string[][]): Promise<TakenAppointment> => {
    const found = await take(...events);
    if (!('components' in found)) throw new Error(JSON.stringify(found));
    return found;
  };

  it('is divided there, with its share of the number, what was taken out and what is otherwise after it', async () => {
    const file = [
      weekly('RRULE:FREQ=WEEKLY;COUNT=6', 'EXDATE;TZID=Europe/Lisbon:20310513T100000,20310603T100000'),
      from('20310520T100000', '20310520T083000', 'DURATION:PT30M', 'TRANSP:TRANSPARENT', ...alarm(':-PT5M')),
      weekly('RECURRENCE-ID;TZID=Europe/Lisbon:20310610T100000').map((line) =>
        line.replace('20310506T1', '20310610T1').replace('Flood', 'Slack'),
      ),
    ];
    const series = await taken(...file);
    expect(timesOf(series)).toEqual(['05-06T09:00 60 Flood']);
    expect(series).toMatchObject({ uid: 'weekly', isBusy: true, reminders: [], remarks: [] });
    expect(series.following).toHaveLength(1);
    const [rest] = series.following as [TakenAppointment];
    expect(timesOf(rest)).toEqual(['05-20T07:30 30 Ebb', '05-27T07:30 30 Ebb', '06-10T09:00 60 Slack']);
    expect(rest).toMatchObject({ isBusy: false, reminders: [5] });
    expect(rest.uid).not.toBe('weekly');
    // The same file says the same again, whatever the hour is.
    expect(await taken(...file)).toEqual(series);
  });

  it('by other days of the week, and again from a later one', async () => {
    const series = await taken(
      weekly('RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20310605T090000Z'),
      from('20310515T100000', '20310516T120000'),
      from('20310529T100000', '20310529T180000').map((line) => line.replace('Ebb', 'Slack')),
    );
    expect([series, ...series.following].map(timesOf)).toEqual([
      ['05-06T09:00 60 Flood', '05-08T09:00 60 Flood', '05-13T09:00 60 Flood'],
      ['05-16T11:00 0 Ebb', '05-21T11:00 0 Ebb', '05-23T11:00 0 Ebb', '05-28T11:00 0 Ebb'],
      ['05-29T17:00 0 Slack', '06-03T17:00 0 Slack', '06-05T17:00 0 Slack'],
    ]);
    expect(new Set([series, ...series.following].map(({ uid }) => uid)).size).toBe(3);
  });

  it('from the first on is one, and that is off from one on ends before it', async () => {
    const all = await taken(weekly('RRULE:FREQ=WEEKLY;COUNT=2'), from('20310506T100000', '20310506T120000'));
    expect(all).toMatchObject({ uid: 'weekly', following: [] });
    expect(timesOf(all)).toEqual(['05-06T11:00 0 Ebb', '05-13T11:00 0 Ebb']);
    const off = await taken(
      weekly('RRULE:FREQ=WEEKLY'),
      from('20310520T100000', '20310520T100000', 'STATUS:CANCELLED'),
    );
    expect(timesOf(off)).toEqual(['05-06T09:00 60 Flood', '05-13T09:00 60 Flood']);
    expect(
      await take(weekly('RRULE:FREQ=WEEKLY'), from('20310506T100000', '20310506T100000', 'STATUS:CANCELLED')),
    ).toMatchObject({ code: 'cancelled' });
  });

  it.each([
    ['by days of the month', 'RRULE:FREQ=MONTHLY;COUNT=4', '20310606T100000', '20310607T100000'],
    ['at a time that is none of it', 'RRULE:FREQ=WEEKLY;COUNT=4', '20310514T100000', '20310514T120000'],
  ])('%s is that one alone, and it is said', async (_what, rule, at, start) => {
    const series = await taken(weekly(rule), from(at, start));
    expect(series).toMatchObject({
      following: [],
      remarks: [{ code: 'part', detail: 'RANGE=THISANDFUTURE' }],
    });
    expect(timesOf(series).filter((each) => each.endsWith('Ebb'))).toHaveLength(1);
  });

  it('more often than anybody does is not followed for ever', async () => {
    const changes = Array.from({ length: 30 }, (_, index) => {
      const day = new Date(Date.UTC(2031, 4, 7 + index)).toISOString().slice(0, 10).replaceAll('-', '');
      return from(`${day}T100000`, `${day}T110000`);
    });
    const series = await taken(weekly('RRULE:FREQ=DAILY;COUNT=60'), ...changes);
    expect(series.following).toHaveLength(20);
    expect(series.remarks).toHaveLength(10);
    expect([series, ...series.following].flatMap(timesOf)).toHaveLength(60);
  });
});
