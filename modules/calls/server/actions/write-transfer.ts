import type { Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import type { People } from '@liaison/people';
import { callAnswered, callEnded, callStarted } from '../../contract/index.ts';
import type { CallPart } from '../call.ts';
import type { CallsTables } from '../tables.ts';

/**
 * What was closes as a line of its own (`partId`), with everything it had; the call's row begins anew with the two who are
 * joined now. Nothing happens when the call has ended already.
 */
export async function writeCallParted(
  tx: Tx,
  { people, emit }: { people: Pick<People, 'personalSpace'>; emit: Emit },
  call: { id: string; partId: string; at: Date },
  part: CallPart,
): Promise<void> {
  const { next } = part;
  const closed = await tx.query<{ id: string }>(
    `insert into calls.call (id, org_id, home_site, caller_person_id, callee_person_id, dialled, caller_text,
       started_at, answered_at, ended_at, reason, missed, transferred_by_person_id, returned_from_person_id,
       transferred_to_person_id)
     select $2, org_id, home_site, caller_person_id, callee_person_id, dialled, caller_text,
       started_at, answered_at, $3, $4, $5, transferred_by_person_id, returned_from_person_id, $6
     from calls.call where id = $1 and ended_at is null returning id`,
    [call.id, call.partId, call.at, part.reason, part.missed, part.transferredTo?.personId ?? null],
  );
  if (closed.length === 0) return;
  await tx
    .as<CallsTables>()
    .updateTable('calls.call')
    .set({
      caller_person_id: next.caller.personId,
      callee_person_id: next.callee.personId,
      dialled: next.callee.party.extension ?? next.callee.party.address ?? '',
      started_at: next.since,
      answered_at: next.answered ? next.since : null,
      transferred_by_person_id: next.transferredBy?.personId ?? null,
      returned_from_person_id: next.returnedFrom?.personId ?? null,
    })
    .where('id', '=', call.id)
    .execute();

  async function tell(
    personIds: readonly (string | null)[],
    what: (spaceId: string, personId: string) => void,
  ): Promise<void> {
    for (const personId of new Set(personIds)) {
      const spaceId = personId === null ? null : await people.personalSpace(tx, personId);
      if (personId !== null && spaceId) what(spaceId, personId);
    }
  }
  await tell([part.caller.personId, part.callee.personId], (spaceId, personId) =>
    emit(tx, callEnded, {
      spaceId,
      callId: call.partId,
      personId,
      reason: part.reason,
      missed: part.missed && personId === part.callee.personId,
    }),
  );
  await tell([next.caller.personId, next.callee.personId], (spaceId, personId) => {
    emit(tx, callStarted, { spaceId, callId: call.id, personId });
    if (next.answered) emit(tx, callAnswered, { spaceId, callId: call.id, personId });
  });
}
