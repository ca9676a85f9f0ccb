import type { Audit } from '@liaison/core/audit';
import type { Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import type { Spaces } from '@liaison/core/spaces';
import { appointmentsChanged } from '../../contract/index.ts';

/** What actions need of the floor. */
export interface Needs {
  readonly emit: Emit;
  readonly spaces: Spaces;
  readonly audit: Audit;
  readonly site: number;
  nextId(): string;
  now(): Date;
}

/** Tells pages that something in calendars is not as it was; each calendar once. */
export function tellChanged(
  tx: Tx,
  { emit }: Pick<Needs, 'emit'>,
  changed: readonly { readonly spaceId: string; readonly calendarId: string; readonly eventId?: string }[],
): void {
  const byCalendar = new Map<string, { spaceId: string; eventIds: string[] }>();
  for (const { spaceId, calendarId, eventId } of changed) {
    const found = byCalendar.get(calendarId) ?? { spaceId, eventIds: [] };
    if (eventId !== undefined) found.eventIds.push(eventId);
    byCalendar.set(calendarId, found);
  }
  for (const [calendarId, { spaceId, eventIds }] of byCalendar) {
    // Without ids it is the calendar itself.
    for (let from = 0; from === 0 || from < eventIds.length; from += 500) {
      emit(tx, appointmentsChanged, { spaceId, calendarId, eventIds: eventIds.slice(from, from + 500) });
    }
  }
}
