import { routeKey, useApi, useLiveEvent, useSignal } from '@liaison/core/web';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import {
  elsewhereChanged,
  type FileNode,
  type FileTree,
  getNode,
  type NodesChanged,
  nodesChanged,
} from '../../contract/index.ts';

/** What others gave me out of their places tells me of no event: it is asked for when a signal says so, and so often. */
export const elsewhereMs = 4000;
/** Somebody was given a right in one of my spaces, or lost it. */
export const rightsChanged = 'core.grant-changed';

/** Asks once after signals that come close together. */
const gatherMs = 250;

/** Calls `ask` soon after something changed in a place that is not mine; null where nothing of it is shown. */
export function useElsewhere(ask: (() => void) | null, treeId?: string): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => () => clearTimeout(timer.current), []);
  useSignal(elsewhereChanged, (changed) => {
    if (latest.current === null || (treeId !== undefined && treeId !== changed.treeId)) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current?.(), gatherMs);
  });
}

/** A folder or file with the folders around it; asked anew when any of them changes. */
export function useNode(nodeId: string | undefined, trees?: readonly FileTree[]) {
  const queries = useQueryClient();
  const args = nodeId === undefined ? null : { params: { nodeId } };
  const known = queries.getQueryData<{ node: FileNode }>(routeKey(getNode, args))?.node;
  const isElsewhere = known !== undefined && trees?.every(({ id }) => id !== known.treeId) === true;
  const node = useApi(getNode, args, isElsewhere ? { staleMs: 0, everyMs: elsewhereMs } : {});
  useElsewhere(
    isElsewhere ? () => void queries.invalidateQueries({ queryKey: routeKey(getNode) }) : null,
    known?.treeId,
  );
  useLiveEvent(rightsChanged, () => void queries.invalidateQueries({ queryKey: routeKey(getNode) }));
  useLiveEvent<NodesChanged>(nodesChanged.name, ({ data }) => {
    const concerned = new Set([nodeId, ...(node.data?.path ?? []).map(({ id }) => id)]);
    if ([...data.gone, ...data.nodes.map(({ id }) => id)].some((id) => concerned.has(id))) {
      void queries.invalidateQueries({ queryKey: routeKey(getNode) });
    }
  });
  return node;
}
