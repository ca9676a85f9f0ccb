import type { Tx } from '@liaison/core/db';
import { sql } from 'kysely';
import type { Claim } from '../../contract/index.ts';
import type { ReachTables } from '../tables.ts';

/** Claims, or renews a claim: only `idle`, the end and the process change, `since` stays. */
export async function setClaim(tx: Tx, claim: Claim, processId: string): Promise<void> {
  const row = {
    process_id: claim.lasting ? null : processId,
    idle: claim.idle ?? false,
    until: claim.until ?? null,
  };
  await tx
    .as<ReachTables>()
    .insertInto('reach.claim')
    .values({ org_id: claim.orgId, person_id: claim.personId, kind: claim.kind, ref: claim.ref, ...row })
    .onConflict((conflict) =>
      conflict.columns(['person_id', 'kind', 'ref']).doUpdateSet({
        ...row,
        // Becoming idle, or coming back, starts a new spell.
        since: sql<Date>`case when reach.claim.idle = excluded.idle then reach.claim.since else now() end`,
      }),
    )
    .execute();
}

export async function deleteClaim(tx: Tx, claim: Pick<Claim, 'personId' | 'kind' | 'ref'>): Promise<void> {
  await tx
    .as<ReachTables>()
    .deleteFrom('reach.claim')
    .where('person_id', '=', claim.personId)
    .where('kind', '=', claim.kind)
    .where('ref', '=', claim.ref)
    .execute();
}
