import { notFound } from '@liaison/core/contract';
import type { AppointmentFields, Scope } from '../../contract/index.ts';
import { copyOf, type JComponent, propertiesOf, propertyOf, setProperty } from './component.ts';
import { expandSeries } from './expand.ts';
import { isSeries, readSeries, type Series } from './read-series.ts';
import { readRule, ruleToJCal, writeRule } from './rule.ts';
import { shiftedRule } from './shift-rule.ts';
import { type Moment, momentAt, momentProperty, momentsOf, readMoment } from './times.ts';
import { touch, writeFields } from './write-fields.ts';

/** What a series became: `following` is a series of its own from there on, or null; `kept` null where nothing is left. */
export interface Changed {
  readonly kept: JComponent[] | null;
  readonly following: JComponent[] | null;
}

export interface Where {
  readonly scope: Scope;
  /** Which of the series; null for one that is once. */
  readonly atMs: number | null;
  readonly now: Date;
  /** For the series that begins there. */
  readonly newUid: string;
}

/** Writes fields into one, into those from it on, or into all. */
export function changeSeries(
  components: readonly JComponent[],
  fields: Partial<AppointmentFields>,
  where: Where,
): Changed {
  const kept = copyOf(components) as JComponent[];
  const series = readSeries(kept);
  const scope = scopeOf(series, where);
  if (scope === 'one') {
    changeOne(kept, series, requireTime(series, where.atMs), fields, where.now);
    return { kept, following: null };
  }
  if (scope === 'all') {
    changeAll(kept, series, fields, where.now);
    return { kept: checked(kept), following: null };
  }
  const atMs = requireTime(series, where.atMs);
  const following = startingAt(kept, series, atMs, where);
  changeAll(following, readSeries(following), fields, where.now);
  return { kept: checked(endingBefore(kept, series, atMs, where.now)), following: checked(following) };
}

/** Takes one away, those from it on, or all. */
export function removeFromSeries(components: readonly JComponent[], where: Where): Changed {
  const kept = copyOf(components) as JComponent[];
  const series = readSeries(kept);
  const scope = scopeOf(series, where);
  if (scope === 'all') return { kept: null, following: null };
  const atMs = requireTime(series, where.atMs);
  if (scope === 'following') {
    return { kept: endingBefore(kept, series, atMs, where.now), following: null };
  }
  dropExceptions(kept, series, (each) => each === atMs);
  exclude(series, atMs);
  touch(series.main, where.now);
  return { kept, following: null };
}

/** Once is all; the first and those that follow are all. */
function scopeOf(series: Series, { scope, atMs }: Where): Scope {
  if (!isSeries(series)) return 'all';
  if (scope === 'following' && (atMs === null || atMs <= series.start.instantMs)) return 'all';
  return scope;
}

/** That time of the series, or a refusal: what is not in it cannot be changed. */
function requireTime(series: Series, atMs: number | null): number {
  if (atMs === null) throw notFound('This one of the series');
  if (!hasTime(series, atMs)) throw notFound('This one of the series');
  return atMs;
}

/** Whether the series takes place at what its rule calls that time. */
export const hasTime = (series: Series, atMs: number): boolean =>
  series.exceptions.some((each) => each.atMs === atMs) ||
  (!series.removed.has(atMs) &&
    expandSeries({ ...series, exceptions: [] }, atMs, atMs + 1).times.some((each) => each.atMs === atMs));

function changeOne(
  components: JComponent[],
  series: Series,
  atMs: number,
  { rule: _, ...fields }: Partial<AppointmentFields>,
  now: Date,
): void {
  const there = series.exceptions.find((each) => each.atMs === atMs);
  if (there) {
    writeFields(there.component, fields, now);
    return;
  }
  const component = timeAlone(series, atMs);
  writeFields(component, fields, now);
  components.push(component);
}

/** One time of a series as a component of its own, as the series has it. */
export function timeAlone(series: Series, atMs: number): JComponent {
  const component = copyOf(series.main);
  for (const name of ['rrule', 'rdate', 'exdate']) setProperty(component, name, null);
  const start = momentAt(atMs, series.start);
  setProperty(component, 'recurrence-id', momentProperty('recurrence-id', start));
  setProperty(component, 'dtstart', momentProperty('dtstart', start));
  setProperty(component, 'duration', null);
  setProperty(component, 'dtend', momentProperty('dtend', momentAt(atMs + series.lengthMs, series.start)));
  return component;
}

/**
 * All of a series. Where its beginning moves, what was taken out or changed moves along by the clock; where the rule itself is
 * another one, that has no meaning any more and goes.
 */
export function changeAll(
  components: JComponent[],
  series: Series,
  fields: Partial<AppointmentFields>,
  now: Date,
): void {
  const isOtherRule = fields.rule !== undefined && fields.rule !== series.rule;
  const begin = fields.times ? momentsOf(fields.times).start : series.start;
  // On another day of the week all are on another day of it, not the first alone.
  const rule =
    fields.rule === undefined && series.rule !== null ? shiftedRule(series.rule, series.start, begin) : null;
  writeFields(series.main, rule === null ? fields : { ...fields, rule }, now);
  if (isOtherRule || begin.isAllDay !== series.start.isAllDay) {
    for (const name of ['rdate', 'exdate']) setProperty(series.main, name, null);
    dropExceptions(components, series, () => true);
    return;
  }
  const { rule: _rule, times: _times, ...texts } = fields;
  for (const each of series.exceptions) writeFields(each.component, texts, now);
  if (begin.instantMs === series.start.instantMs && begin.timeZone === series.start.timeZone) return;
  const moved = (at: Moment): Moment => shifted(at, series.start, begin);
  for (const name of ['rdate', 'exdate']) {
    for (const property of propertiesOf(series.main, name)) {
      const values = property
        .slice(3)
        .map((value) => moved(readMoment([name, property[1], property[2], value], series.start.timeZone)));
      const [first] = values;
      if (!first) continue;
      const written = momentProperty(name, first);
      property[1] = written[1];
      property.splice(3, property.length, ...values.map((value) => momentProperty(name, value)[3]));
    }
  }
  for (const each of series.exceptions) {
    const at = moved(momentAt(each.atMs, series.start));
    setProperty(each.component, 'recurrence-id', momentProperty('recurrence-id', at));
  }
}

/** As much later by the clock as the series' beginning moved. */
function shifted(at: Moment, from: Moment, to: Moment): Moment {
  const wall = (moment: Moment) => Date.parse(moment.isAllDay ? moment.local : `${moment.local}Z`);
  const here = momentAt(at.instantMs, from);
  const local = new Date(wall(here) + wall(to) - wall(from)).toISOString();
  return to.isAllDay ? momentOfLocal(local.slice(0, 10), to) : momentOfLocal(local.slice(0, 19), to);
}

const momentOfLocal = (local: string, like: Moment): Moment =>
  readMoment(
    like.isAllDay ? ['x', {}, 'date', local] : ['x', { tzid: like.timeZone }, 'date-time', local],
    like.timeZone,
  );

function exclude(series: Series, atMs: number): void {
  const property = momentProperty('exdate', momentAt(atMs, series.start));
  series.main[1].push(property);
}

function dropExceptions(components: JComponent[], series: Series, which: (atMs: number) => boolean): void {
  for (const each of series.exceptions) {
    if (which(each.atMs)) components.splice(components.indexOf(each.component), 1);
  }
}

/** Ends a series before one of its times: UNTIL takes the place of what ended it (RFC 5545 §3.3.10). */
export function endingBefore(
  components: JComponent[],
  series: Series,
  atMs: number,
  now: Date,
): JComponent[] {
  if (series.rule !== null) {
    const parts = readRule(series.rule);
    parts.delete('COUNT');
    const last = new Date(atMs - (series.start.isAllDay ? 86_400_000 : 1000)).toISOString();
    parts.set(
      'UNTIL',
      series.start.isAllDay
        ? last.slice(0, 10).replaceAll('-', '')
        : `${last.slice(0, 19).replace(/[-:]/g, '')}Z`,
    );
    setProperty(series.main, 'rrule', ['rrule', {}, 'recur', ruleToJCal(writeRule(parts))]);
  }
  keepDates(series, (each) => each < atMs);
  dropExceptions(components, series, (each) => each >= atMs);
  touch(series.main, now);
  return components;
}

/** The rest of a series as one of its own, with its share of COUNT. */
export function startingAt(
  components: readonly JComponent[],
  old: Series,
  atMs: number,
  where: Pick<Where, 'newUid'>,
): JComponent[] {
  const following = copyOf(components) as JComponent[];
  const series = readSeries(following);
  const start = momentAt(atMs, series.start);
  setProperty(series.main, 'dtstart', momentProperty('dtstart', start));
  setProperty(series.main, 'duration', null);
  setProperty(series.main, 'dtend', momentProperty('dtend', momentAt(atMs + series.lengthMs, series.start)));
  if (old.rule !== null) {
    const parts = readRule(old.rule);
    const count = parts.get('COUNT');
    if (count !== undefined) {
      const before = expandSeries(
        { ...old, exceptions: [], added: [], removed: new Set() },
        old.start.instantMs,
        atMs,
      ).times.filter((each) => each.atMs < atMs).length;
      parts.set('COUNT', String(Math.max(1, Number(count) - before)));
    }
    setProperty(series.main, 'rrule', ['rrule', {}, 'recur', ruleToJCal(writeRule(parts))]);
  }
  keepDates(series, (each) => each >= atMs);
  dropExceptions(following, series, (each) => each < atMs);
  for (const component of following) {
    setProperty(component, 'uid', ['uid', {}, 'text', where.newUid]);
    setProperty(component, 'sequence', null);
  }
  const uid = propertyOf(old.main, 'uid');
  if (uid) series.main[1].push(['related-to', { reltype: 'SIBLING' }, 'text', uid[3]]);
  return following;
}

function keepDates(series: Series, which: (atMs: number) => boolean): void {
  for (const name of ['rdate', 'exdate']) {
    const kept: Moment[] = propertiesOf(series.main, name)
      .flatMap((property) =>
        property
          .slice(3)
          .map((value) => readMoment([name, property[1], property[2], value], series.start.timeZone)),
      )
      .filter(({ instantMs }) => which(instantMs));
    setProperty(series.main, name, null);
    for (const each of kept) series.main[1].push(momentProperty(name, each));
  }
}

/** Refuses what could be written and not be read again. */
function checked(components: JComponent[]): JComponent[] {
  readSeries(components);
  return components;
}
