import type { Tx } from '@liaison/core/db';
import { sql } from 'kysely';
import type { Reachability } from '../contract/index.ts';
import { computeState, type HeldClaim } from './compute-state.ts';
import type { ReachTables } from './tables.ts';

/** States of these people, or of everybody in the organisation with any claim that holds. */
export async function readStates(tx: Tx, personIds?: readonly string[]): Promise<Map<string, Reachability>> {
  let query = tx
    .as<ReachTables>()
    .selectFrom('reach.claim')
    .select(['person_id', 'kind', 'idle', 'since', 'until'])
    .where((where) => where.or([where('until', 'is', null), where('until', '>', sql<Date>`now()`)]))
    .where(sql<boolean>`(process_id is null or core.alive(process_id))`);
  if (personIds)
    query = query.where('person_id', 'in', personIds.length > 0 ? [...personIds] : [sql<string>`null`]);
  const claims = new Map<string, HeldClaim[]>();
  for (const row of await query.execute()) {
    const held = claims.get(row.person_id) ?? [];
    held.push(row);
    claims.set(row.person_id, held);
  }
  const people = personIds ?? [...claims.keys()];
  return new Map(people.map((personId) => [personId, computeState(personId, claims.get(personId) ?? [])]));
}
