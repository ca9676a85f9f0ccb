import {
  type InfiniteData,
  keepPreviousData,
  type QueryClient,
  type QueryKey,
  type UseInfiniteQueryResult,
  type UseMutationResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useMemo } from 'react';
import type { RouteDefinition } from '../contract/route.ts';
import { send } from './request.ts';
import type { ArgsOrNullThen, LooseArgs, RouteArgs, RouteResult } from './route-args.ts';

/**
 * The cache key of a route's answers. Without `args` it stands for all of them, with only `params` for all queries of
 * one thing: what `invalidateQueries` matches by its beginning.
 */
export function routeKey(route: RouteDefinition, args?: LooseArgs | null): QueryKey {
  const key: unknown[] = ['api', route.method, route.path];
  if (args?.params !== undefined || args?.query !== undefined) key.push(args.params ?? {});
  if (args?.query !== undefined) key.push(args.query);
  return key;
}

export interface UseApiOptions {
  /** False: not asked now. So does `args` null. */
  readonly enabled?: boolean;
  /** How long an answer counts as fresh, in milliseconds; 30 s unless told. Live events should invalidate it earlier. */
  readonly staleMs?: number;
  /** Asked again this often while it is on screen; for what has no live event. */
  readonly everyMs?: number;
  /** Keep showing the last answer while that for other arguments is fetched (search as you type). */
  readonly keepLast?: boolean;
}

/** Reads a GET route through the cache. */
export function useApi<Route extends RouteDefinition>(
  route: Route,
  ...[args, options = {}]: ArgsOrNullThen<Route, [options?: UseApiOptions]>
): UseQueryResult<RouteResult<Route>> {
  const loose = (args ?? {}) as LooseArgs;
  return useQuery({
    queryKey: routeKey(route, loose),
    queryFn: ({ signal }) => send(route, loose, { signal }) as Promise<RouteResult<Route>>,
    enabled: args !== null && options.enabled !== false,
    ...(options.staleMs === undefined ? {} : { staleTime: options.staleMs }),
    ...(options.everyMs === undefined ? {} : { refetchInterval: options.everyMs }),
    // The library's own generic cannot see through the route's type.
    ...(options.keepLast ? { placeholderData: keepPreviousData as never } : {}),
  }) as UseQueryResult<RouteResult<Route>>;
}

interface PageOf<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}
type RowOf<Result> = Result extends { readonly rows: readonly (infer Row)[] } ? Row : never;

export type UseApiPagesResult<Row, Page = PageOf<Row>> = Omit<
  UseInfiniteQueryResult<InfiniteData<PageOf<Row>>>,
  'data'
> & {
  /** All rows fetched so far, in the server's order; undefined before the first page. */
  readonly rows: readonly Row[] | undefined;
  /** The first page, for what it says beside its rows. */
  readonly first: Page | undefined;
};

/** Reads a paged GET route (`pageQuery` in, `pageOf` out): `rows`, `hasNextPage`, `fetchNextPage`. */
export function useApiPages<Route extends RouteDefinition>(
  route: Route,
  ...[args, options = {}]: ArgsOrNullThen<Route, [options?: Omit<UseApiOptions, 'everyMs'>]>
): UseApiPagesResult<RowOf<RouteResult<Route>>, RouteResult<Route>> {
  type Row = RowOf<RouteResult<Route>>;
  const loose = (args ?? {}) as LooseArgs;
  const { data, ...rest } = useInfiniteQuery({
    queryKey: [...routeKey(route, { params: loose.params ?? {}, query: loose.query ?? {} }), 'pages'],
    queryFn: ({ signal, pageParam }) =>
      send(
        route,
        {
          ...loose,
          query: {
            ...(loose.query as object | undefined),
            ...(pageParam === null ? {} : { cursor: pageParam }),
          },
        },
        { signal },
      ) as Promise<PageOf<Row>>,
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    enabled: args !== null && options.enabled !== false,
    ...(options.staleMs === undefined ? {} : { staleTime: options.staleMs }),
    ...(options.keepLast ? { placeholderData: keepPreviousData as never } : {}),
  });
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows), [data]);
  return { ...rest, rows, first: data?.pages[0] } as UseApiPagesResult<Row, RouteResult<Route>>;
}

/** What an action made stale: all of a route, or a route with the arguments that are given. */
export type Stale = RouteDefinition | readonly [route: RouteDefinition, args: LooseArgs];

/** Marks answers as stale and fetches those that are on screen again. */
export const invalidate = (client: QueryClient, stale: readonly Stale[]): Promise<unknown> =>
  Promise.all(
    stale.map((each) =>
      client.invalidateQueries({ queryKey: 'path' in each ? routeKey(each) : routeKey(each[0], each[1]) }),
    ),
  );

export interface UseActionOptions<Route extends RouteDefinition> {
  readonly invalidates?:
    | readonly Stale[]
    | ((result: RouteResult<Route>, args: RouteArgs<Route>) => readonly Stale[]);
  /** Shows the outcome before the server has it: changes the cache and returns how to take that back. */
  readonly optimistic?: (args: RouteArgs<Route>, client: QueryClient) => (() => void) | undefined;
  readonly onDone?: (result: RouteResult<Route>, args: RouteArgs<Route>) => void;
  readonly onFailed?: (error: Error, args: RouteArgs<Route>) => void;
}

/** Calls a route that changes something: `mutate(args)`, `mutateAsync(args)`, `isPending`, `error`. Never tried twice. */
export function useAction<Route extends RouteDefinition>(
  route: Route,
  options: UseActionOptions<Route> = {},
): UseMutationResult<RouteResult<Route>, Error, RouteArgs<Route>, (() => void) | undefined> {
  const client = useQueryClient();
  return useMutation({
    mutationKey: [route.method, route.path],
    mutationFn: (args: RouteArgs<Route>) => send(route, args as LooseArgs, {}) as Promise<RouteResult<Route>>,
    onMutate: (args) => options.optimistic?.(args, client),
    onError: (error, args, undo) => {
      undo?.();
      options.onFailed?.(error, args);
    },
    onSuccess: async (result, args) => {
      options.onDone?.(result, args);
      const stale = options.invalidates;
      if (stale) await invalidate(client, typeof stale === 'function' ? stale(result, args) : stale);
    },
  });
}
