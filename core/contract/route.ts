import type { z } from 'zod';

/** Who may call a route before any right is asked: `public` anyone, `session` a signed-in person. */
export type RouteAccess = 'public' | 'session';

/**
 * One HTTP route, described once: validation and OpenAPI on the server, the typed client in the browser.
 *
 * Paths are below `/api/v1` and name their parameters as `:name`. State changes use POST, PUT, PATCH or DELETE only.
 */
export interface RouteDefinition<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
  Access extends RouteAccess = RouteAccess,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: `/${string}`;
  readonly access: Access;
  /** One sentence for the OpenAPI page. */
  readonly summary: string;
  readonly params?: Params;
  readonly query?: Query;
  /** JSON body. Leave out for none; `raw` routes stream their body instead. */
  readonly body?: Body;
  readonly response?: Response;
  /** The body is a stream of bytes of any type (uploads): the handler reads `request.raw` and bounds it itself. */
  readonly raw?: boolean;
  /** Largest JSON body in bytes; 64 KiB unless told. */
  readonly bodyLimitBytes?: number;
}

/** Declares a route; the identity function that keeps the schemas' types. */
export function defineRoute<
  Params extends z.ZodType = z.ZodType<undefined>,
  Query extends z.ZodType = z.ZodType<undefined>,
  Body extends z.ZodType = z.ZodType<undefined>,
  Response extends z.ZodType = z.ZodType<undefined>,
  const Access extends RouteAccess = RouteAccess,
>(
  definition: RouteDefinition<Params, Query, Body, Response, Access>,
): RouteDefinition<Params, Query, Body, Response, Access> {
  return definition;
}
