import { Temporal } from 'temporal-polyfill';
import type { JComponent, JProperty } from '../series/component.ts';

/** How far ahead it is looked whether clocks change by one rule. */
const yearsAhead = 5;
const maxTransitions = 600;

interface Transition {
  /** The clock before it changes: what DTSTART and RDATE are written in (RFC 5545 §3.6.5). */
  readonly local: Temporal.PlainDateTime;
  readonly from: string;
  readonly to: string;
  readonly isDaylight: boolean;
}

const cached = new Map<string, JComponent>();

/**
 * A zone's clocks from a year on, for programs that do not know the zone by its name: one part for each change of clocks, with the
 * rule of today where there is one. Null for UTC.
 */
export function timeZoneComponent(timeZone: string, fromYear: number, now: Date): JComponent | null {
  if (timeZone === 'UTC') return null;
  const first = Math.max(1970, Math.min(fromYear, now.getUTCFullYear()));
  const key = `${timeZone} ${first} ${now.getUTCFullYear()}`;
  const there = cached.get(key);
  if (there) return there;
  const begin = Temporal.PlainDateTime.from({ year: first, month: 1, day: 1 }).toZonedDateTime(timeZone);
  const transitions = transitionsFrom(begin, now.getUTCFullYear() + yearsAhead);
  const standard = part('standard', begin.toPlainDateTime(), begin.offset, begin.offset, []);
  const component: JComponent = ['vtimezone', [['tzid', {}, 'text', timeZone]], [standard]];
  const kinds = new Map<string, Transition[]>();
  for (const each of transitions) {
    const kind = `${each.from} ${each.to} ${each.isDaylight}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), each]);
  }
  for (const same of kinds.values()) component[2].push(...partsOf(same, now.getUTCFullYear()));
  if (cached.size > 300) cached.clear();
  cached.set(key, component);
  return component;
}

function transitionsFrom(begin: Temporal.ZonedDateTime, lastYear: number): Transition[] {
  const found: Transition[] = [];
  let before = begin;
  while (found.length < maxTransitions) {
    const next = before.getTimeZoneTransition('next');
    if (!next || next.year > lastYear) break;
    const offset = next.subtract({ seconds: 1 }).offsetNanoseconds;
    if (offset !== next.offsetNanoseconds) {
      found.push({
        local: next.toInstant().toZonedDateTimeISO('UTC').add({ nanoseconds: offset }).toPlainDateTime(),
        from: next.subtract({ seconds: 1 }).offset,
        to: next.offset,
        isDaylight: next.offsetNanoseconds > offset,
      });
    }
    before = next;
  }
  return found;
}

/** Those of one kind: what goes on by a rule as that, what was before by its days. */
function partsOf(same: readonly Transition[], thisYear: number): JComponent[] {
  const [first] = same;
  if (!first) return [];
  const name = first.isDaylight ? 'daylight' : 'standard';
  let from = same.length;
  let byDay: string | null = null;
  for (const pick of [lastInMonth, nthInMonth]) {
    let at = same.length - 1;
    const [last] = same.slice(-1) as [Transition];
    while (
      at > 0 &&
      isSameRule(same[at - 1]!, last, pick) &&
      same[at - 1]!.local.year === same[at]!.local.year - 1
    ) {
      at -= 1;
    }
    // A rule of today holds until the end of what is looked at.
    if (last.local.year === thisYear + yearsAhead && same.length - at > yearsAhead && at < from) {
      from = at;
      byDay = pick(last.local);
    }
  }
  const parts: JComponent[] = [];
  const days = same.slice(0, from);
  if (days[0]) parts.push(part(name, days[0].local, days[0].from, days[0].to, days.slice(1).map(rdate)));
  const ruled = same[from];
  if (ruled && byDay !== null) {
    const rule: JProperty = ['rrule', {}, 'recur', `FREQ=YEARLY;BYMONTH=${ruled.local.month};BYDAY=${byDay}`];
    parts.push(part(name, ruled.local, ruled.from, ruled.to, [rule]));
  }
  return parts;
}

const weekDays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const nthInMonth = (at: Temporal.PlainDateTime): string =>
  `${Math.ceil(at.day / 7)}${weekDays[at.dayOfWeek - 1]}`;
const lastInMonth = (at: Temporal.PlainDateTime): string | null =>
  at.day + 7 > at.daysInMonth ? `-1${weekDays[at.dayOfWeek - 1]}` : null;

const isSameRule = (
  one: Transition,
  other: Transition,
  pick: (at: Temporal.PlainDateTime) => string | null,
): boolean =>
  one.local.month === other.local.month &&
  one.local.toPlainTime().equals(other.local.toPlainTime()) &&
  pick(one.local) !== null &&
  pick(one.local) === pick(other.local);

const localText = (at: Temporal.PlainDateTime): string => at.toString({ smallestUnit: 'second' });
const rdate = ({ local }: Transition): JProperty => ['rdate', {}, 'date-time', localText(local)];

function part(
  name: 'standard' | 'daylight',
  start: Temporal.PlainDateTime,
  from: string,
  to: string,
  more: readonly JProperty[],
): JComponent {
  return [
    name,
    [
      ['dtstart', {}, 'date-time', localText(start)],
      ['tzoffsetfrom', {}, 'utc-offset', from],
      ['tzoffsetto', {}, 'utc-offset', to],
      ...more,
    ],
    [],
  ];
}
