import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppointmentFields } from '../../contract/index.ts';
import { gather } from '../import/gather.ts';
import { isSameContent } from '../import/same-content.ts';
import { takeGroup } from '../import/take-group.ts';
import { changeSeries } from '../series/change-series.ts';
import type { JComponent, JProperty } from '../series/component.ts';
import { expandSeries } from '../series/expand.ts';
import { fieldsAt, readSeries } from '../series/read-series.ts';
import { newComponent } from '../series/write-fields.ts';
import { formatLine, parseLine, unfoldedLines } from './content-line.ts';
import { CalendarWriter, outgoingComponents } from './outgoing.ts';
import { readIcal } from './read-ical.ts';
import { timeZoneComponent } from './time-zone-component.ts';
import { calendarHead, calendarTail, writeComponent } from './write-ical.ts';

const now = new Date('2026-03-01T00:00:00Z');
const file = (...lines: string[]): Buffer =>
  Buffer.from(['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n'));
const event = (...lines: string[]): string[] => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'];
const taken = async (bytes: Buffer, floating = 'Europe/Lisbon') => {
  const { groups, zones, faults } = await gather(bytes);
  return { all: groups.map((group) => takeGroup(group, zones, floating)), faults };
};
const written = (components: readonly JComponent[], isBusy = true, reminders: number[] = []): Buffer =>
  Buffer.from(
    calendarHead('Tides') +
      new CalendarWriter(2020, now).write(outgoingComponents({ components, isBusy, reminders }, null)) +
      calendarTail,
  );

const text = (max: number) =>
  fc.string({ unit: 'binary', maxLength: max }).map((each) =>
    each
      .toWellFormed()
      .replace(/\p{Cc}/gu, '')
      .trim(),
  );
const zone = fc.constantFrom('Europe/Lisbon', 'America/Sao_Paulo', 'Asia/Kolkata', 'UTC');
const anyFields: fc.Arbitrary<AppointmentFields> = fc
  .record({
    title: text(120),
    place: text(60),
    note: fc.array(text(40), { maxLength: 4 }).map((lines) => lines.join('\n').trim()),
    zone,
    isAllDay: fc.boolean(),
    day: fc.integer({ min: 0, max: 3000 }),
    minutes: fc.integer({ min: 0, max: 1439 }),
    rule: fc.constantFrom(
      null,
      'FREQ=DAILY;COUNT=5',
      'FREQ=WEEKLY;BYDAY=MO,WE;INTERVAL=2',
      'FREQ=MONTHLY;BYDAY=-1FR',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29',
      'FREQ=WEEKLY;UNTIL=20330101T000000Z',
    ),
  })
  .map(({ title, place, note, zone: timeZone, isAllDay, day, minutes, rule }) => {
    const start = new Date(Date.UTC(2024, 0, 1 + day, 0, minutes)).toISOString();
    const end = new Date(Date.UTC(2024, 0, 2 + day, 0, minutes)).toISOString();
    return {
      title,
      place,
      note,
      rule,
      times: isAllDay
        ? { isAllDay, start: start.slice(0, 10), end: end.slice(0, 10), timeZone: null }
        : { isAllDay, start: start.slice(0, 16), end: end.slice(0, 16), timeZone },
    };
  });

describe('what we write', () => {
  it('comes back as it went: our appointment, a file, our appointment', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyFields,
        fc.boolean(),
        fc.uniqueArray(fc.integer({ min: 0, max: 4000 }), { maxLength: 3 }),
        async (fields, isBusy, reminders) => {
          const components = [newComponent('uid-1@liaison', fields, now)];
          const { all, faults } = await taken(written(components, isBusy, reminders));
          expect(faults).toEqual([]);
          expect(all).toMatchObject([
            { uid: 'uid-1@liaison', isBusy, reminders: reminders.toSorted((a, b) => a - b), remarks: [] },
          ]);
          const [back] = all as unknown as [{ components: JComponent[] }];
          expect(fieldsAt(readSeries(back.components), null)).toEqual(fieldsAt(readSeries(components), null));
          expect(isSameContent(back.components, components)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('keeps what is changed and taken out of a series', async () => {
    const fields: AppointmentFields = {
      title: 'Tides',
      place: '',
      note: '',
      rule: 'FREQ=DAILY;COUNT=6',
      times: {
        isAllDay: false,
        start: '2026-03-27T10:00',
        end: '2026-03-27T11:00',
        timeZone: 'Europe/Lisbon',
      },
    };
    const one = (atMs: number, change: Partial<AppointmentFields>, components: JComponent[]) =>
      changeSeries(components, change, { scope: 'one', atMs, now, newUid: '' }).kept ?? [];
    const changed = one(
      Date.parse('2026-03-29T09:00:00Z'),
      {
        title: 'Later; by, \\an hour\\',
        times: { ...fields.times, start: '2026-03-29T11:00', end: '2026-03-29T12:00' } as never,
      },
      [newComponent('u', fields, now)],
    );
    changed[0]?.[1].push(['exdate', { tzid: 'Europe/Lisbon' }, 'date-time', '2026-03-30T10:00:00']);
    const { all } = await taken(written(changed));
    const [back] = all as unknown as [{ components: JComponent[] }];
    const times = (components: readonly JComponent[]) =>
      expandSeries(readSeries(components), 0, Date.parse('2027-01-01')).times;
    expect(times(back.components)).toEqual(times(changed));
    expect(times(changed).map(({ title }) => title)).toContain('Later; by, \\an hour\\');
  });

  it('has lines of 75 octets that part no letter', () => {
    fc.assert(
      fc.property(text(300), (value) => {
        const line = formatLine({ name: 'summary', params: { cn: 'a:b"c^\nd' }, value });
        for (const each of line.split('\r\n')) expect(Buffer.byteLength(each)).toBeLessThanOrEqual(75);
        const [back] = [...unfoldedLines(Buffer.from(line))];
        expect(parseLine(back?.text ?? '')).toEqual({ name: 'summary', params: { cn: 'a:b"c^\nd' }, value });
      }),
    );
  });

  it('says the clocks of zones with the rule of today', () => {
    const text = writeComponent(timeZoneComponent('Europe/Lisbon', 2025, now)!);
    expect(text).toContain('TZID:Europe/Lisbon\r\n');
    expect(text).toMatch(
      /BEGIN:DAYLIGHT\r\nDTSTART:20250330T010000\r\nTZOFFSETFROM:\+0000\r\nTZOFFSETTO:\+0100\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n/,
    );
    const toronto = writeComponent(timeZoneComponent('America/Toronto', 2025, now)!);
    expect(toronto).toMatch(/DTSTART:20250309T020000\r\n.*\r\n.*\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU/);
    // Clocks that change no more have no rule.
    for (const each of ['America/Sao_Paulo', 'America/Mexico_City']) {
      expect(writeComponent(timeZoneComponent(each, 2005, now)!)).not.toContain('RRULE');
    }
    expect(timeZoneComponent('UTC', 2025, now)).toBeNull();
  });
});

describe('what others write', () => {
  it('is read with its own zones, folds within letters, days that are no moments and no UID', async () => {
    const folded = Buffer.from('SUMMARY:Maré\r\n');
    const cut = folded.indexOf(0xc3) + 1;
    const bytes = Buffer.concat([
      Buffer.from(
        'BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Harbour\nX-LIC-LOCATION:Europe/Lisbon\nEND:VTIMEZONE\n',
      ),
      Buffer.from(
        'BEGIN:VTIMEZONE\nTZID:Fixed\nBEGIN:STANDARD\nTZOFFSETTO:+0530\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\n',
      ),
      folded.subarray(0, cut),
      Buffer.from('\r\n '),
      folded.subarray(cut),
      Buffer.from(
        'DTSTART;TZID=Harbour:20260514T100000\nDURATION:PT1H\nX-OWN;X-P="a;b":kept, as it is\nEND:VEVENT\n',
      ),
      Buffer.from('BEGIN:VEVENT\nUID:2\nDTSTART:20260514\nEND:VEVENT\n'),
      Buffer.from('BEGIN:VEVENT\nUID:3\nDTSTART:20260514T100000\nEND:VEVENT\n'),
      Buffer.from('BEGIN:VEVENT\nUID:4\nDTSTART;TZID=Fixed:20260514T100000\nEND:VEVENT\nEND:VCALENDAR'),
    ]);
    const { all, faults } = await taken(bytes, 'Asia/Manila');
    expect(faults).toEqual([]);
    const [first, second, third, fourth] = all as { components: JComponent[] }[];
    expect(fieldsAt(readSeries(first!.components), null)).toMatchObject({
      title: 'Maré',
      times: { start: '2026-05-14T10:00', end: '2026-05-14T11:00', timeZone: 'Europe/Lisbon' },
    });
    const own: JProperty = ['x-own', { 'x-p': 'a;b' }, 'unknown', 'kept, as it is'];
    expect(first!.components[0]?.[1]).toContainEqual(own);
    expect(first).toMatchObject({ uid: expect.stringMatching(/^[0-9a-f]{32}@/) });
    expect(readSeries(second!.components).start.isAllDay).toBe(true);
    expect(readSeries(third!.components).start.timeZone).toBe('Asia/Manila');
    expect(fourth).toEqual({ line: expect.any(Number), code: 'zone', detail: 'TZID Fixed' });
  });

  it('is said with its line where it is not taken', async () => {
    const dates = Array.from({ length: 501 }, (_, at) => `EXDATE:${20260000 + at}T100000Z`);
    const { all, faults } = await taken(
      file(
        'BEGIN:VTODO',
        'UID:t',
        'END:VTODO',
        ...event('UID:1', 'DTSTART;TZID=Middle of nowhere:20260514T100000'),
        ...event('UID:2', 'DTSTART:20260514T100000Z', 'RRULE:FREQ=SECONDLY'),
        ...event('UID:3', 'DTSTART:20260514T100000Z', 'RRULE:FREQ=DAILY', ...dates),
        ...event('UID:4', 'SUMMARY:No beginning'),
        ...event(
          'UID:5',
          'DTSTART:20260514T100000Z',
          'ATTACH;ENCODING=BASE64;VALUE=BINARY:aGVsbG8=',
          'no line',
        ),
        ...event(
          'UID:6',
          'DTSTART:20260514T100000Z',
          'BEGIN:VALARM',
          'ACTION:EMAIL',
          'TRIGGER:-PT5M',
          'END:VALARM',
        ),
        ...event('UID:7', 'RECURRENCE-ID;RANGE=THISANDFUTURE:20260514T100000Z', 'DTSTART:20260514T100000Z'),
        ...event('UID:5', 'DTSTART:20260514T100000Z', 'SEQUENCE:1'),
      ),
    );
    expect(faults).toEqual([
      { line: 3, code: 'kind', detail: 'VTODO' },
      { line: 528, code: 'attachment', detail: 'ATTACH' },
      { line: 529, code: 'unreadable', detail: 'no line' },
    ]);
    expect(all).toMatchObject([
      { line: 8, code: 'zone' },
      { line: 10, code: 'invalid', detail: expect.stringContaining('more often than daily') },
      { line: 19, code: 'dates' },
      { line: 521, code: 'invalid' },
      { uid: '5', remarks: [{ line: 525, code: 'duplicate' }] },
      { uid: '6', reminders: [], remarks: [{ code: 'reminder', detail: 'EMAIL' }] },
      { uid: '7', remarks: [] },
    ]);
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['bytes of all kinds', Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7919) % 256))],
    [
      'ten thousand components in each other',
      Buffer.from(`BEGIN:VCALENDAR\n${'BEGIN:VTIMEZONE\n'.repeat(10_000)}`),
    ],
    [
      'a line without end',
      Buffer.concat([Buffer.from('BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:'), Buffer.alloc(5_000_000, 97)]),
    ],
    ['folds without end', Buffer.from(`BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:a${'\n b'.repeat(1_000_000)}`)],
    ['ends without beginning', Buffer.from('END:VEVENT\n'.repeat(5000))],
  ])('is refused within a moment: %s', async (_what, bytes) => {
    const cpu = process.cpuUsage();
    const { groups } = await gather(bytes);
    expect(groups).toEqual([]);
    expect(process.cpuUsage(cpu).user).toBeLessThan(5_000_000);
  });

  it('never breaks the reader', () => {
    const part = fc.oneof(
      fc.constantFrom(
        'BEGIN:VCALENDAR',
        'END:VCALENDAR',
        'BEGIN:VEVENT',
        'END:VEVENT',
        'BEGIN:VALARM',
        'END:VALARM',
      ),
      fc.constantFrom(
        'DTSTART;TZID=X:',
        'RRULE:FREQ=',
        'EXDATE:,,',
        'GEO:;',
        'TRIGGER:P',
        ' folded',
        '\tfolded',
        'A;B',
      ),
      fc.string({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (lines) => {
        for (const item of readIcal(Buffer.from(lines.join('\n')))) {
          if (item.kind === 'component') writeComponent(item.component);
        }
      }),
    );
  });

  it('is refused beyond 5,000 components', async () => {
    const many = file(...Array.from({ length: 5001 }, () => ['BEGIN:VTODO', 'END:VTODO']).flat());
    await expect(gather(many)).rejects.toMatchObject({ status: 413, code: 'calendar-file-many' });
  });
});
