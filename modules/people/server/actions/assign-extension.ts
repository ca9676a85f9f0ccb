import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { personFor } from '../access.ts';
import type { Parts } from '../parts.ts';
import { indexPerson, tellChanged } from '../person-rows.ts';
import type { PeopleTables } from '../tables.ts';

/** Gives, changes or takes away an extension. */
export async function assignExtension(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  personId: string,
  extension: string | null,
): Promise<void> {
  const person = await personFor(tx, actor, personId, 'manage');
  if (person.extension === extension) return;
  if (extension !== null)
    await core.names.reserve(tx, { kind: 'extension', name: extension, holderId: personId });
  if (person.extension !== null) {
    await core.names.release(tx, { kind: 'extension', name: person.extension, holderId: personId });
  }
  await tx
    .as<PeopleTables>()
    .updateTable('people.person')
    .set({ extension })
    .where('id', '=', personId)
    .execute();
  await indexPerson(tx, personId);
  await tellChanged(core, tx, personId);
  await core.audit.record(tx, {
    action: 'people.extension-assigned',
    subjectId: personId,
    details: { from: person.extension, to: extension },
  });
}
