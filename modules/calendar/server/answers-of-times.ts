import type { Tx } from '@liaison/core/db';
import type { Answer } from '../contract/index.ts';
import { applyMine } from './stored.ts';

/** One time of a series that somebody answered otherwise than the rest. */
export interface TimeAnswer {
  readonly meetingId: string;
  readonly eventId: string;
  readonly personId: string;
  readonly at: Date;
  readonly answer: Answer;
  readonly word: string | null;
}

const columns = 'meeting_id as "meetingId", event_id as "eventId", person_id as "personId", at, answer, word';
const most = 20_000;

export const readTimeAnswers = (tx: Tx, meetingIds: readonly string[]): Promise<TimeAnswer[]> =>
  meetingIds.length === 0
    ? Promise.resolve([])
    : tx.query<TimeAnswer & Record<string, unknown>>(
        `select ${columns} from calendar.time_answer where meeting_id = any($1::uuid[])
         order by meeting_id, at, person_id limit ${most}`,
        [meetingIds],
      );

/** Writes what somebody says to one time; whoever says it again says it anew. */
export async function writeTimeAnswer(tx: Tx, given: TimeAnswer): Promise<void> {
  await tx.query(
    `insert into calendar.time_answer (org_id, event_id, meeting_id, person_id, at, answer, word, answered_at)
     values ($1, $2, $3, $4, $5, $6, $7, now())
     on conflict (event_id, at) do update set answer = excluded.answer, word = excluded.word, answered_at = now()`,
    [tx.orgId, given.eventId, given.meetingId, given.personId, given.at, given.answer, given.word],
  );
}

/** One time of a series is another now: whatever was said to it counts no more, by anybody but who changed it. */
export async function askTimeAgain(
  tx: Tx,
  meetingId: string,
  at: Date,
  exceptPersonId: string,
): Promise<void> {
  // Who has not answered the series has nothing to be asked again.
  await tx.query(`delete from calendar.time_answer where meeting_id = $1 and at = $2 and person_id <> $3`, [
    meetingId,
    at,
    exceptPersonId,
  ]);
  await tx.query(
    `insert into calendar.time_answer (org_id, event_id, meeting_id, person_id, at, answer)
     select c.org_id, c.id, c.meeting_id, m.person_id, $2, 'none'
     from calendar.event c join calendar.calendar k on k.id = c.calendar_id and k.kind = 'personal'
       join core.member m on m.space_id = k.space_id
     where c.meeting_id = $1 and c.id <> $1 and c.answer <> 'none' and m.person_id <> $3
     on conflict (event_id, at) do nothing`,
    [meetingId, at, exceptPersonId],
  );
}

/** All of a series is another now. */
export const forgetTimeAnswers = (tx: Tx, meetingId: string): Promise<unknown> =>
  tx.query('delete from calendar.time_answer where meeting_id = $1', [meetingId]);

/** What is no time of the series any more needs no answer. */
export const dropTimeAnswers = (
  tx: Tx,
  meetingId: string,
  { from, to }: { from: Date; to: Date | null },
): Promise<unknown> =>
  tx.query(
    `delete from calendar.time_answer where meeting_id = $1 and at >= $2 and ($3::timestamptz is null or at <= $3)`,
    [meetingId, from, to],
  );

/** The rest of a series is one of its own: what was said to single times of it goes along. */
export async function carryTimeAnswers(
  tx: Tx,
  meetingId: string,
  toMeetingId: string,
  from: Date,
): Promise<void> {
  const carried = await tx.query<{ event_id: string }>(
    `insert into calendar.time_answer (org_id, event_id, meeting_id, person_id, at, answer, word, answered_at)
     select a.org_id, c.id, $2, a.person_id, a.at, a.answer, a.word, a.answered_at
     from calendar.time_answer a
       join core.member m on m.person_id = a.person_id
       join calendar.calendar k on k.space_id = m.space_id and k.kind = 'personal'
       join calendar.event c on c.calendar_id = k.id and c.meeting_id = $2 and c.id <> $2
     where a.meeting_id = $1 and a.at >= $3 on conflict (event_id, at) do nothing returning event_id`,
    [meetingId, toMeetingId, from],
  );
  for (const eventId of new Set(carried.map((row) => row.event_id))) await applyMine(tx, eventId);
}
