import { QueryClient } from '@tanstack/react-query';
import { isPassing } from './request-problem.ts';

/** The cache of server answers. Live events keep it true, so coming back to a window fetches nothing by itself. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        gcTime: 10 * 60_000,
        // The browser only knows whether there is a network, not whether our server is on it.
        networkMode: 'always',
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        retry: (failures, error) => failures < 2 && isPassing(error),
        retryDelay: (failures) => 400 * 2 ** failures,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}
