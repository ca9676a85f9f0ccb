import { createHash } from 'node:crypto';
import { Problem } from '@liaison/core/contract';
import { Temporal } from 'temporal-polyfill';
import { type ImportFault, maxImportDates, maxReminderMinutes, maxReminders } from '../../contract/index.ts';
import type { OwnZones } from '../ical/own-zones.ts';
import type { FoundComponent } from '../ical/read-ical.ts';
import {
  copyOf,
  type JComponent,
  type JProperty,
  propertiesOf,
  propertyOf,
  setProperty,
  textOf,
  tzidOf,
} from '../series/component.ts';
import { divideSeries } from '../series/divide-series.ts';
import { readSeries } from '../series/read-series.ts';
import { readMoment } from '../series/times.ts';
import type { Group } from './gather.ts';

/** An appointment of a file as it would be kept. */
export interface TakenAppointment {
  readonly line: number;
  readonly uid: string;
  readonly components: JComponent[];
  readonly isBusy: boolean;
  readonly reminders: readonly number[];
  /** What could not be taken as it stands there. */
  readonly remarks: readonly ImportFault[];
  /** The series that go on from where the file changes one time and all that follow (RFC 5545 §3.2.13). */
  readonly following: readonly TakenAppointment[];
}

/** So often a series may be otherwise from there on. */
const maxRanges = 20;

class Refused extends Error {
  readonly fault: ImportFault;
  constructor(line: number, code: ImportFault['code'], detail: string) {
    super(detail);
    this.fault = { line, code, detail };
  }
}

const timed = ['dtstart', 'dtend', 'recurrence-id', 'exdate', 'rdate'];

/**
 * Reads what the VEVENTs of one UID mean together: which is the series and which are its exceptions, in which zones of the IANA their times
 * are, what is one's own of them. All else is kept as it came.
 *
 * @param floating the zone of times without one (RFC 5545 §3.3.5).
 */
export function takeGroup(group: Group, zones: OwnZones, floating: string): TakenAppointment | ImportFault {
  const line = group.found[0]?.line ?? 1;
  try {
    return take(group, zones, floating, line);
  } catch (error) {
    if (error instanceof Refused) return error.fault;
    if (error instanceof Problem) return { line, code: 'invalid', detail: error.detail ?? error.message };
    throw error;
  }
}

function take(group: Group, zones: OwnZones, floating: string, line: number): TakenAppointment {
  const remarks: ImportFault[] = [];
  const chosen = choose(group.found, remarks);
  const components = chosen.map(({ component }) => copyOf(component));
  for (const [at, component] of components.entries()) {
    const found = chosen[at] as FoundComponent;
    const lineOf = (name: string, index: number): number => {
      const before = propertiesOf(found.component, name)[index];
      return (before && found.lines.get(before)) ?? found.line;
    };
    for (const name of timed) {
      for (const [index, property] of propertiesOf(component, name).entries()) {
        placeInZone(property, zones, floating, lineOf(name, index));
      }
    }
    const dates = [...propertiesOf(component, 'exdate'), ...propertiesOf(component, 'rdate')];
    if (dates.reduce((sum, property) => sum + property.length - 3, 0) > maxImportDates) {
      throw new Refused(
        lineOf(dates[0]?.[0] ?? 'exdate', 0),
        'dates',
        `more than ${maxImportDates} single days are taken out or added`,
      );
    }
    if (propertyOf(component, 'exrule')) {
      // RFC 5545 Appendix A.2: EXRULE is gone.
      remarks.push({ line: lineOf('exrule', 0), code: 'part', detail: 'EXRULE' });
    }
  }
  const uid = uidOf(group, components);
  for (const component of components) setProperty(component, 'uid', ['uid', {}, 'text', uid]);
  const [first, ...others] = divide(components, uid, line, remarks).map((each) =>
    takeOne(each, line, remarks),
  );
  if (!first) throw new Refused(line, 'cancelled', 'STATUS:CANCELLED');
  return { ...first, remarks, following: others };
}

/** What is of one UID once nothing is changed from one time on any more. */
function takeOne(components: JComponent[], line: number, remarks: ImportFault[]): TakenAppointment {
  const [main] = components as [JComponent, ...JComponent[]];
  const isBusy = textOf(main, 'transp').toUpperCase() !== 'TRANSPARENT';
  const reminders = takeReminders(main, line, remarks);
  for (const component of components) {
    setProperty(component, 'transp', null);
    if (component !== main) takeReminders(component, line, []);
  }
  readSeries(components);
  return { line, uid: textOf(main, 'uid'), components, isBusy, reminders, remarks: [], following: [] };
}

const isRange = (component: JComponent): boolean =>
  String(propertyOf(component, 'recurrence-id')?.[1].range ?? '').toUpperCase() === 'THISANDFUTURE';

/** The series of a file, one after the other: each ends where the next begins. */
function divide(components: JComponent[], uid: string, line: number, remarks: ImportFault[]): JComponent[][] {
  const named = (series: JComponent[], name: string): JComponent[] => {
    for (const each of series) setProperty(each, 'uid', ['uid', {}, 'text', name]);
    return series;
  };
  const atOf = (component: JComponent): number =>
    readMoment(propertyOf(component, 'recurrence-id') as JProperty, 'UTC').instantMs;
  // From the last to the first: each names its time as the rule had it before all of them.
  const ranges = components.filter(isRange).sort((a, b) => atOf(b) - atOf(a));
  let head = components.filter((each) => !isRange(each));
  const found: JComponent[][] = [];
  for (const [index, change] of ranges.entries()) {
    // By its own series' name and the time, so that the same file names it the same again.
    const newUid = `${digest(`${uid} ${new Date(atOf(change)).toISOString()}`)}@liaison-import`;
    const divided = index < maxRanges ? divideSeries(head, change, newUid) : null;
    if (!divided) {
      const { range: _, ...params } = propertyOf(change, 'recurrence-id')?.[1] ?? {};
      (propertyOf(change, 'recurrence-id') as JProperty)[1] = params;
      head = [...head, change];
      remarks.push({ line, code: 'part', detail: 'RANGE=THISANDFUTURE' });
      continue;
    }
    if (divided.following) found.unshift(divided.following);
    if (!divided.kept) return found.map((each, at) => (at === 0 ? named(each, uid) : each));
    head = divided.kept;
  }
  return [head, ...found];
}

/** The series first and each exception once; of two the later (RFC 5546 §2.1.5). */
function choose(found: readonly FoundComponent[], remarks: ImportFault[]): FoundComponent[] {
  const byTime = new Map<string, FoundComponent>();
  for (const each of found) {
    const at = propertyOf(each.component, 'recurrence-id');
    const key = at ? `${tzidOf(at) ?? ''} ${String(at[3])} ${isRange(each.component)}` : '';
    const there = byTime.get(key);
    if (!there) {
      byTime.set(key, each);
      continue;
    }
    const isLater = compareVersions(each.component, there.component) >= 0;
    if (isLater) byTime.set(key, each);
    remarks.push({
      line: (isLater ? there : each).line,
      code: 'duplicate',
      detail: 'its UID is there twice',
    });
  }
  const main = byTime.get('');
  byTime.delete('');
  if (main) return [main, ...byTime.values()];
  // Of a series whose beginning is elsewhere one time can be kept as an appointment of its own.
  const [alone, ...others] = byTime.values();
  for (const { line } of others) {
    remarks.push({ line, code: 'part', detail: 'its series is not in the file' });
  }
  if (!alone) return [];
  const component = copyOf(alone.component);
  setProperty(component, 'recurrence-id', null);
  return [{ ...alone, component }];
}

/** Positive where the first is the later one. */
export function compareVersions(one: JComponent, other: JComponent): number {
  const sequence = (component: JComponent): number =>
    Number(propertyOf(component, 'sequence')?.[3] ?? 0) || 0;
  const stamp = (component: JComponent): number =>
    Date.parse(textOf(component, 'last-modified') || textOf(component, 'dtstamp')) || 0;
  return sequence(one) - sequence(other) || stamp(one) - stamp(other);
}

/** Writes a time with the IANA's name of its zone. */
function placeInZone(property: JProperty, zones: OwnZones, floating: string, line: number): void {
  const { tzid: _, ...rest } = property[1];
  if (property[2] === 'date') {
    property[1] = rest;
    return;
  }
  const tzid = tzidOf(property);
  const values = property.slice(3).map((each) => String(Array.isArray(each) ? each[0] : each));
  if (values.every((each) => each.endsWith('Z'))) {
    property[1] = rest;
    return;
  }
  const zone = tzid === null ? floating : zones.find(tzid);
  if (zone === null) throw new Refused(line, 'zone', `TZID ${(tzid ?? '').slice(0, 80)}`);
  property[1] = { ...rest, tzid: zone };
}

/** Takes out reminders that are ours to give, and leaves those that only other programs understand. */
function takeReminders(component: JComponent, line: number, remarks: ImportFault[]): number[] {
  const minutes = new Set<number>();
  component[2] = component[2].filter((alarm) => {
    if (alarm[0] !== 'valarm') return true;
    const before = minutesBefore(alarm);
    if (before === null || (minutes.size >= maxReminders && !minutes.has(before))) {
      remarks.push({ line, code: 'reminder', detail: textOf(alarm, 'action') || 'VALARM' });
      return true;
    }
    minutes.add(before);
    return false;
  });
  return [...minutes].sort((a, b) => a - b);
}

function minutesBefore(alarm: JComponent): number | null {
  const trigger = propertyOf(alarm, 'trigger');
  // RFC 5545 §3.8.6.3: before the beginning unless it says the end.
  if (trigger?.[2] !== 'duration' || trigger[1].related === 'END') return null;
  if (!/^(?:DISPLAY|AUDIO)$/i.test(textOf(alarm, 'action'))) return null;
  try {
    const { days, weeks, hours, minutes, seconds } = Temporal.Duration.from(String(trigger[3]));
    const total = ((weeks * 7 + days) * 24 + hours) * 60 + minutes + Math.floor(seconds / 60);
    return total <= 0 && -total <= maxReminderMinutes ? -total || 0 : null;
  } catch {
    return null;
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** Without a UID it is known by what is in it, so that the same file brings the same once. */
function uidOf({ uid, found }: Group, components: readonly JComponent[]): string {
  if (uid === null) {
    const [main] = components;
    const said = ['dtstart', 'dtend', 'duration', 'summary', 'location', 'rrule'].map((name) =>
      propertyOf(main!, name),
    );
    return `${digest(JSON.stringify(said))}@liaison-import`;
  }
  if (uid.length <= 400) return uid;
  throw new Refused(found[0]?.line ?? 1, 'too-large', 'a UID of more than 400 letters');
}
