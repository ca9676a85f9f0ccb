import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { personFor } from '../access.ts';
import type { Parts } from '../parts.ts';
import { tellChanged } from '../person-rows.ts';
import type { PeopleTables } from '../tables.ts';

/** Names a stored blob as somebody's photo, or none. The old blob is left to the collector of blobs. */
export async function keepPhoto(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  personId: string,
  sha256: string | null,
): Promise<void> {
  await personFor(tx, actor, personId, 'write');
  await tx
    .as<PeopleTables>()
    .updateTable('people.person')
    .set({ photo: sha256 })
    .where('id', '=', personId)
    .execute();
  await tellChanged(core, tx, personId);
}
