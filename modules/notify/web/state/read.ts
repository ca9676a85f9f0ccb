import { type RouteArgs, routeKey, useAction } from '@liaison/core/web';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import {
  countNews,
  listDigest,
  listNews,
  listNewsOfGroup,
  type NewsCount,
  type NewsGroup,
  readNews,
} from '../../contract/index.ts';

type Pages = InfiniteData<{ readonly rows: readonly NewsGroup[]; readonly next: string | null }>;

/** A group as it is once all of it is read; one that changed since is the server's to say. */
const asRead = (group: NewsGroup): NewsGroup => ({
  ...group,
  unread: 0,
  needsMe: 0,
  latest: { ...group.latest, readAt: group.latest.readAt ?? new Date().toISOString() },
});

/** Shows it as read at once; what the server counts follows. */
function showRead({ body }: RouteArgs<typeof readNews>, client: QueryClient): () => void {
  const held = client.getQueriesData<Pages>({ queryKey: routeKey(listNews) });
  const isRead = (group: NewsGroup): boolean =>
    'allUntil' in body || ('groupIds' in body && body.groupIds.includes(group.id));
  for (const [key, pages] of held) {
    if (!pages) continue;
    client.setQueryData<Pages>(key, {
      ...pages,
      pages: pages.pages.map((page) => ({
        ...page,
        rows: page.rows.map((group) => (isRead(group) ? asRead(group) : group)),
      })),
    });
  }
  return () => {
    for (const [key, pages] of held) client.setQueryData(key, pages);
  };
}

/** When the list was looked at: now, or by the server's clock where this one is behind it. */
export function lookedAt(client: QueryClient): string {
  const shown = client
    .getQueriesData<Pages>({ queryKey: routeKey(listNews) })
    .flatMap(([, pages]) => pages?.pages ?? [])
    // The page knows the beginning of the millisecond in which it came.
    .flatMap(({ rows }) => rows.map(({ latest }) => Date.parse(latest.at) + 1));
  return new Date(Math.max(Date.now(), ...shown)).toISOString();
}

/** Marks news as read, and takes that back on the screen where the server did not. */
export const useReadNews = (onFailed?: (error: Error) => void) =>
  useAction(readNews, {
    optimistic: (args, client) => {
      const count = client.getQueryData<NewsCount>(routeKey(countNews, {}));
      const undo = showRead(args, client);
      if ('allUntil' in args.body)
        client.setQueryData<NewsCount>(routeKey(countNews, {}), { unread: 0, needsMe: 0 });
      return () => {
        undo();
        client.setQueryData(routeKey(countNews, {}), count);
      };
    },
    invalidates: [countNews, listNews, listNewsOfGroup, listDigest],
    ...(onFailed ? { onFailed } : {}),
  });
