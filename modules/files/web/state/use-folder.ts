import { api, routeKey, useLiveEvent, useResync, useWelcome } from '@liaison/core/web';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import {
  compareNodes,
  listFolder,
  listTrees,
  type NodesChanged,
  nodesChanged,
  type Sort,
} from '../../contract/index.ts';
import { type FolderRows, withChanges, withPage } from './folder-rows.ts';
import { elsewhereMs, rightsChanged, useElsewhere } from './use-node.ts';

export interface Order {
  readonly sort: Sort;
  readonly isDescending: boolean;
}

const pageRows = 200;

/**
 * A folder as it is, kept true by events, as far as it has been scrolled to. Give the component that calls it a key of folder
 * and order: another one begins anew.
 */
export function useFolder(folderId: string, { sort, isDescending }: Order, isElsewhere = false) {
  const [held, setHeld] = useState<FolderRows | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const asking = useRef<AbortController | null>(null);
  /** What was told while a page was on its way: the page may be older than it. */
  const meanwhile = useRef<NodesChanged[]>([]);
  const queries = useQueryClient();

  const applied = useCallback(
    (rows: FolderRows, { nodes, gone }: NodesChanged): FolderRows => {
      const here = nodes.filter((node) => node.parentId === folderId && node.trashedAt === null);
      const known = new Set(here.map(({ id }) => id));
      const elsewhere = [...gone, ...nodes.filter(({ id }) => !known.has(id)).map(({ id }) => id)];
      return withChanges(rows, { here, elsewhere }, compareNodes(sort, isDescending));
    },
    [folderId, sort, isDescending],
  );

  const load = useCallback(
    async (cursor: string | null): Promise<void> => {
      if (cursor !== null && asking.current) return;
      asking.current?.abort();
      const controller = new AbortController();
      asking.current = controller;
      meanwhile.current = [];
      try {
        const page = await api(
          listFolder,
          {
            params: { nodeId: folderId },
            query: {
              sort,
              descending: isDescending ? 'true' : 'false',
              limit: pageRows,
              ...(cursor === null ? {} : { cursor }),
            },
          },
          { signal: controller.signal },
        );
        setHeld((before) => {
          const whole = cursor === null || !before ? page : withPage(before, page);
          return meanwhile.current.reduce(applied, whole);
        });
        setError(null);
      } catch (thrown) {
        if (controller.signal.aborted) return;
        setError(thrown as Error);
      } finally {
        if (asking.current === controller) asking.current = null;
      }
    },
    [folderId, sort, isDescending, applied],
  );

  useEffect(() => {
    void load(null);
    return () => asking.current?.abort();
  }, [load]);
  useResync(() => void load(null));
  useWelcome(({ again }) => {
    // Before the first welcome something may have happened after the answer; later ones are replayed.
    if (!again || error) void load(null);
  });
  useLiveEvent(rightsChanged, () => void load(null));
  useElsewhere(isElsewhere ? () => void load(null) : null);
  useEffect(() => {
    if (!isElsewhere) return;
    const timer = setInterval(() => void load(null), elsewhereMs);
    return () => clearInterval(timer);
  }, [isElsewhere, load]);
  useLiveEvent<NodesChanged>(nodesChanged.name, ({ data }) => {
    if (data.isPartial) void load(null);
    if (asking.current) meanwhile.current.push(data);
    setHeld((before) => before && applied(before, data));
    // How much room is left; asked anew when somebody looks.
    void queries.invalidateQueries({ queryKey: routeKey(listTrees) });
  });

  const more = useCallback(() => {
    if (held?.next) void load(held.next);
  }, [held, load]);
  const setStarred = useCallback((nodeId: string, on: boolean) => {
    setHeld(
      (before) =>
        before && {
          ...before,
          rows: before.rows.map((row) => (row.id === nodeId ? { ...row, starred: on } : row)),
        },
    );
  }, []);
  return {
    rows: held?.rows,
    isWhole: held !== null && held.next === null,
    error,
    more,
    reload: () => load(null),
    setStarred,
  };
}
