import type { BackupKeep, DailyTime } from '../config/index.ts';

/** The last moment, not after `now`, at which a backup was to begin. */
export function lastDue(at: DailyTime, now: Date): Date {
  for (const daysBack of [0, 1, 2]) {
    const local = localParts(at.zone, new Date(now.getTime() - daysBack * 86_400_000));
    const due = zonedTime(at.zone, local.year, local.month, local.day, at.hour, at.minute);
    if (due <= now) return due;
  }
  return now;
}

/**
 * Whether a backup is due: none has begun since the last appointed moment, or there is none. One that claims to be from
 * the future was made before a clock was set back, and says nothing.
 */
export function isDue(at: DailyTime, begun: readonly Date[], now: Date): boolean {
  const believable = begun.filter((date) => date.getTime() <= now.getTime() + 5 * 60_000);
  const last = believable.reduce<Date | undefined>((a, b) => (a === undefined || a < b ? b : a), undefined);
  return last === undefined || last < lastDue(at, now);
}

/**
 * Which bases stay: the last of each of the newest so many days, weeks and months on which there is one. What counts is
 * what there is and never the clock, so that neither a clock that jumps nor a month without backups empties the place.
 * `logFrom` is the oldest of the days': from there on the log and blobs between bases stay too.
 */
export function thinned<Base extends { id: string; startedAt: string }>(
  bases: readonly Base[],
  keep: BackupKeep,
  zone: string,
): { kept: Base[]; removed: Base[]; logFrom: Base | undefined } {
  const newestFirst = bases.toSorted((a, b) => (a.startedAt > b.startedAt ? -1 : 1));
  const lastOf = (count: number, periodOf: (date: Date) => string) => {
    const periods = new Map<string, Base>();
    for (const base of newestFirst) {
      const period = periodOf(new Date(base.startedAt));
      if (!periods.has(period) && periods.size < count) periods.set(period, base);
    }
    return [...periods.values()];
  };
  const dayOf = (date: Date) => {
    const { year, month, day } = localParts(zone, date);
    return `${year}-${month}-${day}`;
  };
  const weekOf = (date: Date) => {
    const { year, month, day } = localParts(zone, date);
    // Days since a Monday, in whole weeks.
    return String(Math.floor((Date.UTC(year, month - 1, day) / 86_400_000 + 3) / 7));
  };
  const days = lastOf(keep.days, dayOf);
  const kept = new Set([
    ...days,
    ...lastOf(keep.weeks, weekOf),
    ...lastOf(keep.months, (date) => dayOf(date).split('-').slice(0, 2).join('-')),
  ]);
  return {
    kept: newestFirst.filter((base) => kept.has(base)).toReversed(),
    removed: newestFirst.filter((base) => !kept.has(base)).toReversed(),
    logFrom: days.at(-1),
  };
}

/** A moment by the clock of a zone; one that a clock skips is the moment at which it skips. */
function zonedTime(
  zone: string,
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
): Date {
  const wanted = Date.UTC(year, month - 1, day, hour, minute);
  let instant = wanted;
  for (let round = 0; round < 2; round++) instant = wanted - offsetAt(zone, new Date(instant));
  return new Date(instant);
}

function offsetAt(zone: string, instant: Date): number {
  const { year, month, day, hour, minute, second } = localParts(zone, instant);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant.getTime() / 1000) * 1000;
}

function localParts(zone: string, instant: Date) {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return {
    year: of('year'),
    month: of('month'),
    day: of('day'),
    hour: of('hour'),
    minute: of('minute'),
    second: of('second'),
  };
}
