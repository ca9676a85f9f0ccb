import { conflict, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { personFor } from '../access.ts';
import type { Parts } from '../parts.ts';
import { createInvitation } from './invite-person.ts';

/** A fresh link for somebody invited, or for somebody who cannot sign in any more. */
export async function renewInvitation(
  parts: Parts,
  tx: Tx,
  actor: PersonActor,
  personId: string,
): Promise<{ invitationId: string; token: string }> {
  const person = await personFor(tx, actor, personId, 'manage');
  if (person.status === 'suspended') throw conflict('suspended', 'End the suspension first.');
  const purpose = person.status === 'invited' ? 'join' : 'renew';
  const made = await createInvitation(parts, tx, { personId, purpose, createdBy: actor.personId });
  await parts.core.audit.record(tx, {
    action: 'people.invitation-renewed',
    subjectId: personId,
    details: { purpose },
  });
  return made;
}
