import { expect, it } from 'vitest';
import { gather } from '../import/gather.ts';
import type { JComponent } from '../series/component.ts';
import { parseLine, unfoldedLines } from './content-line.ts';
import { OwnZones } from './own-zones.ts';
import { type IcalItem, readIcal } from './read-ical.ts';
import { propertyFrom } from './values.ts';

const read = (...lines: string[]): IcalItem[] => [...readIcal(Buffer.from(lines.join('\r\n')))];
const calendar = (...lines: string[]): IcalItem[] => read('BEGIN:VCALENDAR', ...lines, 'END:VCALENDAR');
const event = (...lines: string[]): string[] => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'];
const times = (count: number, ...lines: string[]): string[] =>
  Array.from({ length: count }, () => lines).flat();
const next = event('UID:next');
const nextComponent = { kind: 'component', component: ['vevent', [['uid', {}, 'text', 'next']], []] };

it.each([
  ['more bytes than a component has', event(...times(5, `X-A:${'x'.repeat(60_000)}`)), 'too-large'],
  ['more lines', event(...times(2001, 'X-A:b')), 'too-large'],
  ['more alarms', event(...times(401, 'BEGIN:VALARM', 'END:VALARM')), 'too-large'],
  ['deeper', event('BEGIN:A', 'BEGIN:B', 'BEGIN:C', 'END:C', 'END:B', 'END:A'), 'too-large'],
  ['an alarm that does not end', event('BEGIN:VALARM'), 'unreadable'],
])('refuses %s, and reads the next one', (_what, lines, code) => {
  const [fault, component, ...none] = calendar(...lines, ...next);
  expect(fault).toMatchObject({ kind: 'fault', fault: { line: 2, code } });
  expect(component).toMatchObject(nextComponent);
  expect(none).toEqual([]);
});

it.each([
  ['bytes', event(...times(4, `X-A:${'x'.repeat(60_000)}`))],
  ['lines', event(...times(2000, 'X-A:b'))],
  ['alarms', event(...times(400, 'BEGIN:VALARM', 'END:VALARM'))],
  ['depth', event('BEGIN:A', 'BEGIN:B', 'END:B', 'END:A')],
])('takes as much as that: %s', (_what, lines) => {
  expect(calendar(...lines)).toMatchObject([{ kind: 'component' }]);
});

it('leaves out what stands in the file in base64, however that is said, and an end without its beginning', () => {
  expect(
    calendar(...event('ATTACH;ENCODING=BASE64:aGk=', 'IMAGE;VALUE=binary:aGk=', 'END:VTODO', 'UID:1')),
  ).toMatchObject([
    { fault: { line: 3, code: 'attachment', detail: 'ATTACH' } },
    { fault: { line: 4, code: 'attachment', detail: 'IMAGE' } },
    { fault: { line: 5, code: 'unreadable' } },
    { kind: 'component', component: ['vevent', [['uid', {}, 'text', '1']], []] },
  ]);
});

it('says where a file is cut off', () => {
  expect(read('BEGIN:VCALENDAR', ...next, 'BEGIN:VEVENT', 'UID:2')).toMatchObject([
    nextComponent,
    { fault: { line: 5, code: 'unreadable', detail: 'it has no end: the file is cut off' } },
  ]);
  expect(read('BEGIN:VCALENDAR', ...next)).toMatchObject([
    nextComponent,
    { fault: { line: 4, code: 'unreadable', detail: expect.stringContaining('END:VCALENDAR is missing') } },
  ]);
});

it('takes what is called off in one calendar for no appointment, and what stands in the next for one', async () => {
  const bytes = Buffer.from(
    [
      ...['BEGIN:VCALENDAR', 'METHOD:CANCEL', ...event('UID:off'), 'END:VCALENDAR'],
      ...['BEGIN:VCALENDAR', ...next, 'END:VCALENDAR'],
    ].join('\n'),
  );
  const { groups, faults } = await gather(bytes);
  expect(groups.map(({ uid }) => uid)).toEqual(['next']);
  expect(faults).toEqual([{ line: 3, code: 'cancelled', detail: 'METHOD:CANCEL' }]);
});

it('shows the first of many faults and counts them all', async () => {
  const bytes = Buffer.from(
    ['BEGIN:VCALENDAR', ...times(150, 'BEGIN:VTODO', 'END:VTODO'), 'END:VCALENDAR'].join('\n'),
  );
  const { faults, faultCount } = await gather(bytes);
  expect([faults.length, faultCount]).toEqual([100, 150]);
});

it('looks at so many values of one line', () => {
  const line = (text: string) => propertyFrom(parseLine(text)!);
  expect(line(`CATEGORIES:${'a,'.repeat(3000)}`).length).toBeLessThanOrEqual(3 + 2001);
  expect(line(`EXDATE:${'20260514T100000Z,'.repeat(3000)}`).length).toBeLessThanOrEqual(3 + 2001);
  expect(line(`EXDATE:${'20260514T100000Z,'.repeat(1999)}20260514T100000Z`)).toHaveLength(3 + 2000);
});

it('takes no line of a card, and no parameter that objects have already', () => {
  expect(parseLine('item1.SUMMARY:x')).toBeNull();
  expect(parseLine('SUMMARY;ALTREP:x')).toBeNull();
  expect(Object.keys(parseLine('SUMMARY;constructor=1;x-own=3:x')?.params ?? {})).toEqual(['x-own']);
});

it('leaves out what no database and no page can hold', () => {
  const [line] = unfoldedLines(Buffer.from('SUMMARY:a\0b\u0007c\u0085d\te'));
  expect(line?.text).toBe('SUMMARY:abcd\te');
});

const zone = (tzid: string, ...offsets: string[]): JComponent => [
  'vtimezone',
  [['tzid', {}, 'text', tzid]],
  offsets.map((offset): JComponent => ['standard', [['tzoffsetto', {}, 'utc-offset', offset]], []]),
];
it.each<[string, string[], string | null]>([
  ['east of Greenwich', ['+0300'], 'Etc/GMT-3'],
  ['west of it', ['-0500', '-0500'], 'Etc/GMT+5'],
  ['at Greenwich', ['+0000'], 'UTC'],
  ['with half an hour', ['+0530'], null],
  ['further than there is land', ['+1500'], null],
  ['whose clocks change', ['+0000', '+0100'], null],
  ['without clocks', [], null],
])('knows a zone of a file’s own %s', (_what, offsets, expected) => {
  const zones = new OwnZones();
  zones.add(zone('Harbour', ...offsets));
  expect(zones.find('Harbour')).toBe(expected);
});

it('believes the name of a zone before its clocks, and remembers 1,000 of a file', () => {
  const zones = new OwnZones();
  zones.add(zone('Europe/Lisbon', '+0300'));
  for (let at = 1; at < 1000; at += 1) zones.add(zone(`Own ${at}`, '+0300'));
  zones.add(zone('Own 1000', '+0300'));
  expect(['Europe/Lisbon', 'Own 999', 'Own 1000'].map((tzid) => zones.find(tzid))).toEqual([
    'Europe/Lisbon',
    'Etc/GMT-3',
    null,
  ]);
});
