import type { Tx } from '@liaison/core/db';
import type { CallSettings } from '../../contract/index.ts';
import type { CallsTables } from '../tables.ts';

/** A person's own choice; holds from the next call on. */
export async function changeSettings(tx: Tx, personId: string, settings: CallSettings): Promise<void> {
  const values = { call_waiting: settings.callWaiting };
  await tx
    .as<CallsTables>()
    .insertInto('calls.setting')
    .values({ person_id: personId, org_id: tx.orgId!, ...values })
    .onConflict((conflict) => conflict.column('person_id').doUpdateSet(values))
    .execute();
}
