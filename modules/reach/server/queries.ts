import type { PersonActor } from '@liaison/core/contract';
import { inOneStatement, type Tx } from '@liaison/core/db';
import { livingProcesses } from '@liaison/core/owned';
import { seenBy } from '@liaison/core/spaces';
import type { Claim, Reachability } from '../contract/index.ts';
import { computeState, type HeldClaim } from './compute-state.ts';

type ClaimRow = { readonly [Column in keyof HeldClaim]: HeldClaim[Column] } & { readonly person_id: string };

/**
 * Claims that hold now, narrowed by a condition on `person_id`. Which processes are alive (`core.alive`) is asked once and not for
 * each claim: PostgreSQL calls such a function instead of joining what is in it.
 */
const heldClaims = (narrowed: string): string =>
  `select person_id, kind, idle, since, until from reach.claim
   where (until is null or until > now()) and (process_id is null or process_id in (${livingProcesses}))
     and ${narrowed}`;

function statesOf(rows: readonly ClaimRow[]): Map<string, Reachability> {
  const claims = new Map<string, HeldClaim[]>();
  for (const row of rows) {
    const held = claims.get(row.person_id) ?? [];
    held.push(row);
    claims.set(row.person_id, held);
  }
  return new Map([...claims].map(([personId, held]) => [personId, computeState(personId, held)]));
}

/** States of these people, also of those of whom nothing is claimed; what several ask at the same moment is read together. */
export const readStates = inOneStatement<readonly string[], Map<string, Reachability>>(async (tx, asked) => {
  const rows = await tx.query<ClaimRow>(heldClaims('person_id = any($1::uuid[])'), [
    [...new Set(asked.flat())],
  ]);
  const claimed = statesOf(rows);
  return asked.map((ids) => new Map(ids.map((id) => [id, claimed.get(id) ?? computeState(id, [])])));
});

/** Whether one claim holds now. */
export async function isHeld(tx: Tx, { personId, kind, ref }: Omit<Claim, 'orgId'>): Promise<boolean> {
  const rows = await tx.query(`${heldClaims('person_id = $1 and kind = $2 and ref = $3')} limit 1`, [
    personId,
    kind,
    ref,
  ]);
  return rows.length > 0;
}

/** Whether somebody has a page that is not idle. */
export async function isPageUsed(tx: Tx, personId: string): Promise<boolean> {
  const rows = await tx.query(
    `${heldClaims("person_id = $1 and kind = 'connection' and not idle")} limit 1`,
    [personId],
  );
  return rows.length > 0;
}

/** Everybody with a claim that holds whom the actor may see: all of the organisation, or a guest's few. */
export async function readStatesFor(tx: Tx, actor: PersonActor): Promise<Reachability[]> {
  const rows =
    actor.role === 'guest'
      ? await tx.query<ClaimRow>(heldClaims(`person_id = any(array(${seenBy('$1')}))`), [actor.personId])
      : await tx.query<ClaimRow>(heldClaims('true'));
  return [...statesOf(rows).values()];
}
