import { notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { CallsTables } from './tables.ts';

/** A call row for one of its own people; nobody else can tell that it exists. */
export async function callFor(
  tx: Tx,
  actor: PersonActor,
  callId: string,
): Promise<{ id: string; callerPersonId: string | null; calleePersonId: string | null; ended: boolean }> {
  const row = await tx
    .as<CallsTables>()
    .selectFrom('calls.call')
    .select(['id', 'caller_person_id', 'callee_person_id', 'ended_at'])
    .where('id', '=', callId)
    .executeTakeFirst();
  if (!row || (row.caller_person_id !== actor.personId && row.callee_person_id !== actor.personId)) {
    throw notFound('This call');
  }
  return {
    id: row.id,
    callerPersonId: row.caller_person_id,
    calleePersonId: row.callee_person_id,
    ended: row.ended_at !== null,
  };
}
