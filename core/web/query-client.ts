import {
  type InvalidateOptions,
  type InvalidateQueryFilters,
  type Query,
  QueryClient,
  type QueryKey,
} from '@tanstack/react-query';
import { isPassing } from './request-problem.ts';

/**
 * The library lets a first question go on when its answer is made stale meanwhile, and takes what may be from before for
 * fresh. Here it is asked once more when it was answered: not instead, because changes that come faster than answers
 * would keep a page empty.
 */
class TrueQueryClient extends QueryClient {
  readonly #onceMore = new WeakSet<Query>();

  override invalidateQueries<Key extends QueryKey = QueryKey>(
    filters?: InvalidateQueryFilters<Key>,
    options?: InvalidateOptions,
  ): Promise<void> {
    for (const query of this.getQueryCache().findAll({ ...filters, fetchStatus: 'fetching' })) {
      if (query.state.data !== undefined || this.#onceMore.has(query)) continue;
      this.#onceMore.add(query);
      const askAgain = (): void => {
        this.#onceMore.delete(query);
        void this.invalidateQueries({ queryKey: query.queryKey, exact: true });
      };
      // Not a second question: the promise of the one that is on its way.
      query.fetch().then(askAgain, askAgain);
    }
    return super.invalidateQueries(filters, options);
  }
}

/** The cache of server answers. Live events keep it true, so coming back to a window fetches nothing by itself. */
export function createQueryClient(): QueryClient {
  return new TrueQueryClient({
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

/** Puts what an event tells in the place of an answer; one that is still on its way may be older, and is given up. */
export function putAnswer<Answer>(client: QueryClient, queryKey: QueryKey, answer: Answer): void {
  void client.cancelQueries({ queryKey, exact: true });
  client.setQueryData<Answer>(queryKey, answer);
}
