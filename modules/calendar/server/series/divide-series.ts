import { Problem } from '@liaison/core/contract';
import { changeAll, endingBefore, hasTime, startingAt } from './change-series.ts';
import { copyOf, type JComponent, propertyOf, setProperty, textOf } from './component.ts';
import { isSeries, readSeries } from './read-series.ts';
import { shiftedRule } from './shift-rule.ts';
import { lengthOf, readMoment, timesFrom } from './times.ts';

/** What of a component says how a series goes on, and not what one of its times is like. */
const ofSeries = ['uid', 'rrule', 'rdate', 'exdate', 'related-to'];
const stamps = ['sequence', 'dtstamp', 'last-modified'];

/** `following` begins where the change does; null where nothing takes place any more from there on. */
export interface Divided {
  /** Null: the change begins with the first. */
  readonly kept: JComponent[] | null;
  readonly following: JComponent[] | null;
}

/**
 * A series that is otherwise from one of its times on, by a component whose RECURRENCE-ID has RANGE=THISANDFUTURE
 * (RFC 5545 §3.2.13), as the two series that somebody makes who changes that one and those that follow.
 *
 * @returns null where that time is none of the series, or no rule says what the change means.
 */
export function divideSeries(
  components: readonly JComponent[],
  change: JComponent,
  newUid: string,
): Divided | null {
  const kept = copyOf(components) as JComponent[];
  const series = readSeries(kept);
  const recurrence = propertyOf(change, 'recurrence-id');
  const begin = propertyOf(change, 'dtstart');
  if (!recurrence || !begin)
    throw new Problem(400, 'calendar-series', 'One of the series does not say which it is.');
  const at = readMoment(recurrence, series.start.timeZone);
  const start = readMoment(begin, series.start.timeZone);
  const atMs = at.instantMs;
  if (!isSeries(series)) return null;
  if (!hasTime(series, atMs) || series.removed.has(atMs)) return null;
  const isFirst = atMs <= series.start.instantMs;
  const now = new Date(0);
  const before = stampsOf(series.main);
  const ended = (): JComponent[] => {
    const components = endingBefore(kept, series, atMs, now);
    before(series.main);
    return components;
  };
  if (textOf(change, 'status').toUpperCase() === 'CANCELLED') {
    return { kept: isFirst ? null : ended(), following: null };
  }
  const following = startingAt(components, series, atMs, { newUid });
  const rest = readSeries(following);
  if (rest.rule !== null && shiftedRule(rest.rule, rest.start, start) === null) return null;
  const times = timesFrom(start, lengthOf(change, start, series.start.timeZone));
  const asBefore = rest.exceptions.map(({ component }) => [stampsOf(component), component] as const);
  changeAll(following, rest, { times }, now);
  for (const [restore, component] of asBefore) restore(component);
  takeOver(rest.main, change);
  readSeries(following);
  return { kept: isFirst ? null : ended(), following };
}

/** Everything that the change says of the time itself, as it says it. */
function takeOver(main: JComponent, change: JComponent): void {
  main[1] = [
    ...main[1].filter(([name]) => ofSeries.includes(name)),
    ...copyOf(change[1].filter(([name]) => !ofSeries.includes(name) && name !== 'recurrence-id')),
  ];
  main[2] = copyOf(change[2]);
}

/** What was written by others keeps their number and time: which of two is later is told by them. */
function stampsOf(component: JComponent): (to: JComponent) => void {
  const there = stamps.map((name) => [name, propertyOf(component, name)] as const);
  return (to) => {
    for (const [name, property] of there) setProperty(to, name, property ? copyOf(property) : null);
  };
}
