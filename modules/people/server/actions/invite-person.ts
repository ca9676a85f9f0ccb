import type { PersonActor, Role } from '@liaison/core/contract';
import { forbidden } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { createToken, hashToken } from '@liaison/core/secrets';
import { mayAdminister, requireAdministrator } from '../access.ts';
import type { Parts } from '../parts.ts';
import type { PeopleTables } from '../tables.ts';
import { createPerson, type NewPerson } from './create-person.ts';

/** How long a link works, in days. */
export const invitationDays = 14;

/** Creates somebody invited and her link. @returns the invitation and the token of its link, shown this once. */
export async function invitePerson(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  input: Omit<NewPerson, 'id' | 'status'> & { role: Role },
): Promise<{ invitationId: string; personId: string; token: string }> {
  requireAdministrator(actor);
  if (!mayAdminister(actor, input.role)) throw forbidden('only an owner makes managers and owners');
  const personId = await createPerson(core, tx, { ...input, status: 'invited' });
  const made = await createInvitation({ core }, tx, { personId, purpose: 'join', createdBy: actor.personId });
  await core.audit.record(tx, {
    action: 'people.person-invited',
    subjectId: personId,
    details: { role: input.role },
  });
  return { personId, ...made };
}

/** A fresh link; earlier ones of this person stop working. */
export async function createInvitation(
  { core }: Pick<Parts, 'core'>,
  tx: Tx,
  input: { personId: string; purpose: 'join' | 'renew'; createdBy: string },
): Promise<{ invitationId: string; token: string }> {
  const db = tx.as<PeopleTables>();
  await db
    .updateTable('people.invitation')
    .set({ revoked_at: new Date() })
    .where('person_id', '=', input.personId)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .execute();
  const invitationId = core.ids.next();
  const token = createToken();
  await db
    .insertInto('people.invitation')
    .values({
      id: invitationId,
      org_id: tx.orgId!,
      person_id: input.personId,
      purpose: input.purpose,
      token_hash: hashToken(token),
      created_by: input.createdBy,
      expires_at: new Date(Date.now() + invitationDays * 86_400_000),
    })
    .execute();
  return { invitationId, token };
}
