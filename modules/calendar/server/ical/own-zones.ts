import { type JComponent, propertiesOf, textOf } from '../series/component.ts';
import { ianaZoneOf } from '../series/zones.ts';

/**
 * The IANA zones that a file's own time zones mean, by TZID. A name of the IANA's counts whatever the file says about its clocks; a zone of
 * another name by what it says it was made of, or where its clock never changes, by its distance from UTC. Rules are never followed.
 */
export class OwnZones {
  readonly #zones = new Map<string, string | null>();

  add(component: JComponent): void {
    const tzid = textOf(component, 'tzid');
    if (tzid === '' || this.#zones.size >= 1000) return;
    this.#zones.set(tzid, ianaZoneOf(tzid) ?? ianaZoneOf(otherName(component)) ?? fixedZoneOf(component));
  }

  /** Null for a zone that nobody knows. */
  find(tzid: string): string | null {
    return this.#zones.get(tzid) ?? ianaZoneOf(tzid);
  }
}

const otherName = (component: JComponent): string => {
  const value = component[1].find(([name]) => name === 'x-lic-location')?.[3];
  return typeof value === 'string' ? value : '';
};

function fixedZoneOf(component: JComponent): string | null {
  const offsets = new Set(
    component[2].flatMap((each) => propertiesOf(each, 'tzoffsetto').map((property) => String(property[3]))),
  );
  const [only] = offsets;
  const found = offsets.size === 1 && only !== undefined ? /^([+-])(\d\d):?00(?::?00)?$/.exec(only) : null;
  if (!found) return null;
  const hours = Number(found[2]);
  // Zones of the IANA are called by what must be added to come to UTC.
  if (hours === 0) return 'UTC';
  return hours <= 14 ? ianaZoneOf(`Etc/GMT${found[1] === '+' ? '-' : '+'}${hours}`) : null;
}
