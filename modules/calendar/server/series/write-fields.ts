import type { AppointmentFields } from '../../contract/index.ts';
import { type JComponent, propertyOf, setProperty } from './component.ts';
import { ruleToJCal } from './rule.ts';
import { type Moment, momentProperty, momentsOf } from './times.ts';

const stampOf = (now: Date): string => `${now.toISOString().slice(0, 19)}Z`;

/** A component of a new appointment. */
export function newComponent(uid: string, fields: AppointmentFields, now: Date): JComponent {
  const component: JComponent = ['vevent', [['uid', {}, 'text', uid]], []];
  setProperty(component, 'created', ['created', {}, 'date-time', stampOf(now)]);
  writeFields(component, fields, now);
  return component;
}

/** Writes what changed and leaves all else as it was, also what is not known here. */
export function writeFields(component: JComponent, fields: Partial<AppointmentFields>, now: Date): void {
  const text = (name: string, value: string | undefined) => {
    if (value !== undefined) setProperty(component, name, value === '' ? null : [name, {}, 'text', value]);
  };
  text('summary', fields.title);
  text('location', fields.place);
  text('description', fields.note);
  if (fields.times) {
    const { start, end } = momentsOf(fields.times);
    writeTimes(component, start, end);
  }
  if (fields.rule !== undefined) {
    setProperty(
      component,
      'rrule',
      fields.rule === null ? null : ['rrule', {}, 'recur', ruleToJCal(fields.rule)],
    );
  }
  touch(component, now);
}

export function writeTimes(component: JComponent, start: Moment, end: Moment): void {
  setProperty(component, 'dtstart', momentProperty('dtstart', start));
  setProperty(component, 'duration', null);
  setProperty(component, 'dtend', momentProperty('dtend', end));
}

/** RFC 5545 §3.8.7.4: each change that matters raises SEQUENCE; DTSTAMP says when (§3.8.7.2). */
export function touch(component: JComponent, now: Date): void {
  const sequence = Number(propertyOf(component, 'sequence')?.[3] ?? -1);
  setProperty(component, 'sequence', ['sequence', {}, 'integer', sequence + 1]);
  setProperty(component, 'dtstamp', ['dtstamp', {}, 'date-time', stampOf(now)]);
  setProperty(component, 'last-modified', ['last-modified', {}, 'date-time', stampOf(now)]);
}
