import { conflict, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { type Answer, invitationAnswered } from '../../contract/index.ts';
import { eventFor } from '../access.ts';
import { applyMine } from '../stored.ts';
import { type Needs, tellChanged } from './needs.ts';

/** Answers for the person in whose calendar the invitation lies. The organiser and everybody invited see it. */
export async function answerInvitation(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  eventId: string,
  { answer, word }: { answer: Exclude<Answer, 'none'>; word: string | null },
): Promise<void> {
  const event = await eventFor(tx, needs.spaces, actor, eventId, 'write', { forChange: true });
  if (event.answer === null || event.meetingId === event.id) {
    throw conflict('calendar-no-invitation', 'This is no invitation: there is nothing to answer.');
  }
  const [answered] = await tx.query<{ person_id: string }>(
    `update calendar.participant p set answer = $3, word = $4, answered_at = now()
     from calendar.calendar k join core.member m on m.space_id = k.space_id
     where p.meeting_id = $1 and k.id = $2 and k.kind = 'personal' and p.person_id = m.person_id
     returning p.person_id`,
    [event.meetingId, event.calendarId, answer, word || null],
  );
  if (!answered) throw conflict('calendar-no-invitation', 'This invitation was taken back.');
  await tx.query('update calendar.event set answer = $2, version = version + 1 where id = $1', [
    event.id,
    answer,
  ]);
  await applyMine(tx, event.id);
  const copies = await tx.query<{ id: string; calendar_id: string; space_id: string }>(
    `select c.id, c.calendar_id, k.space_id from calendar.event c join calendar.calendar k on k.id = c.calendar_id
     where c.meeting_id = $1`,
    [event.meetingId],
  );
  const organiser = copies.find(({ id }) => id === event.meetingId);
  if (organiser) {
    needs.emit(tx, invitationAnswered, {
      spaceId: organiser.space_id,
      eventId: organiser.id,
      personId: answered.person_id,
      answer,
    });
  }
  tellChanged(
    tx,
    needs,
    copies.map((row) => ({ spaceId: row.space_id, calendarId: row.calendar_id, eventId: row.id })),
  );
}
