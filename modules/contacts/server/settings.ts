import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { personalSpaceOf } from '@liaison/core/spaces';
import { type ContactsSettings, type Sorting, settingsChanged } from '../contract/index.ts';
import type { Needs } from './actions/needs.ts';

export async function readSettings(tx: Tx, { personId }: PersonActor): Promise<ContactsSettings> {
  const [row] = await tx.query<{ sort_by: Sorting }>(
    'select sort_by from contacts.setting where person_id = $1',
    [personId],
  );
  return { sortBy: row?.sort_by ?? 'name' };
}

/** Her other pages hear of it. */
export async function writeSettings(
  tx: Tx,
  { emit }: Pick<Needs, 'emit'>,
  { personId }: PersonActor,
  { sortBy }: ContactsSettings,
): Promise<void> {
  await tx.query(
    `insert into contacts.setting (person_id, org_id, sort_by) values ($1, $2, $3)
     on conflict (person_id) do update set sort_by = excluded.sort_by`,
    [personId, tx.orgId, sortBy],
  );
  const spaceId = await personalSpaceOf(tx, personId);
  if (spaceId !== null) emit(tx, settingsChanged, { spaceId, personId });
}
