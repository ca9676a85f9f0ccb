import type { Core } from '@liaison/core/floor';
import { type NodesChanged, nodesChanged } from '../contract/index.ts';
import { closedToSome } from './narrowed.ts';
import { readNodes } from './queries.ts';

/** Pages get the nodes themselves with an event, as they are when it is sent: read once per process and batch. */
export function addPresenters({ live, db }: Core): void {
  live.present(nodesChanged, async (orgId, events) => {
    const ids = [...new Set(events.flatMap(({ payload }) => payload.nodeIds))];
    const { nodes, closed } = await db.read(orgId, async (tx) => ({
      nodes: await readNodes(tx, ids),
      closed: new Set(await closedToSome(tx, ids)),
    }));
    const byId = new Map(nodes.map((node) => [node.id, node]));
    return events.map(({ payload }) => {
      const here = payload.nodeIds.flatMap((id) => byId.get(id) ?? []);
      // What went to another space is nobody's business here.
      const own = here.filter(({ treeId }) => treeId === payload.treeId);
      const known = new Set(own.map(({ id }) => id));
      const data: NodesChanged = {
        treeId: payload.treeId,
        nodes: own.filter(({ id }) => !closed.has(id)),
        gone: payload.nodeIds.filter((id) => !known.has(id)),
        ...(own.some(({ id }) => closed.has(id)) ? { isPartial: true } : {}),
      };
      return { data };
    });
  });
}
