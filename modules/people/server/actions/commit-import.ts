import { conflict, notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { importCommitted } from '../../contract/index.ts';
import { importFor } from '../access.ts';
import type { Parts } from '../parts.ts';
import { personalSpaceOf } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';

/** Starts an import; a reaction hands it to a job. Repeating it changes nothing. */
export async function commitImport(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  importId: string,
): Promise<void> {
  const found = await importFor(tx, actor, importId);
  if (found.state === 'cancelled')
    throw conflict('cancelled', 'This import was forgotten; upload the list again.');
  if (found.state === 'checking')
    throw conflict('still-checking', 'This list is still being checked; wait until that is done.');
  const started = await tx
    .as<PeopleTables>()
    .updateTable('people.import')
    .set({ state: 'running' })
    .where('id', '=', importId)
    .where('state', '=', 'validated')
    .returning('created_by')
    .executeTakeFirst();
  if (!started) return;
  const personalSpaceId = await personalSpaceOf(tx, started.created_by);
  if (!personalSpaceId) throw notFound('Who uploaded this list');
  core.outbox.emit(tx, importCommitted, { personalSpaceId, importId });
  await core.audit.record(tx, { action: 'people.import-committed', subjectId: importId });
}

/** Forgets an import that was not committed; a check that runs finds it gone at its next step and ends. */
export async function cancelImport(tx: Tx, actor: PersonActor, importId: string): Promise<void> {
  const found = await importFor(tx, actor, importId);
  if (found.state === 'running' || found.state === 'done') {
    throw conflict('committed', 'This import was committed; its people are there.');
  }
  // The import first: a step of the check that is writing lines holds it, and is waited for.
  await tx.query('delete from people.import where id = $1', [importId]);
  await tx.query('delete from people.import_line where import_id = $1', [importId]);
}
