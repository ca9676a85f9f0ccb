import { Problem } from '@liaison/core/contract';
import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { textOf } from './component.ts';
import type { Series } from './read-series.ts';
import { limits, readRule, writeRule } from './rule.ts';
import type { Moment } from './times.ts';

/** One time of a series. Whole days are midnights UTC. */
export interface Time {
  /** When the rule put it. */
  readonly atMs: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly isCancelled: boolean;
  /** Set where this one is otherwise. */
  readonly title: string | null;
  readonly place: string | null;
}

export interface Expansion {
  /** In order. */
  readonly times: readonly Time[];
  /** Until when they are all here: earlier than asked for where there were too many. */
  readonly untilMs: number;
}

const zoned = (moment: Moment) =>
  Temporal.Instant.fromEpochMilliseconds(moment.instantMs).toZonedDateTimeISO(moment.timeZone);

/** UNTIL as a moment that rules in a zone understand: a day or a local time ends where the start's zone says (§3.3.10). */
function withWholeUntil(rule: string, start: Moment): string {
  const parts = readRule(rule);
  const until = parts.get('UNTIL');
  if (until === undefined || until.endsWith('Z')) return rule;
  const local = until.length === 8 ? `${until}T235959` : until;
  const at = Temporal.PlainDateTime.from(local).toZonedDateTime(start.timeZone).toInstant();
  parts.set('UNTIL', at.toString({ smallestUnit: 'second' }).replace(/[-:]/g, ''));
  return writeRule(parts);
}

function ruleTimes(series: Series, fromMs: number, toMs: number): number[] {
  const { rule, start } = series;
  if (rule === null) return [start.instantMs];
  if (toMs <= start.instantMs) return [];
  try {
    const found = new RRuleTemporal({
      rruleString: `RRULE:${withWholeUntil(rule, start)}`,
      dtstart: zoned(start),
      tzid: start.timeZone,
      maxIterations: limits.iterations,
      maxCandidateEvaluations: limits.candidates,
      cache: false,
      // RFC 5545 §3.8.5.3: DTSTART is the first of them, whatever the rule says.
      includeDtstart: true,
    }).between(new Date(Math.max(fromMs, start.instantMs)), new Date(toMs), true);
    return found.map(({ epochMilliseconds }) => epochMilliseconds);
  } catch (error) {
    throw new Problem(400, 'calendar-rule', 'This repeats by a rule that takes too long to follow.', {
      cause: error,
    });
  }
}

/**
 * The times of a series that touch a window, with additions, removals and changes. Costs are bounded by `limits`: by the
 * periods and candidates looked at, which is processor time, and by the number of times.
 */
export function expandSeries(series: Series, fromMs: number, toMs: number): Expansion {
  const { lengthMs, exceptions } = series;
  const reach = Math.max(lengthMs, ...exceptions.map((each) => each.lengthMs));
  const starts = new Set(ruleTimes(series, fromMs - reach, toMs));
  for (const { instantMs } of series.added) starts.add(instantMs);
  const changed = new Map(exceptions.map((each) => [each.atMs, each]));
  const times: Time[] = [];
  for (const atMs of starts) {
    if (series.removed.has(atMs) || changed.has(atMs)) continue;
    times.push({ atMs, startMs: atMs, endMs: atMs + lengthMs, isCancelled: false, title: null, place: null });
  }
  for (const each of exceptions) {
    if (series.removed.has(each.atMs)) continue;
    times.push({
      atMs: each.atMs,
      startMs: each.start.instantMs,
      endMs: each.start.instantMs + each.lengthMs,
      isCancelled: textOf(each.component, 'status').toUpperCase() === 'CANCELLED',
      title: textOf(each.component, 'summary')
        .replace(/\p{Cc}+/gu, ' ')
        .slice(0, 300),
      place: textOf(each.component, 'location')
        .replace(/\p{Cc}+/gu, ' ')
        .slice(0, 500),
    });
  }
  const within = times
    .filter(({ startMs, endMs }) => startMs < toMs && (endMs > fromMs || startMs >= fromMs))
    .sort((a, b) => a.startMs - b.startMs || a.atMs - b.atMs);
  if (within.length <= limits.occurrences) return { times: within, untilMs: toMs };
  const kept = within.slice(0, limits.occurrences);
  return { times: kept, untilMs: within[limits.occurrences]!.startMs };
}

/** When the last of a series ends; null for one without end, or with one that is too far to be counted. */
export function lastEndOf(series: Series): number | null {
  const ends = [
    ...series.exceptions.map((each) => each.start.instantMs + each.lengthMs),
    ...series.added.map(({ instantMs }) => instantMs + series.lengthMs),
    series.start.instantMs + series.lengthMs,
  ];
  if (series.rule === null) return Math.max(...ends);
  const parts = readRule(series.rule);
  const until = readRule(withWholeUntil(series.rule, series.start)).get('UNTIL');
  if (until !== undefined) {
    const untilMs = Date.parse(
      until.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
    );
    return Math.max(untilMs + series.lengthMs, ...ends);
  }
  if (!parts.has('COUNT') || Number(parts.get('COUNT')) > limits.occurrences) return null;
  const hundredYears = series.start.instantMs + 100 * 366 * 86_400_000;
  const last = ruleTimes(series, series.start.instantMs, hundredYears).at(-1);
  return Math.max((last ?? series.start.instantMs) + series.lengthMs, ...ends);
}
