import { Problem } from '@liaison/core/contract';
import { Temporal } from 'temporal-polyfill';
import { maxLengthDays, type Times } from '../../contract/index.ts';
import { type JComponent, type JProperty, propertyOf, tzidOf } from './component.ts';
import { ianaZoneOf } from './zones.ts';

const refuse = (why: string): never => {
  throw new Problem(400, 'calendar-times', why);
};

/** A moment in a zone, or a whole day as midnight UTC. */
export interface Moment {
  readonly isAllDay: boolean;
  /** `UTC` for whole days. */
  readonly timeZone: string;
  readonly instantMs: number;
  /** `2026-05-14T10:00:00` or `2026-05-14`. */
  readonly local: string;
}

const dayPattern = /^\d{4}-\d\d-\d\d$/;
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;

/** Reads a DATE or DATE-TIME; one without a zone floats (RFC 5545 §3.3.5), and is taken in `floating`. */
export function readMoment(property: JProperty, floating: string): Moment {
  return momentFrom(String(property[3]), tzidOf(property), floating);
}

export function momentFrom(value: string, tzid: string | null, floating: string): Moment {
  try {
    if (dayPattern.test(value)) {
      const day = Temporal.PlainDate.from(value, { overflow: 'reject' });
      return {
        isAllDay: true,
        timeZone: 'UTC',
        instantMs: day.toZonedDateTime('UTC').epochMilliseconds,
        local: value,
      };
    }
    const isUtc = value.endsWith('Z');
    const local = isUtc ? value.slice(0, -1) : value;
    if (!timePattern.test(local)) refuse('A time cannot be read.');
    const timeZone = isUtc ? 'UTC' : tzid === null ? floating : ianaZoneOf(tzid);
    if (timeZone === null) return refuse(`The time zone “${tzid?.slice(0, 60)}” is not known.`);
    // RFC 5545 §3.3.5: a time that is twice there is the first, one that is not there counts by the offset before the gap.
    const zoned = Temporal.PlainDateTime.from(local, { overflow: 'reject' }).toZonedDateTime(timeZone);
    return { isAllDay: false, timeZone, instantMs: zoned.epochMilliseconds, local };
  } catch (error) {
    if (error instanceof Problem) throw error;
    return refuse('A day or time is not in the calendar.');
  }
}

/** A moment as a property of jCal. */
export function momentProperty(name: string, moment: Moment): JProperty {
  if (moment.isAllDay) return [name, {}, 'date', moment.local];
  if (moment.timeZone === 'UTC') return [name, {}, 'date-time', `${moment.local}Z`];
  return [name, { tzid: moment.timeZone }, 'date-time', moment.local];
}

/** A moment of the same kind and zone as another one. */
export function momentAt(instantMs: number, like: Pick<Moment, 'isAllDay' | 'timeZone'>): Moment {
  const zoned = Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(like.timeZone);
  const local = like.isAllDay
    ? zoned.toPlainDate().toString()
    : zoned.toPlainDateTime().toString({ smallestUnit: 'second' });
  return { isAllDay: like.isAllDay, timeZone: like.timeZone, instantMs, local };
}

const dayMs = 86_400_000;

/** The length of a component in milliseconds: DTEND, DURATION, or what RFC 5545 §3.6.1 says where there is neither. */
export function lengthOf(component: JComponent, start: Moment, floating: string): number {
  const end = propertyOf(component, 'dtend');
  if (end) {
    const length = readMoment(end, floating).instantMs - start.instantMs;
    if (length < 0) refuse('It ends before it begins.');
    return bounded(start.isAllDay ? Math.max(dayMs, length) : length);
  }
  const duration = propertyOf(component, 'duration');
  if (duration) {
    try {
      // Departs from RFC 5545 §3.3.6: programs write P1DT, with nothing after the T.
      const { days, weeks, hours, minutes, seconds } = Temporal.Duration.from(
        String(duration[3]).replace(/T$/, ''),
      );
      const length = (weeks * 7 + days) * dayMs + hours * 3_600_000 + minutes * 60_000 + seconds * 1000;
      if (length < 0) refuse('It ends before it begins.');
      return bounded(start.isAllDay ? Math.max(dayMs, length) : length);
    } catch (error) {
      if (error instanceof Problem) throw error;
      refuse('A length cannot be read.');
    }
  }
  return start.isAllDay ? dayMs : 0;
}

function bounded(length: number): number {
  if (length > maxLengthDays * dayMs) refuse('It takes longer than a year.');
  return length;
}

/** Start and end of what somebody wrote, with everything wrong about them said. */
export function momentsOf(times: Times): { start: Moment; end: Moment } {
  const seconds = times.isAllDay ? '' : ':00';
  const start = momentFrom(`${times.start}${seconds}`, times.timeZone, 'UTC');
  const end = momentFrom(`${times.end}${seconds}`, times.timeZone, 'UTC');
  if (end.instantMs < start.instantMs || (times.isAllDay && end.instantMs === start.instantMs)) {
    refuse('It ends before it begins.');
  }
  bounded(end.instantMs - start.instantMs);
  return { start, end };
}

export function timesFrom(start: Moment, lengthMs: number): Times {
  const end = momentAt(start.instantMs + lengthMs, start);
  return start.isAllDay
    ? { isAllDay: true, start: start.local, end: end.local, timeZone: null }
    : {
        isAllDay: false,
        start: start.local.slice(0, 16),
        end: end.local.slice(0, 16),
        timeZone: start.timeZone,
      };
}
