import { invalid, notFound, type PersonActor, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { seenAmong } from '@liaison/core/spaces';
import { type GivenRight, maxUntilDays, type Principal } from '../../contract/index.ts';
import { nodeFor, placeOf } from '../access.ts';
import { type Needs, tellChanged } from './needs.ts';

/** An end that is given; one in the past or very far off is a mistake of whoever typed it. */
export function readUntil(until: string | null): Date | null {
  if (until === null) return null;
  const date = new Date(until);
  const aheadMs = date.getTime() - Date.now();
  if (aheadMs > 0 && aheadMs < maxUntilDays * 86_400_000) return date;
  throw new Problem(400, 'files-until', 'This end lies in the past, or too far ahead.');
}

/** Gives a right on a node and on all that lies in it; who manages it may. Again for the same one takes the place of what was. */
export async function shareNode(
  tx: Tx,
  { spaces }: Needs,
  actor: PersonActor,
  nodeId: string,
  { principal, right, until }: { principal: Principal; right: GivenRight; until: string | null },
): Promise<void> {
  const node = await nodeFor(tx, spaces, actor, nodeId, 'manage');
  const end = readUntil(until);
  await requirePrincipal(tx, actor, principal);
  await spaces.grant(tx, placeOf(node), { principal, right, until: end });
}

/** Whoever is given something is of this organisation, and somebody that the giver may know of. */
async function requirePrincipal(tx: Tx, actor: PersonActor, principal: Principal): Promise<void> {
  if (principal.kind === 'organisation') {
    if (actor.role === 'guest') throw invalid('Guests share with people and teams that they are with.');
    return;
  }
  if (principal.kind === 'person') {
    const [known] = await tx.query(
      'select from core.member where space_id = core.current_org() and person_id = $1',
      [principal.id],
    );
    const seen =
      actor.role !== 'guest' ||
      (await seenAmong(tx, [actor.personId], [principal.id])).get(actor.personId)?.has(principal.id) === true;
    if (!known || !seen) throw notFound('This person');
    return;
  }
  const [known] = await tx.query(
    `select from core.space s where s.id = $1 and s.kind = $2 and s.archived_at is null
       and (not $4 or exists (select from core.member m where m.space_id = s.id and m.person_id = $3))`,
    [principal.id, principal.kind === 'space' ? 'team' : 'group', actor.personId, actor.role === 'guest'],
  );
  if (!known) throw notFound('This team or group');
}

/** Takes back what was given on this very node. */
export async function endShare(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  nodeId: string,
  grantId: string,
): Promise<void> {
  const node = await nodeFor(tx, needs.spaces, actor, nodeId, 'manage');
  const [grant] = await tx.query(
    `select from core.grant where id = $1 and space_id = $2 and item_id = $3 and principal_kind <> 'link'`,
    [grantId, node.spaceId, node.id],
  );
  if (!grant) throw notFound('This');
  await needs.spaces.revoke(tx, grantId);
  tellChanged(tx, needs, { id: node.treeId, spaceId: node.spaceId }, [node.id]);
}
