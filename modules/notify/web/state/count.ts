import { type NavBadge, useApi } from '@liaison/core/web';
import { countNews, type NewsCount } from '../../contract/index.ts';

const none: NewsCount = { unread: 0, needsMe: 0 };

/** How much is new and how much of it needs me; `Ear` keeps the numbers true. */
export const useNewsCount = (): NewsCount => useApi(countNews, {}, { staleMs: 5 * 60_000 }).data ?? none;

export function useNewsBadge(): NavBadge | null {
  const { needsMe } = useNewsCount();
  return needsMe > 0 ? { count: needsMe } : null;
}
