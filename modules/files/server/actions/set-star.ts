import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { NodeAccess } from '../access.ts';

/** A star is its person's alone: nobody else hears of it. */
export async function setStar(tx: Tx, actor: PersonActor, node: NodeAccess, on: boolean): Promise<void> {
  if (on) {
    await tx.query(
      'insert into files.star (org_id, person_id, node_id) values ($1, $2, $3) on conflict do nothing',
      [actor.orgId, actor.personId, node.id],
    );
    return;
  }
  await tx.query('delete from files.star where person_id = $1 and node_id = $2', [actor.personId, node.id]);
}
