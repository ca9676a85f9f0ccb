import { inOneStatement, type Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import type { People } from '@liaison/people';
import { sql } from 'kysely';
import { callAnswered, callEnded, callStarted, type EndReason, missedSeen } from '../../contract/index.ts';
import type { CallQuality } from '../call-quality.ts';
import type { CallsTables } from '../tables.ts';

export interface CallRow {
  readonly id: string;
  readonly orgId: string;
  readonly callerPersonId: string | null;
  readonly calleePersonId: string | null;
}

interface Needs {
  readonly people: Pick<People, 'personalSpace'>;
  readonly emit: Emit;
}

interface Beginning extends CallRow {
  readonly dialled: string;
  readonly startedAt: Date;
  readonly site: number;
}

/**
 * Calls that begin, are answered or end in one transaction are written by one statement for each of the three. The limit is
 * all of them; a plan made without knowing it expects few, and looks each up by its key whatever the table held at that time.
 */
const insertCall = inOneStatement<Beginning, void>(async (tx, calls) => {
  await tx.query(
    `insert into calls.call (id, org_id, home_site, caller_person_id, callee_person_id, dialled, started_at)
     select * from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[])`,
    [
      calls.map(({ id }) => id),
      calls.map(({ orgId }) => orgId),
      calls.map(({ site }) => site),
      calls.map(({ callerPersonId }) => callerPersonId),
      calls.map(({ calleePersonId }) => calleePersonId),
      calls.map(({ dialled }) => dialled),
      calls.map(({ startedAt }) => startedAt),
    ],
  );
  return calls.map(() => undefined);
});

const setAnswered = inOneStatement<{ id: string; at: Date }, void>(async (tx, calls) => {
  await tx.query(
    `update calls.call c set answered_at = t.at
     from (select * from unnest($1::uuid[], $2::timestamptz[]) as u(id, at) limit $3) t
     where c.id = t.id and c.answered_at is null`,
    [calls.map(({ id }) => id), calls.map(({ at }) => at), calls.length],
  );
  return calls.map(() => undefined);
});

interface Ending {
  readonly id: string;
  readonly reason: EndReason;
  readonly missed: boolean;
  readonly transferredToPersonId: string | null;
  readonly quality: CallQuality | null;
}

/** Answers whether it was this that ended it. */
const setEnded = inOneStatement<Ending, boolean>(async (tx, calls) => {
  const rows = await tx.query<{ id: string }>(
    `update calls.call c
     set ended_at = now(), reason = t.reason, missed = t.missed, transferred_to_person_id = t.transferred_to,
       quality = coalesce(t.quality::jsonb, c.quality)
     from (select * from unnest($1::uuid[], $2::text[], $3::boolean[], $4::uuid[], $5::text[])
             as u(id, reason, missed, transferred_to, quality) limit $6) t
     where c.id = t.id and c.ended_at is null returning c.id`,
    [
      calls.map(({ id }) => id),
      calls.map(({ reason }) => reason),
      calls.map(({ missed }) => missed),
      calls.map(({ transferredToPersonId }) => transferredToPersonId),
      calls.map(({ quality }) => (quality ? JSON.stringify(quality) : null)),
      calls.length,
    ],
  );
  const ended = new Set(rows.map(({ id }) => id));
  return calls.map(({ id }) => ended.has(id));
});

/** The personal spaces of a call's people. Asked beside what is written, which spares round trips. */
async function spacesOf(
  tx: Tx,
  people: Needs['people'],
  call: CallRow,
): Promise<{ spaceId: string; personId: string }[]> {
  const personIds = [...new Set([call.callerPersonId, call.calleePersonId])].filter((id) => id !== null);
  const spaceIds = await Promise.all(personIds.map((personId) => people.personalSpace(tx, personId)));
  return personIds.flatMap((personId, at) => {
    const spaceId = spaceIds[at];
    return spaceId ? [{ spaceId, personId }] : [];
  });
}

export async function writeCallStarted(tx: Tx, { people, emit }: Needs, call: Beginning): Promise<void> {
  const [spaces] = await Promise.all([spacesOf(tx, people, call), insertCall(tx, call)]);
  for (const { spaceId, personId } of spaces) emit(tx, callStarted, { spaceId, callId: call.id, personId });
}

export async function writeCallAnswered(
  tx: Tx,
  { people, emit }: Needs,
  call: CallRow,
  at: Date,
): Promise<void> {
  const [spaces] = await Promise.all([spacesOf(tx, people, call), setAnswered(tx, { id: call.id, at })]);
  for (const { spaceId, personId } of spaces) emit(tx, callAnswered, { spaceId, callId: call.id, personId });
}

/** Safe to run twice: the first end counts. */
export async function writeCallEnded(
  tx: Tx,
  { people, emit }: Needs,
  call: CallRow,
  how: {
    reason: EndReason;
    missed: boolean;
    transferredToPersonId?: string | null;
    /** How it sounded, where that is known already. */
    quality?: CallQuality | null;
  },
): Promise<void> {
  const { reason, missed, transferredToPersonId = null, quality = null } = how;
  const [spaces, isEnded] = await Promise.all([
    spacesOf(tx, people, call),
    setEnded(tx, { id: call.id, reason, missed, transferredToPersonId, quality }),
  ]);
  if (!isEnded) {
    if (quality) await writeCallQuality(tx, call.id, quality);
    return;
  }
  for (const { spaceId, personId } of spaces) {
    emit(tx, callEnded, {
      spaceId,
      callId: call.id,
      personId,
      reason,
      missed: missed && personId === call.calleePersonId,
    });
  }
}

/** How it sounded, known a moment after it ended. */
export async function writeCallQuality(tx: Tx, callId: string, quality: CallQuality): Promise<void> {
  await tx
    .as<CallsTables>()
    .updateTable('calls.call')
    .set({ quality: JSON.stringify(quality) })
    .where('id', '=', callId)
    .execute();
}

/** The actor looked at her missed calls; answers how many were new. */
export async function markSeen(tx: Tx, { people, emit }: Needs, personId: string): Promise<number> {
  const result = await tx
    .as<CallsTables>()
    .updateTable('calls.call')
    .set({ seen_at: sql<Date>`now()` })
    .where('callee_person_id', '=', personId)
    .where('missed', '=', true)
    .where('seen_at', 'is', null)
    .executeTakeFirst();
  const count = Number(result.numUpdatedRows);
  const spaceId = count > 0 ? await people.personalSpace(tx, personId) : null;
  if (spaceId) emit(tx, missedSeen, { spaceId, personId });
  return count;
}
