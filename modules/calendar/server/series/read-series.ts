import { Problem } from '@liaison/core/contract';
import { type AppointmentFields, maxNote, maxPlace, maxTitle } from '../../contract/index.ts';
import { type JComponent, propertiesOf, propertyOf, textOf, tzidOf } from './component.ts';
import { limits, readRule, ruleFromJCal, writeRule } from './rule.ts';
import { lengthOf, type Moment, momentAt, momentFrom, readMoment, timesFrom } from './times.ts';

/** One of the series that is otherwise. */
export interface Exception {
  readonly component: JComponent;
  /** When the rule put it. */
  readonly atMs: number;
  readonly start: Moment;
  readonly lengthMs: number;
}

/** The VEVENTs of one UID, read and found within the limits. */
export interface Series {
  readonly main: JComponent;
  readonly start: Moment;
  readonly lengthMs: number;
  readonly rule: string | null;
  readonly added: readonly Moment[];
  readonly removed: ReadonlySet<number>;
  readonly exceptions: readonly Exception[];
}

/** Takes place more than once, or could. */
export const isSeries = ({ rule, added }: Pick<Series, 'rule' | 'added'>): boolean =>
  rule !== null || added.length > 0;

const refuse = (why: string): never => {
  throw new Problem(400, 'calendar-series', why);
};

function datesOf(component: JComponent, name: 'rdate' | 'exdate', floating: string): Moment[] {
  const found: Moment[] = [];
  for (const property of propertiesOf(component, name)) {
    // A PERIOD is taken by its start.
    for (const value of property.slice(3)) {
      const text = Array.isArray(value) ? String(value[0]) : String(value);
      if (found.length >= limits.dates) {
        refuse(`More than ${limits.dates} single days are added to or taken from this series.`);
      }
      found.push(momentFrom(text, tzidOf(property), floating));
    }
  }
  return found;
}

/**
 * @param floating the zone in which times without one are taken.
 * @throws Problem 400 that says what is wrong or too much.
 */
export function readSeries(components: readonly JComponent[], floating = 'UTC'): Series {
  const main = components.find((each) => !propertyOf(each, 'recurrence-id')) ?? components[0];
  if (!main) return refuse('There is nothing in this appointment.');
  if (components.length > limits.exceptions + 1)
    refuse(`More than ${limits.exceptions} of this series are changed.`);
  const begin = propertyOf(main, 'dtstart');
  if (!begin) return refuse('It does not say when it begins.');
  const start = readMoment(begin, floating);
  const rules = propertiesOf(main, 'rrule');
  // RFC 5545 §3.8.5.3: more than one rule is undefined.
  if (rules.length > 1) refuse('It repeats by more than one rule.');
  const rule = rules[0] ? writeRule(readRule(ruleFromJCal(rules[0][3]))) : null;
  const exceptions = components
    .filter((each) => each !== main)
    .map((component): Exception => {
      const at = propertyOf(component, 'recurrence-id');
      const own = propertyOf(component, 'dtstart');
      if (!at || !own) return refuse('One of the series does not say which it is.');
      const ownStart = readMoment(own, floating);
      return {
        component,
        atMs: readMoment(at, floating).instantMs,
        start: ownStart,
        lengthMs: lengthOf(component, ownStart, floating),
      };
    });
  return {
    main,
    start,
    lengthMs: lengthOf(main, start, floating),
    rule,
    added: datesOf(main, 'rdate', floating),
    removed: new Set(datesOf(main, 'exdate', floating).map(({ instantMs }) => instantMs)),
    exceptions,
  };
}

/** What people see of a component; texts that are too long are cut for them and stay whole where they are kept. */
export function fieldsOf(
  component: JComponent,
  start: Moment,
  lengthMs: number,
  rule: string | null,
): AppointmentFields {
  const line = (text: string, max: number) =>
    text
      .replace(/\p{Cc}+/gu, ' ')
      .trim()
      .slice(0, max);
  return {
    title: line(textOf(component, 'summary'), maxTitle),
    place: line(textOf(component, 'location'), maxPlace),
    note: textOf(component, 'description').slice(0, maxNote),
    times: timesFrom(start, lengthMs),
    rule,
  };
}

/** The fields of the whole series, or of one of them as it takes place. */
export function fieldsAt(series: Series, atMs: number | null): AppointmentFields {
  const exception = atMs === null ? undefined : series.exceptions.find((each) => each.atMs === atMs);
  if (exception) return fieldsOf(exception.component, exception.start, exception.lengthMs, series.rule);
  if (atMs === null || atMs === series.start.instantMs) {
    return fieldsOf(series.main, series.start, series.lengthMs, series.rule);
  }
  const fields = fieldsOf(series.main, series.start, series.lengthMs, series.rule);
  const start = momentAt(atMs, series.start);
  return { ...fields, times: timesFrom(start, series.lengthMs) };
}
