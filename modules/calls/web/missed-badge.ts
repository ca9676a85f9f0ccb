import { type NavBadge, useApi } from '@liaison/core/web';
import { countMissedCalls } from '../contract/index.ts';

/** Missed calls that were not looked at; `CallWatch` keeps the number true. */
export function useMissedBadge(): NavBadge | null {
  const { data } = useApi(countMissedCalls);
  return data && data.count > 0 ? { count: data.count } : null;
}
