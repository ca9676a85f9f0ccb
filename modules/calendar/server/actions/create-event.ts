import { conflict, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { AppointmentFields, Invitee, Mine } from '../../contract/index.ts';
import { calendarFor } from '../access.ts';
import { newComponent } from '../series/write-fields.ts';
import { planOf, writeEvent } from '../stored.ts';
import { invite } from './invite.ts';
import type { Needs } from './needs.ts';

/** Writes an appointment into a calendar and asks those who are invited. Answers its id. */
export async function createEvent(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  calendarId: string,
  { fields, mine, invitees }: { fields: AppointmentFields; mine: Mine; invitees: readonly Invitee[] },
): Promise<string> {
  const calendar = await calendarFor(tx, needs.spaces, actor, calendarId, 'write');
  if (calendar.kind === 'room' || calendar.kind === 'equipment') {
    throw conflict('calendar-thing', 'A room or thing is booked by inviting it to an appointment.');
  }
  const id = needs.nextId();
  const uid = `${id}@liaison`;
  const components = [newComponent(uid, fields, needs.now())];
  await writeEvent(
    tx,
    {
      id,
      calendarId,
      uid,
      meetingId: id,
      organiserId: actor.personId,
      components,
      isBusy: mine.isBusy,
      reminders: mine.reminders,
      colour: mine.colour,
    },
    planOf(components, needs.now()),
  );
  await invite(
    tx,
    needs,
    actor,
    { meetingId: id, calendarId, spaceId: calendar.spaceId, isPersonal: calendar.kind === 'personal' },
    invitees,
    { isAskedAgain: false },
  );
  return id;
}
