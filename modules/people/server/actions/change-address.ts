import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { addressChanged } from '../../contract/index.ts';
import { personFor } from '../access.ts';
import type { Parts } from '../parts.ts';
import { indexPerson, tellChanged } from '../person-rows.ts';
import type { PeopleTables } from '../tables.ts';
import { requireOwnDomain } from './create-person.ts';

/**
 * Gives somebody another address, as after a change of name. The one before stays hers and goes on reaching her; one
 * that she had earlier may become hers again. Whoever calls then follows with `accounts.changeAddress`; the reaction to
 * `address-changed` makes that sure.
 */
export async function changeAddress(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  personId: string,
  address: string,
): Promise<void> {
  const person = await personFor(tx, actor, personId, 'manage');
  if (person.address === address) return;
  await requireOwnDomain(core, tx, address);
  await core.names.reserve(tx, { kind: 'address', name: address, holderId: personId });
  const db = tx.as<PeopleTables>();
  await db.deleteFrom('people.alias').where('address', '=', address).execute();
  await db
    .insertInto('people.alias')
    .values({ org_id: tx.orgId!, address: person.address, person_id: personId })
    .execute();
  await db.updateTable('people.person').set({ address }).where('id', '=', personId).execute();
  await indexPerson(tx, personId);
  await tellChanged(core, tx, personId);
  core.outbox.emit(tx, addressChanged, { orgId: tx.orgId!, personId });
  await core.audit.record(tx, { action: 'people.address-changed', subjectId: personId });
}
