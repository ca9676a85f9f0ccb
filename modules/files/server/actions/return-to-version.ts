import { notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { nodeFor } from '../access.ts';
import { awaitedBytes, lockTreesOf, requireRoom, treeOf } from '../tree-lock.ts';
import { type Needs, tellChanged } from './needs.ts';
import { writeVersion } from './write-version.ts';

/** The bytes of an earlier version become the newest one: history goes on, and nothing of it is lost. */
export async function returnToVersion(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  nodeId: string,
  number: number,
): Promise<void> {
  const trees = await lockTreesOf(tx, [nodeId]);
  const node = await nodeFor(tx, needs.spaces, actor, nodeId, 'write');
  const tree = treeOf(trees, node);
  const [version] = await tx.query<{ sha256: string; bytes: number; media_type: string }>(
    'select sha256, bytes, media_type from files.version where node_id = $1 and number = $2',
    [node.id, number],
  );
  if (!version) throw notFound('This version');
  if (number === node.version) return;
  requireRoom(tree, await awaitedBytes(tx, tree.id), version.bytes);
  await writeVersion(tx, tree.id, node.id, actor.personId, {
    sha256: version.sha256,
    bytes: version.bytes,
    mediaType: version.media_type,
  });
  tellChanged(tx, needs, tree, [node.id]);
}
