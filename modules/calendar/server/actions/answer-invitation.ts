import { conflict, notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { type Answer, invitationAnswered } from '../../contract/index.ts';
import { type EventAccess, eventFor } from '../access.ts';
import { writeTimeAnswer } from '../answers-of-times.ts';
import { hasTime } from '../series/change-series.ts';
import { isSeries, readSeries } from '../series/read-series.ts';
import { applyMine } from '../stored.ts';
import { type Needs, tellChanged } from './needs.ts';

/**
 * Answers for the person in whose calendar the invitation lies: once, a series, or one time of it. What was said to single times stays
 * where the series is answered; those that were asked again are answered with it. The organiser and everybody invited see it.
 */
export async function answerInvitation(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  eventId: string,
  { answer, word, at }: { answer: Exclude<Answer, 'none'>; word: string | null; at: string | null },
): Promise<void> {
  const event = await eventFor(tx, needs.spaces, actor, eventId, 'write', { forChange: true });
  if (event.answer === null || event.meetingId === event.id) {
    throw conflict('calendar-no-invitation', 'This is no invitation: there is nothing to answer.');
  }
  const timeMs = timeOf(event, at);
  const [answered] = await tx.query<{ person_id: string }>(
    `update calendar.participant p set answer = case when $5 then p.answer else $3 end,
       word = case when $5 then p.word else $4 end, answered_at = case when $5 then p.answered_at else now() end
     from calendar.calendar k join core.member m on m.space_id = k.space_id
     where p.meeting_id = $1 and k.id = $2 and k.kind = 'personal' and p.person_id = m.person_id
     returning p.person_id`,
    [event.meetingId, event.calendarId, answer, word || null, timeMs !== null],
  );
  if (!answered) throw conflict('calendar-no-invitation', 'This invitation was taken back.');
  if (timeMs === null) {
    await tx.query('update calendar.event set answer = $2, version = version + 1 where id = $1', [
      event.id,
      answer,
    ]);
    await tx.query("delete from calendar.time_answer where event_id = $1 and answer = 'none'", [event.id]);
  } else {
    await tx.query('update calendar.event set version = version + 1 where id = $1', [event.id]);
    await writeTimeAnswer(tx, {
      eventId: event.id,
      meetingId: event.meetingId,
      personId: answered.person_id,
      at: new Date(timeMs),
      answer,
      word: word || null,
    });
  }
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
      ...(timeMs === null ? {} : { at: new Date(timeMs).toISOString() }),
    });
  }
  tellChanged(
    tx,
    needs,
    copies.map((row) => ({ spaceId: row.space_id, calendarId: row.calendar_id, eventId: row.id })),
  );
}

/** Which time of a series is meant; null for all of it and for what is once. */
function timeOf({ components }: EventAccess, at: string | null): number | null {
  if (at === null) return null;
  const series = readSeries(components);
  if (!isSeries(series)) return null;
  const atMs = Date.parse(at);
  if (!hasTime(series, atMs)) throw notFound('This one of the series');
  return atMs;
}
