import type { RouteContext } from '@liaison/core/http';

type Exchange = RouteContext<unknown, unknown, unknown, unknown>;
/** A browser's request and the answer to it, as every route gets them. */
export type Request = Exchange['request'];
export type Reply = Exchange['reply'];
