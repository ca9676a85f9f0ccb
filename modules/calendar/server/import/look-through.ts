import { buffer } from 'node:stream/consumers';
import type { Blobs } from '@liaison/core/blobs';
import { Problem } from '@liaison/core/contract';
import type { ImportFault, ImportPreview } from '../../contract/index.ts';
import { fieldsAt, readSeries } from '../series/read-series.ts';
import { type Gathered, gather } from './gather.ts';
import { type TakenAppointment, takeGroup } from './take-group.ts';

export interface FileFound {
  readonly total: number;
  readonly preview: ImportPreview[];
  readonly faults: readonly ImportFault[];
  readonly faultCount: number;
}

const previewed = 5;

/** The appointments of a stored file. */
export async function gatherFile(blobs: Blobs, sha256: string): Promise<Gathered> {
  return gather(await buffer((await blobs.open(sha256)).stream));
}

/**
 * What is in a stored file, and how the first of it would look.
 *
 * @throws Problem 415 `calendar-file-unreadable` with the line, 413 `calendar-file-many`.
 */
export async function lookThrough(blobs: Blobs, sha256: string, timeZone: string): Promise<FileFound> {
  const { groups, zones, faults, faultCount } = await gatherFile(blobs, sha256);
  if (groups.length === 0 && faults.every(({ code }) => code === 'unreadable')) {
    throw new Problem(415, 'calendar-file-unreadable', 'This is no iCalendar file.', {
      errors: faults.slice(0, 1).map(({ line, detail }) => ({ path: `line ${line}`, message: detail })),
    });
  }
  const preview: ImportPreview[] = [];
  for (const group of groups.slice(0, 20)) {
    const taken = takeGroup(group, zones, timeZone);
    if ('components' in taken && preview.length < previewed) preview.push(toPreview(taken));
  }
  return { total: groups.length, preview, faults, faultCount };
}

function toPreview({ line, components }: TakenAppointment): ImportPreview {
  const series = readSeries(components);
  return {
    line,
    title: fieldsAt(series, null).title,
    startsAt: new Date(series.start.instantMs).toISOString(),
    isAllDay: series.start.isAllDay,
    isSeries: series.rule !== null || series.added.length > 0,
  };
}
