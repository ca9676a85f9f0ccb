import type { Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import type { People } from '@liaison/people';
import { sql } from 'kysely';
import { callAnswered, callEnded, callStarted, type EndReason } from '../../contract/index.ts';
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

export async function writeCallStarted(
  tx: Tx,
  { people, emit }: Needs,
  call: CallRow & { dialled: string; startedAt: Date; site: number },
): Promise<void> {
  const insert = tx
    .as<CallsTables>()
    .insertInto('calls.call')
    .values({
      id: call.id,
      org_id: call.orgId,
      home_site: call.site,
      caller_person_id: call.callerPersonId,
      callee_person_id: call.calleePersonId,
      dialled: call.dialled,
      caller_text: null,
      started_at: call.startedAt,
      reason: null,
    })
    .execute();
  const [spaces] = await Promise.all([spacesOf(tx, people, call), insert]);
  for (const { spaceId, personId } of spaces) emit(tx, callStarted, { spaceId, callId: call.id, personId });
}

export async function writeCallAnswered(
  tx: Tx,
  { people, emit }: Needs,
  call: CallRow,
  at: Date,
): Promise<void> {
  const update = tx
    .as<CallsTables>()
    .updateTable('calls.call')
    .set({ answered_at: at })
    .where('id', '=', call.id)
    .where('answered_at', 'is', null)
    .execute();
  const [spaces] = await Promise.all([spacesOf(tx, people, call), update]);
  for (const { spaceId, personId } of spaces) emit(tx, callAnswered, { spaceId, callId: call.id, personId });
}

/** Safe to run twice: the first end counts. */
export async function writeCallEnded(
  tx: Tx,
  { people, emit }: Needs,
  call: CallRow,
  how: { reason: EndReason; missed: boolean; transferredToPersonId?: string | null },
): Promise<void> {
  const update = tx
    .as<CallsTables>()
    .updateTable('calls.call')
    .set({
      ended_at: sql<Date>`now()`,
      reason: how.reason,
      missed: how.missed,
      transferred_to_person_id: how.transferredToPersonId ?? null,
    })
    .where('id', '=', call.id)
    .where('ended_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  const [spaces, ended] = await Promise.all([spacesOf(tx, people, call), update]);
  if (!ended) return;
  for (const { spaceId, personId } of spaces) {
    emit(tx, callEnded, {
      spaceId,
      callId: call.id,
      personId,
      reason: how.reason,
      missed: how.missed && personId === call.calleePersonId,
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
export async function markSeen(tx: Tx, personId: string): Promise<number> {
  const result = await tx
    .as<CallsTables>()
    .updateTable('calls.call')
    .set({ seen_at: sql<Date>`now()` })
    .where('callee_person_id', '=', personId)
    .where('missed', '=', true)
    .where('seen_at', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
