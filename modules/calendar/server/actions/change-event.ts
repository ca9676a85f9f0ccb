import { conflict, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Answer, AppointmentFields, Invitee, Scope } from '../../contract/index.ts';
import { calendarFor, type EventAccess, eventFor } from '../access.ts';
import { askTimeAgain, carryTimeAnswers, dropTimeAnswers, forgetTimeAnswers } from '../answers-of-times.ts';
import { changeSeries } from '../series/change-series.ts';
import type { JComponent } from '../series/component.ts';
import { isSeries, readSeries } from '../series/read-series.ts';
import { planOf, writeEvent } from '../stored.ts';
import { invite } from './invite.ts';
import { type Needs, tellChanged } from './needs.ts';

export interface Change {
  readonly scope: Scope;
  readonly at: string | null;
  readonly version: number;
  readonly fields: Partial<AppointmentFields>;
  readonly invitees?: readonly Invitee[] | undefined;
  readonly calendarId?: string | undefined;
}

export const notOrganiser = () =>
  conflict('calendar-not-organiser', 'Only who invited can change this appointment for everybody.');

/** Changes one, those that follow, or all. Answers the appointment in which the change lies. */
export async function changeEvent(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  eventId: string,
  change: Change,
): Promise<string> {
  const event = await eventFor(tx, needs.spaces, actor, eventId, 'write', { forChange: true });
  if (event.meetingId !== event.id) throw notOrganiser();
  if (event.version !== change.version) {
    throw conflict('calendar-changed-meanwhile', 'Somebody else changed this appointment meanwhile.');
  }
  const now = needs.now();
  const newId = needs.nextId();
  const { kept, following } = changeSeries(event.components, change.fields, {
    scope: change.scope,
    atMs: change.at === null ? null : Date.parse(change.at),
    now,
    newUid: `${newId}@liaison`,
  });
  const isChanged = matters(event.components, following ?? kept ?? [], change);
  // Another hour of one time asks for that one again: what was said to the rest of the series stays.
  const oneAt =
    change.scope === 'one' && change.at !== null && isSeries(readSeries(event.components))
      ? new Date(change.at)
      : null;
  const isAskedAgain = isChanged && oneAt === null;
  const to =
    change.calendarId !== undefined && change.calendarId !== event.calendarId && change.scope === 'all'
      ? await calendarFor(tx, needs.spaces, actor, change.calendarId, 'write')
      : null;
  if (to && (to.kind === 'room' || to.kind === 'equipment')) {
    throw conflict('calendar-thing', 'A room or thing is booked by inviting it to an appointment.');
  }
  const place = {
    meetingId: event.id,
    calendarId: to?.id ?? event.calendarId,
    spaceId: to?.spaceId ?? event.spaceId,
    isPersonal: (to?.kind ?? event.kind) === 'personal',
  };
  if (kept) await rewrite(tx, needs, event, kept, event.id, place.calendarId);
  if (to) {
    tellChanged(tx, needs, [{ spaceId: event.spaceId, calendarId: event.calendarId, eventId: event.id }]);
  }
  if (!following) {
    if (isAskedAgain) await forgetTimeAnswers(tx, event.id);
    if (isChanged && oneAt) await askTimeAgain(tx, event.id, oneAt, actor.personId);
    await invite(tx, needs, actor, place, change.invitees, {
      isAskedAgain,
      ...(isChanged && oneAt ? { askedAgainAt: oneAt } : {}),
    });
    return event.id;
  }
  await invite(tx, needs, actor, place, undefined, { isAskedAgain: false });
  await rewrite(tx, needs, event, following, newId, place.calendarId);
  const { invitees, answers } = await invitedTo(tx, event.id);
  await invite(tx, needs, actor, { ...place, meetingId: newId }, change.invitees ?? invitees, {
    isAskedAgain: false,
    ...(isAskedAgain ? {} : { before: answers }),
  });
  const from = new Date(change.at ?? 0);
  if (!isAskedAgain) await carryTimeAnswers(tx, event.id, newId, from);
  await dropTimeAnswers(tx, event.id, { from, to: null });
  return newId;
}

async function rewrite(
  tx: Tx,
  needs: Needs,
  event: EventAccess,
  components: readonly JComponent[],
  id: string,
  calendarId: string,
): Promise<void> {
  const uid = id === event.id ? event.uid : `${id}@liaison`;
  await writeEvent(
    tx,
    {
      id,
      calendarId,
      uid,
      meetingId: id,
      organiserId: event.organiserId,
      components,
      isBusy: event.isBusy,
      reminders: event.reminders,
      colour: event.colour,
    },
    planOf(components, needs.now()),
  );
}

/** When it takes place is what people said yes to: another title or note asks nobody again. */
function matters(before: readonly JComponent[], after: readonly JComponent[], change: Change): boolean {
  if (!change.fields.times && change.fields.rule === undefined) return false;
  if (change.scope !== 'all') return change.fields.times !== undefined;
  const key = (components: readonly JComponent[]) => {
    const { start, lengthMs, rule } = readSeries(components);
    return JSON.stringify([start, lengthMs, rule]);
  };
  return key(before) !== key(after);
}

async function invitedTo(
  tx: Tx,
  meetingId: string,
): Promise<{ invitees: Invitee[]; answers: Map<string, Answer> }> {
  const rows = await tx.query<{
    key: string;
    kind: 'person' | 'address' | 'resource';
    person_id: string;
    address: string;
    calendar_id: string;
    answer: Answer;
  }>(
    'select key, kind, person_id, address, calendar_id, answer from calendar.participant where meeting_id = $1',
    [meetingId],
  );
  return {
    invitees: rows.map((row): Invitee => {
      if (row.kind === 'person') return { kind: 'person', personId: row.person_id };
      if (row.kind === 'address') return { kind: 'address', address: row.address };
      return { kind: 'resource', calendarId: row.calendar_id };
    }),
    answers: new Map(rows.map(({ key, answer }) => [key, answer])),
  };
}
