import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { foldText } from '../contract/fold-text.ts';
import { type PhoneNumber, personChanged } from '../contract/index.ts';
import { forgetWords, writeWords } from './found-by.ts';
import type { PeopleTables } from './tables.ts';

/** Writes anew what a person is found by. */
export async function indexPerson(tx: Tx, personId: string): Promise<void> {
  const db = tx.as<PeopleTables>();
  const person = await db
    .selectFrom('people.person')
    .select(['name', 'address', 'extension'])
    .where('id', '=', personId)
    .executeTakeFirstOrThrow();
  const numbers = await db
    .selectFrom('people.number')
    .select('e164')
    .where('person_id', '=', personId)
    .execute();
  await forgetWords(tx, personId);
  await writeWords(tx, [{ ...person, id: personId, numbers }]);
}

export async function writeNumbers(tx: Tx, personId: string, numbers: readonly PhoneNumber[]): Promise<void> {
  const db = tx.as<PeopleTables>();
  await db.deleteFrom('people.number').where('person_id', '=', personId).execute();
  if (numbers.length === 0) return;
  await db
    .insertInto('people.number')
    .values(
      numbers.map(({ e164, label }, position) => ({
        org_id: tx.orgId!,
        person_id: personId,
        e164,
        label,
        position,
      })),
    )
    .execute();
}

/** The name folded, cut to 100 bytes so that it fits into the mark of a page. */
export function sortNameOf(name: string): string {
  let kept = '';
  for (const letter of foldText(name)) {
    if (Buffer.byteLength(kept + letter) > 100) break;
    kept += letter;
  }
  return kept;
}

/** Raises the version and tells everybody that this face has changed. */
export async function tellChanged(core: Core, tx: Tx, personId: string): Promise<void> {
  const row = await tx
    .as<PeopleTables>()
    .updateTable('people.person')
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('id', '=', personId)
    .returning('version')
    .executeTakeFirstOrThrow();
  core.outbox.emit(tx, personChanged, { orgId: tx.orgId!, personId, version: row.version });
}
