import type { Answer, Participant } from '../../contract/index.ts';
import {
  copyOf,
  type JComponent,
  type JProperty,
  propertyOf,
  setProperty,
  tzidOf,
} from '../series/component.ts';
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
  return components.map((kept) => {
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
    if (people && people.participants.length > 0) component[1].push(...peopleProperties(people));
    component[2].push(...reminders.map(alarm));
    return component;
  });
}

function peopleProperties({ organiser, participants }: OutgoingPeople): JProperty[] {
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
        partstat: statuses[each.answer],
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
