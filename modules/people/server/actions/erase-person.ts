import { conflict, invalid, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { personErased } from '../../contract/index.ts';
import { personFor } from '../access.ts';
import { forgetWords } from '../found-by.ts';
import type { Parts } from '../parts.ts';
import type { PeopleTables } from '../tables.ts';
import { requireAnotherOwner } from './change-role.ts';
import { revokeAllDevices } from './revoke-device.ts';

/**
 * Erases a person: her row keeps id and nothing that names her, her names are free again, she is in no space any more.
 * Other modules erase theirs when they hear `person-erased`.
 */
export async function erasePerson(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  personId: string,
  confirmation: string,
): Promise<void> {
  const person = await personFor(tx, actor, personId, 'manage');
  if (personId === actor.personId) throw conflict('oneself', 'Somebody else must erase you.');
  if (confirmation.trim().toLowerCase() !== person.address) {
    throw invalid('Type the address of this person to confirm.', [
      { path: 'body.address', message: 'This is not her address.' },
    ]);
  }
  await requireAnotherOwner(tx, person);
  await core.audit.record(tx, { action: 'people.person-erased', subjectId: personId });
  await removePerson(core, tx, personId);
}

/** What erasing does, without asking; safe to run twice. Sessions are ended by the reaction to the event. */
export async function removePerson(core: Core, tx: Tx, personId: string): Promise<void> {
  const db = tx.as<PeopleTables>();
  const row = await db
    .selectFrom('people.person')
    .select(['address', 'extension', 'status', 'version'])
    .where('id', '=', personId)
    .forUpdate()
    .executeTakeFirst();
  if (!row || row.status === 'erased') return;
  await revokeAllDevices(core, tx, personId);
  await core.names.release(tx, { kind: 'address', name: row.address, holderId: personId });
  const earlier = await db
    .deleteFrom('people.alias')
    .where('person_id', '=', personId)
    .returning('address')
    .execute();
  for (const { address } of earlier) {
    await core.names.release(tx, { kind: 'address', name: address, holderId: personId });
  }
  if (row.extension) {
    await core.names.release(tx, { kind: 'extension', name: row.extension, holderId: personId });
  }
  await db
    .updateTable('people.person')
    .set({
      address: '',
      name: '',
      sort_name: '',
      extension: null,
      title: null,
      office: null,
      time_zone: 'UTC',
      bio: null,
      speaks: [],
      photo: null,
      status: 'erased',
      version: row.version + 1,
    })
    .where('id', '=', personId)
    .execute();
  await forgetWords(tx, personId);
  for (const table of ['people.number', 'people.invitation', 'people.device'] as const) {
    await db.deleteFrom(table).where('person_id', '=', personId).execute();
  }
  const memberships = await db
    .selectFrom('core.member')
    .select('space_id')
    .where('person_id', '=', personId)
    .execute();
  for (const { space_id } of memberships) await core.spaces.removeMember(tx, space_id, personId);
  core.outbox.emit(tx, personErased, { orgId: tx.orgId!, personId, version: row.version + 1 });
}
