import { conflict, forbidden, type PersonActor, type Role } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { PersonSummary } from '../../contract/index.ts';
import { mayAdminister, personFor } from '../access.ts';
import type { Parts } from '../parts.ts';
import { tellChanged } from '../person-rows.ts';
import type { PeopleTables } from '../tables.ts';

/** Changes somebody's role in the organisation. */
export async function changeRole(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  personId: string,
  role: Role,
): Promise<void> {
  const person = await personFor(tx, actor, personId, 'manage');
  if (!mayAdminister(actor, role)) throw forbidden('only an owner makes managers and owners');
  if (person.role === role) return;
  if (role !== 'owner') await requireAnotherOwner(tx, person);
  await core.spaces.setMember(tx, actor.orgId, personId, role);
  await tellChanged(core, tx, personId);
  await core.audit.record(tx, {
    action: 'people.role-changed',
    subjectId: personId,
    details: { from: person.role, to: role },
  });
}

/**
 * The last active owner stays one: nobody else could ever make another.
 *
 * @throws Problem 409 `last-owner`.
 */
export async function requireAnotherOwner(tx: Tx, person: Pick<PersonSummary, 'id' | 'role'>): Promise<void> {
  if (person.role !== 'owner') return;
  // Two owners who demote each other at once would leave none: one waits here for the other.
  await tx.as<PeopleTables>().selectFrom('people.organisation').select('id').forUpdate().execute();
  const other = await tx
    .as<PeopleTables>()
    .selectFrom('people.person as p')
    .innerJoin('core.member as m', (join) =>
      join.onRef('m.space_id', '=', 'p.org_id').onRef('m.person_id', '=', 'p.id'),
    )
    .select('p.id')
    .where('m.role', '=', 'owner')
    .where('p.status', '=', 'active')
    .where('p.id', '!=', person.id)
    .executeTakeFirst();
  if (!other) throw conflict('last-owner', 'The organisation needs an owner: make another one first.');
}
