import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { personRestored } from '../../contract/index.ts';
import { personFor } from '../access.ts';
import type { Parts } from '../parts.ts';
import type { PeopleTables } from '../tables.ts';

/** Ends a suspension. Sessions that it ended stay ended; devices work again. */
export async function restorePerson(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  personId: string,
): Promise<void> {
  const person = await personFor(tx, actor, personId, 'manage');
  if (person.status !== 'suspended') return;
  const row = await tx
    .as<PeopleTables>()
    .updateTable('people.person')
    .set((eb) => ({ status: 'active' as const, version: eb('version', '+', 1) }))
    .where('id', '=', personId)
    .returning('version')
    .executeTakeFirstOrThrow();
  core.outbox.emit(tx, personRestored, { orgId: actor.orgId, personId, version: row.version });
  await core.audit.record(tx, { action: 'people.person-restored', subjectId: personId });
}
