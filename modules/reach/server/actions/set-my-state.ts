import { invalid, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { deleteClaim, setClaim } from './set-claim.ts';

const maxAheadMs = 30 * 24 * 3600 * 1000;

/** First key of the advisory locks, by person, that put what she says on two pages at once into one order. */
const byHandLock = 7_340_021;

/**
 * What a person says of herself by hand; it outlives pages and processes. Of two at once the one that commits later takes back the
 * other: without the lock neither would see the other's claim, and both would stay.
 */
export async function setMyState(
  tx: Tx,
  actor: PersonActor,
  wish: { state: 'free' | 'dnd' | 'away'; until: Date | null },
  processId: string,
): Promise<void> {
  if (wish.until && wish.until.getTime() <= Date.now()) throw invalid('This time has passed already.');
  if (wish.until && wish.until.getTime() > Date.now() + maxAheadMs) {
    throw invalid('Choose an end within the next 30 days.');
  }
  await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [byHandLock, actor.personId]);
  for (const kind of ['dnd', 'away'] as const) {
    const claim = { orgId: actor.orgId, personId: actor.personId, kind, ref: 'by-hand' };
    if (kind === wish.state) await setClaim(tx, { ...claim, until: wish.until, lasting: true }, processId);
    else await deleteClaim(tx, claim);
  }
}
