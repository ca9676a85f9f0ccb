import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Scope } from '../../contract/index.ts';
import { type EventAccess, eventFor } from '../access.ts';
import { dropTimeAnswers } from '../answers-of-times.ts';
import { removeFromSeries } from '../series/change-series.ts';
import { planOf, writeEvent } from '../stored.ts';
import { notOrganiser } from './change-event.ts';
import { invite, withdraw } from './invite.ts';
import { type Needs, tellChanged } from './needs.ts';
import { tellCancelled } from './tell-cancelled.ts';

/** Takes one away, those that follow, or all; who was invited loses it as well and is told. */
export async function deleteEvent(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  eventId: string,
  { scope, at }: { scope: Scope; at: string | null },
): Promise<void> {
  const event = await eventFor(tx, needs.spaces, actor, eventId, 'write', { forChange: true });
  if (event.meetingId !== event.id) throw notOrganiser();
  const { kept } = removeFromSeries(event.components, {
    scope,
    atMs: at === null ? null : Date.parse(at),
    now: needs.now(),
    newUid: '',
  });
  if (!kept) {
    await forgetMeeting(tx, needs, actor, event);
    return;
  }
  const from = new Date(at ?? 0);
  const times = { from, to: scope === 'one' ? from : null };
  const copies = await tx.query<{ id: string }>(
    'select id from calendar.event where meeting_id = $1 and id <> $1',
    [event.id],
  );
  await tellCancelled(
    tx,
    needs,
    copies.map(({ id }) => id),
    actor.personId,
    times,
  );
  await writeEvent(tx, { ...event, components: kept }, planOf(kept, needs.now()));
  await dropTimeAnswers(tx, event.id, times);
  await invite(
    tx,
    needs,
    actor,
    {
      meetingId: event.id,
      calendarId: event.calendarId,
      spaceId: event.spaceId,
      isPersonal: event.kind === 'personal',
    },
    undefined,
    { isAskedAgain: false },
  );
}

/** A meeting with all its copies. */
export async function forgetMeeting(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  event: Pick<EventAccess, 'id' | 'spaceId' | 'calendarId'>,
): Promise<void> {
  const invited = await tx.query<{ key: string; person_id: string | null; calendar_id: string | null }>(
    'select key, person_id, calendar_id from calendar.participant where meeting_id = $1',
    [event.id],
  );
  await withdraw(tx, needs, event.id, invited, actor.personId);
  await tx.query('delete from calendar.event where meeting_id = $1', [event.id]);
  tellChanged(tx, needs, [{ spaceId: event.spaceId, calendarId: event.calendarId, eventId: event.id }]);
}
