import { notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { personFor, requireAdministrator } from '../access.ts';
import type { Parts } from '../parts.ts';
import type { PeopleTables } from '../tables.ts';
import { removePerson } from './erase-person.ts';

/** Takes an invitation back; a person who never joined goes with it. */
export async function revokeInvitation(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  invitationId: string,
): Promise<void> {
  requireAdministrator(actor);
  const invitation = await tx
    .as<PeopleTables>()
    .selectFrom('people.invitation')
    .select(['id', 'person_id', 'accepted_at', 'revoked_at'])
    .where('id', '=', invitationId)
    .forUpdate()
    .executeTakeFirst();
  if (!invitation || invitation.accepted_at || invitation.revoked_at) throw notFound('This invitation');
  const person = await personFor(tx, actor, invitation.person_id, 'manage');
  await tx
    .as<PeopleTables>()
    .updateTable('people.invitation')
    .set({ revoked_at: new Date() })
    .where('id', '=', invitationId)
    .execute();
  await core.audit.record(tx, { action: 'people.invitation-revoked', subjectId: person.id });
  if (person.status === 'invited') await removePerson(core, tx, person.id);
}
