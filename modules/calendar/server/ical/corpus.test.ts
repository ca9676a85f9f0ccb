import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { ImportFault } from '../../contract/index.ts';
import { gather } from '../import/gather.ts';
import { takeGroup } from '../import/take-group.ts';
import { readIcal } from './read-ical.ts';
import { writeComponent } from './write-ical.ts';

/** Files of a test suite for CalDAV servers, written by others. */
const folder = fileURLToPath(
  new URL('../../../../../shared/corpora/caldavtester/Resource/', import.meta.url),
);
const isHere = existsSync(folder);

if (!isHere) {
  test('the files of the CalDAV test suite are not here: reading them did not run', () => {
    process.stderr.write(`DID NOT RUN: iCalendar files of others (missing ${folder})\n`);
  });
}

/** What the suite puts into its files before it sends them: years and days, counted from now. */
const filledIn = (path: string): Buffer =>
  Buffer.from(
    readFileSync(path, 'latin1')
      .replace(/\$now\.year\.(-?\d+):/g, (_, years) => String(2026 + Number(years)))
      .replace(/\$now\.(-?\d+):/g, (_, days) =>
        new Date(Date.UTC(2026, 4, 12 + Number(days))).toISOString().slice(0, 10).replaceAll('-', ''),
      ),
    'latin1',
  );

describe.runIf(isHere)('iCalendar files of others', () => {
  const files = isHere
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ics'))
    : [];
  const counted = (all: readonly string[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const each of all) counts[each] = (counts[each] ?? 0) + 1;
    return counts;
  };
  const inWords = ({ code, detail }: ImportFault): string =>
    code === 'kind' || code === 'attachment' ? `${code} ${detail}` : detail;

  test('are read, and written as they were read', () => {
    const faults: string[] = [];
    let components = 0;
    for (const name of files) {
      for (const item of readIcal(filledIn(join(folder, name)))) {
        if (item.kind === 'fault') faults.push(inWords(item.fault));
        if (item.kind !== 'component') continue;
        components += 1;
        const again = `BEGIN:VCALENDAR\r\n${writeComponent(item.component)}END:VCALENDAR\r\n`;
        expect([...readIcal(Buffer.from(again))], name).toMatchObject([{ component: item.component }]);
      }
    }
    expect(files.length).toBe(1975);
    expect(components).toBe(3854);
    expect(counted(faults)).toEqual({
      'BEGIN:VCALENDAR is missing before this': 1,
      'a line of more than 64 kB': 2,
      'attachment ATTACH': 2,
    });
  });

  test('are appointments, or it is said why not', async () => {
    const refused: string[] = [];
    let taken = 0;
    for (const name of files) {
      const { groups, zones, faults } = await gather(filledIn(join(folder, name)));
      refused.push(...faults.map(inWords));
      for (const group of groups) {
        const one = takeGroup(group, zones, 'Europe/Lisbon');
        if ('components' in one) taken += 1;
        else refused.push(inWords(one));
      }
    }
    expect({ taken, ...counted(refused) }).toEqual({
      taken: 1794,
      'BEGIN:VCALENDAR is missing before this': 1,
      'a line of more than 64 kB': 2,
      'attachment ATTACH': 2,
      'kind VTODO': 72,
      'kind VFREEBUSY': 53,
      'kind VPOLL': 16,
      'kind VAVAILABILITY': 3,
      'kind X-CALENDARSERVER-PERUSER': 2,
      // Their end is a year that has passed, their beginning is not.
      'It ends before it begins.': 17,
      // TODO(RFC 7529): calendars of other years than ours.
      'This rule cannot be read at “RSCALE”.': 19,
      'This rule cannot be read at “BYDAY”.': 1,
      'What repeats more often than daily is not taken: daily is the most.': 6,
      'TZID Bogus': 1,
    });
  });
});
