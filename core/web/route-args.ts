import type { z } from 'zod';
import type { RouteDefinition } from '../contract/route.ts';

type Nothing = Record<never, never>;

/** One part of a request: left out where the route has none, optional where nothing in it is needed. */
type Part<Name extends string, Schema> = Schema extends z.ZodType
  ? [z.output<Schema>] extends [undefined]
    ? Nothing
    : Nothing extends z.input<Schema>
      ? { readonly [key in Name]?: z.input<Schema> }
      : { readonly [key in Name]: z.input<Schema> }
  : Nothing;

/** What a route must be called with: its path parameters, its query, its JSON body. */
export type RouteArgs<Route extends RouteDefinition> =
  Route extends RouteDefinition<infer Params, infer Query, infer Body, z.ZodType>
    ? Part<'params', Params> & Part<'query', Query> & Part<'body', Body>
    : never;

/** What a route answers, as it arrives (dates as the schema's output says). */
export type RouteResult<Route extends RouteDefinition> =
  Route extends RouteDefinition<z.ZodType, z.ZodType, z.ZodType, infer Response> ? z.output<Response> : never;

/** The arguments of a function whose last one may be left out where the route needs nothing. */
export type ArgsThen<Route extends RouteDefinition, Rest extends readonly unknown[]> =
  Nothing extends RouteArgs<Route> ? [args?: RouteArgs<Route>, ...Rest] : [args: RouteArgs<Route>, ...Rest];

/** The same where null means "not yet". */
export type ArgsOrNullThen<Route extends RouteDefinition, Rest extends readonly unknown[]> =
  Nothing extends RouteArgs<Route>
    ? [args?: RouteArgs<Route> | null, ...Rest]
    : [args: RouteArgs<Route> | null, ...Rest];

/** A request's parts without their types, as the client handles them. */
export interface LooseArgs {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}
