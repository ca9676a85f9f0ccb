import { routeKey, useApi, useLiveEvent } from '@liaison/core/web';
import { useQueryClient } from '@tanstack/react-query';
import { getNode, type NodesChanged, nodesChanged } from '../../contract/index.ts';

/** A folder or file with the folders around it; asked anew when any of them changes. */
export function useNode(nodeId: string | undefined) {
  const queries = useQueryClient();
  const node = useApi(getNode, nodeId === undefined ? null : { params: { nodeId } });
  useLiveEvent<NodesChanged>(nodesChanged.name, ({ data }) => {
    const concerned = new Set([nodeId, ...(node.data?.path ?? []).map(({ id }) => id)]);
    if ([...data.gone, ...data.nodes.map(({ id }) => id)].some((id) => concerned.has(id))) {
      void queries.invalidateQueries({ queryKey: routeKey(getNode) });
    }
  });
  return node;
}
