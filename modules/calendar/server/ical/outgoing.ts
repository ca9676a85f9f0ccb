import { Problem } from '@liaison/core/contract';
import type { Answer, Participant } from '../../contract/index.ts';
import { timeAlone } from '../series/change-series.ts';
import {
  copyOf,
  type JComponent,
  type JProperty,
  propertyOf,
  setProperty,
  tzidOf,
} from '../series/component.ts';
import { expandSeries } from '../series/expand.ts';
import { readSeries, type Series } from '../series/read-series.ts';
import { limits } from '../series/rule.ts';
import { readMoment } from '../series/times.ts';
import { timeZoneComponent } from './time-zone-component.ts';
import { writeComponent } from './write-ical.ts';

/** An appointment on its way out: what is kept of it, and what is its owner's own. */
export interface OutgoingEvent {
  readonly components: readonly JComponent[];
  readonly isBusy: boolean;
  readonly reminders: readonly number[];
}

/** Who has something to do with it, with addresses as programs know them. */
export interface OutgoingPeople {
  readonly organiser: { readonly name: string; readonly address: string } | null;
  readonly participants: readonly (Pick<Participant, 'kind' | 'answer' | 'calendarId'> & {
    readonly name: string;
    readonly address: string | null;
    /** To single times of a series. */
    readonly otherwise: readonly { readonly atMs: number; readonly answer: Answer }[];
  })[];
}

/** RFC 5545 §3.2.12. */
const statuses: Readonly<Record<Answer, string>> = {
  none: 'NEEDS-ACTION',
  yes: 'ACCEPTED',
  no: 'DECLINED',
  maybe: 'TENTATIVE',
};

/**
 * The VEVENTs of an appointment as others read them.
 *
 * @param people null: nothing is said of anybody, neither of those of a file that it came from.
 */
export function outgoingComponents(
  { components, isBusy, reminders }: OutgoingEvent,
  people: OutgoingPeople | null,
): JComponent[] {
  return [...components, ...answeredAlone(components, people)].map((kept) => {
    const component = copyOf(kept);
    setProperty(component, 'transp', ['transp', {}, 'text', isBusy ? 'OPAQUE' : 'TRANSPARENT']);
    // RFC 5545 §3.6.1: it is required, and what came without it was written then.
    if (!propertyOf(component, 'dtstamp')) {
      const stamp = propertyOf(component, 'created')?.[3] ?? '1970-01-01T00:00:00Z';
      setProperty(component, 'dtstamp', ['dtstamp', {}, 'date-time', stamp]);
    }
    if (people === null || people.participants.length > 0) {
      for (const name of ['organizer', 'attendee', 'contact']) {
        component[1] = component[1].filter((each) => each[0] !== name);
      }
    }
    if (people && people.participants.length > 0)
      component[1].push(...peopleProperties(people, atOf(component)));
    component[2].push(...reminders.map(alarm));
    return component;
  });
}

const atOf = (component: JComponent): number | null => {
  const at = propertyOf(component, 'recurrence-id');
  return at ? readMoment(at, 'UTC').instantMs : null;
};

/** Times of a series that somebody answered otherwise, and that are as the series in all else (RFC 5546 §3.2.3). */
function answeredAlone(components: readonly JComponent[], people: OutgoingPeople | null): JComponent[] {
  const ats = people?.participants.flatMap(({ otherwise }) => otherwise.map(({ atMs }) => atMs)) ?? [];
  if (ats.length === 0) return [];
  const series = readSeries(components);
  const changed = new Set(series.exceptions.map(({ atMs }) => atMs));
  return timesAmong(series, [...new Set(ats)])
    .filter((atMs) => !changed.has(atMs))
    .slice(0, Math.max(0, limits.exceptions - changed.size))
    .map((atMs) => timeAlone(series, atMs));
}

/** Those at which the series takes place, in order; none where it is too far to be followed. */
function timesAmong(series: Series, ats: readonly number[]): number[] {
  try {
    const from = ats.reduce((least, each) => Math.min(least, each));
    const to = ats.reduce((most, each) => Math.max(most, each)) + 1;
    const there = new Set(
      expandSeries({ ...series, exceptions: [] }, from, to).times.map(({ atMs }) => atMs),
    );
    return ats.filter((atMs) => there.has(atMs)).sort((a, b) => a - b);
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}

function peopleProperties({ organiser, participants }: OutgoingPeople, atMs: number | null): JProperty[] {
  const found: JProperty[] = [];
  if (organiser)
    found.push(['organizer', { cn: organiser.name }, 'cal-address', `mailto:${organiser.address}`]);
  for (const each of participants) {
    const isThing = each.kind === 'resource';
    const address = isThing ? `urn:uuid:${each.calendarId}` : each.address ? `mailto:${each.address}` : null;
    if (address === null) continue;
    found.push([
      'attendee',
      {
        ...(each.name === '' ? {} : { cn: each.name }),
        ...(isThing ? { cutype: 'RESOURCE' } : {}),
        partstat: statuses[each.otherwise.find((one) => one.atMs === atMs)?.answer ?? each.answer],
      },
      'cal-address',
      address,
    ]);
  }
  return found;
}

const alarm = (minutes: number): JComponent => [
  'valarm',
  [
    ['action', {}, 'text', 'DISPLAY'],
    ['description', {}, 'text', '-'],
    ['trigger', {}, 'duration', minutes === 0 ? 'PT0S' : `-PT${minutes}M`],
  ],
  [],
];

/** Writes components, each zone before the first that needs it. */
export class CalendarWriter {
  readonly #written = new Set<string>();
  readonly #fromYear: number;
  readonly #now: Date;

  constructor(fromYear: number, now: Date) {
    this.#fromYear = fromYear;
    this.#now = now;
  }

  write(components: readonly JComponent[]): string {
    const zones = new Set(components.flatMap(([, properties]) => properties.map(tzidOf)));
    return [
      ...[...zones].map((zone) => {
        if (zone === null || this.#written.has(zone)) return '';
        this.#written.add(zone);
        // What is kept has names that are known; one that is not any more stays a name.
        const component = known(() => timeZoneComponent(zone, this.#fromYear, this.#now));
        return component ? writeComponent(component) : '';
      }),
      ...components.map(writeComponent),
    ].join('');
  }
}

function known<Found>(find: () => Found): Found | null {
  try {
    return find();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
