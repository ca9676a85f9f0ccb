import type { RouteDefinition } from '../contract/route.ts';
import { isProblemBody, RequestProblem } from './request-problem.ts';
import type { ArgsThen, LooseArgs, RouteArgs, RouteResult } from './route-args.ts';

/** Everything below this is the suite's own HTTP interface. */
export const apiBase = '/api/v1';

export interface RequestOptions {
  /** Gives the request up. */
  readonly signal?: AbortSignal;
  /** How long an answer may take, in milliseconds; 30 s unless told. */
  readonly timeoutMs?: number;
}

/** Before a question whose answer was lost is asked again, in milliseconds: a network that changes loses what is on its way. */
const againAfterMs = [150, 600];

let signedOutHandler: () => void = () => {};

/** Called when a request is refused because nobody is signed in (any more). One handler: the app's. */
export function onSignedOut(handler: () => void): void {
  signedOutHandler = handler;
}

/** Tells the app that this page's session has ended. */
export const tellSignedOut = (): void => signedOutHandler();

/** 128 random bits as hex. Not `crypto.randomUUID`: pages opened over plain HTTP by another name than localhost lack it. */
export function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The address of a route with its parameters and query filled in: for links and images. */
export function routeUrl<Route extends RouteDefinition>(
  route: Route,
  ...[args]: Omit<RouteArgs<Route>, 'body'> extends infer Rest
    ? Record<never, never> extends Rest
      ? [args?: Rest]
      : [args: Rest]
    : never
): string {
  return addressOf(route, (args ?? {}) as LooseArgs);
}

export function addressOf(route: RouteDefinition, { params, query }: LooseArgs): string {
  const values = (params ?? {}) as Record<string, unknown>;
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined || value === null || value === '') {
      throw new Error(`${route.method} ${route.path} needs the parameter ${name}`);
    }
    return encodeURIComponent(String(value));
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as Record<string, unknown>)) {
    if (value === undefined || value === null) continue;
    if (Array.isArray(value)) for (const each of value) search.append(name, String(each));
    else search.set(name, String(value));
  }
  const text = search.toString();
  return `${apiBase}${path}${text ? `?${text}` : ''}`;
}

/**
 * Calls a route of a contract. What only reads is asked again when its answer was lost on the way.
 *
 * @throws RequestProblem with the server's own code, or `offline` when it cannot be reached, `timeout` when it does not
 *   answer in time, `unreadable` when the answer is not ours (a proxy's page). `AbortError` when `signal` ended it.
 */
export function api<Route extends RouteDefinition>(
  route: Route,
  ...[args, options]: ArgsThen<Route, [options?: RequestOptions]>
): Promise<RouteResult<Route>> {
  return send(route, (args ?? {}) as LooseArgs, options ?? {}) as Promise<RouteResult<Route>>;
}

/** `api` for callers that hold many kinds of routes. */
export async function send(
  route: RouteDefinition,
  args: LooseArgs,
  options: RequestOptions,
): Promise<unknown> {
  const requestId = newRequestId();
  const deadline = AbortSignal.timeout(options.timeoutMs ?? 30_000);
  const ask = async (): Promise<[status: number, text: string]> => {
    const response = await fetch(addressOf(route, args), {
      method: route.method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        'x-request-id': requestId,
        ...(args.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(args.body === undefined ? {} : { body: JSON.stringify(args.body) }),
      signal: options.signal ? AbortSignal.any([options.signal, deadline]) : deadline,
    });
    return [response.status, await response.text()];
  };
  let answer: readonly [status: number, text: string] | undefined;
  for (let tries = 0; answer === undefined; tries += 1) {
    try {
      answer = await ask();
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      if (deadline.aborted)
        throw new RequestProblem(0, 'timeout', 'The server did not answer in time.', { requestId });
      // Where the browser knows of no network at all, whoever asked is told at once.
      const waitMs = route.method === 'GET' && navigator.onLine !== false ? againAfterMs[tries] : undefined;
      if (waitMs === undefined)
        throw new RequestProblem(0, 'offline', 'The server cannot be reached.', { requestId, cause: error });
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return readAnswer(...answer, requestId);
}

/** The value of an answer, or the problem it tells of. */
export function readAnswer(status: number, text: string, requestId: string): unknown {
  let value: unknown;
  try {
    value = text === '' ? undefined : JSON.parse(text);
  } catch (cause) {
    throw new RequestProblem(status, 'unreadable', 'The answer could not be read.', { requestId, cause });
  }
  if (status >= 200 && status < 300) return value;
  if (isProblemBody(value)) {
    if (status === 401 && value.code === 'signed-out') tellSignedOut();
    throw RequestProblem.of(value, requestId);
  }
  throw new RequestProblem(status, status >= 500 ? 'unexpected' : 'invalid', 'The request was refused.', {
    requestId,
  });
}
