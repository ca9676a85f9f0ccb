import { setImmediate } from 'node:timers/promises';
import { Problem } from '@liaison/core/contract';
import { type ImportFault, maxImportComponents } from '../../contract/index.ts';
import { OwnZones } from '../ical/own-zones.ts';
import { type FoundComponent, readIcal } from '../ical/read-ical.ts';
import { propertyOf } from '../series/component.ts';

/** The VEVENTs of one UID, wherever they stand in the file. */
export interface Group {
  /** Null where the file gives none. */
  readonly uid: string | null;
  readonly found: FoundComponent[];
}

export interface Gathered {
  readonly name: string;
  /** In the order in which each is met first. */
  readonly groups: readonly Group[];
  readonly zones: OwnZones;
  /** What is wrong about the file itself, or is no appointment. */
  readonly faults: ImportFault[];
  readonly faultCount: number;
}

const shownFaults = 100;

/**
 * Finds what belongs together in a file. The process goes on with other work between.
 *
 * @throws Problem 413 `calendar-file-many`.
 */
export async function gather(bytes: Buffer): Promise<Gathered> {
  const groups: Group[] = [];
  const byUid = new Map<string, Group>();
  const zones = new OwnZones();
  const faults: ImportFault[] = [];
  let faultCount = 0;
  let name = '';
  let components = 0;
  let items = 0;
  const refuse = (line: number, code: ImportFault['code'], detail: string): void => {
    faultCount += 1;
    if (faults.length < shownFaults) faults.push({ line, code, detail });
  };
  for (const item of readIcal(bytes)) {
    items += 1;
    if (items % 100 === 0) await setImmediate();
    if (item.kind === 'fault') {
      refuse(item.fault.line, item.fault.code, item.fault.detail);
      continue;
    }
    if (item.kind === 'name') {
      name ||= item.name;
      continue;
    }
    components += 1;
    if (components > maxImportComponents) {
      throw new Problem(
        413,
        'calendar-file-many',
        `There are more than ${maxImportComponents} components in it, from line ${item.line} on; divide it.`,
      );
    }
    const kind = item.component[0];
    if (kind === 'vtimezone') zones.add(item.component);
    else if (kind !== 'vevent') refuse(item.line, 'kind', kind.toUpperCase().slice(0, 50));
    else if (item.method === 'CANCEL') refuse(item.line, 'cancelled', 'METHOD:CANCEL');
    else {
      const given = propertyOf(item.component, 'uid')?.[3];
      const uid = typeof given === 'string' && given.trim() !== '' ? given.trim() : null;
      const group = uid === null ? undefined : byUid.get(uid);
      if (group) group.found.push(item);
      else {
        const fresh: Group = { uid, found: [item] };
        groups.push(fresh);
        if (uid !== null) byUid.set(uid, fresh);
      }
    }
  }
  return { name, groups, zones, faults, faultCount };
}
