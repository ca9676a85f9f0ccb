import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import {
  createServer as createHttpsServer,
  type ServerOptions as HttpsOptions,
  type Server as HttpsServer,
} from 'node:https';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { isLoopback, programVersion } from '../config/index.ts';
import { runInContext } from '../context/index.ts';
import {
  type Actor,
  invalid,
  notFound,
  type PersonActor,
  Problem,
  type ProblemBody,
  type RouteDefinition,
} from '../contract/index.ts';
import { answerClientError } from './client-error.ts';
import { crossSite } from './cross-site.ts';
import { originElsewhere } from './origin-elsewhere.ts';
import { securityHeaders } from './security-headers.ts';
import { type BodyTimes, cutSlowBody } from './slow-body.ts';
import { malformedAt } from './well-formed.ts';

export type Log = {
  debug?(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
};

/** Finds who sends a request, from its cookie; null when nobody is signed in. Given by the people module. */
export type Authenticate = (request: {
  headers: IncomingMessage['headers'];
  ip: string;
}) => Promise<PersonActor | null>;

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a handler gets: everything parsed, and the actor where the route asks for a session. */
export interface RouteContext<Params, Query, Body, Who> {
  readonly actor: Who;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly requestId: string;
  readonly ip: string;
  /** Headers, raw bytes of `raw` routes. */
  readonly request: FastifyRequest;
  /** For streams, cookies and odd statuses; a handler that used it to answer returns `reply`. */
  readonly reply: FastifyReply;
  /** Ends when the browser went away. */
  readonly signal: AbortSignal;
}

export interface Http {
  /** Serves one route of a contract below `/api/v1`. */
  route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
    definition: RouteDefinition<P, Q, B, R, 'session'>,
    handler: (
      context: RouteContext<Output<P>, Output<Q>, Output<B>, PersonActor>,
    ) => Promise<z.input<R> | FastifyReply | undefined>,
  ): void;
  route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
    definition: RouteDefinition<P, Q, B, R>,
    handler: (
      context: RouteContext<Output<P>, Output<Q>, Output<B>, PersonActor | null>,
    ) => Promise<z.input<R> | FastifyReply | undefined>,
  ): void;
  /** All routes served so far: the tests of rights and the OpenAPI page are made from it. */
  routes(): readonly RouteDefinition[];
  authenticateWith(authenticate: Authenticate): void;
  readonly authenticate: Authenticate;
  /** For what is no JSON route: the sign-in library, static files. The cross-site check and headers still hold. */
  readonly fastify: FastifyInstance;
  /**
   * Passes WebSocket upgrades of one path, after the origin check. `anySite`: without it, for a protocol that signs in by
   * itself and reads no cookie.
   */
  upgrade(path: string, handler: UpgradeHandler, options?: { readonly anySite?: boolean }): void;
  /** Answers addresses that no route has (the web app's pages); null leaves it to the problem "not found". */
  fallback(handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> | null): void;
  /**
   * Adds a line to what `GET /readyz` asks; the text says what is missing, null when all is well. A `remark` is told and keeps
   * nobody away: what may befall all processes at once must not take all of them out of service.
   */
  readiness(name: string, check: () => Promise<string | null>, options?: { readonly remark?: boolean }): void;
  listen(options: {
    host: string;
    httpPort: number;
    httpsPort?: number;
    tls?: HttpsOptions;
    /** Told of the HTTPS server before it listens, so that its certificate can be kept current. */
    onTlsServer?: (server: HttpsServer) => void;
  }): Promise<{
    httpPort: number;
    httpsPort: number | null;
  }>;
  /** Where pages are reached, as settings say or as the request shows. */
  originOf(request: IncomingMessage): string;
  /**
   * Where people at other machines reach the page that this request comes from, when its own address is good on this
   * machine only; null where it is good everywhere or nobody else can come in.
   */
  originElsewhere(request: IncomingMessage): string | null;
  /**
   * From here on `GET /readyz` answers 503 `draining`, so that a proxy sends nobody here any more, and each answer closes its
   * connection. Whoever comes all the same is served.
   */
  drain(): void;
  /** Requests that have not been answered in full; open sockets do not count. */
  readonly underWay: number;
  /** Lets nobody in any more, waits a while for requests under way, and cuts what is left. */
  close(): Promise<void>;
}

type UpgradeHandler = (request: IncomingMessage, socket: import('node:stream').Duplex, head: Buffer) => void;

export interface HttpOptions {
  log: Log;
  /** Pages' address as people type it; absent on a machine that nobody named yet. */
  publicUrl?: string;
  trustedProxies?: string[];
  /** The address under which other machines reach this one. */
  advertised?: string | undefined;
  requestId?: () => string;
  /** Told of every answer, for the figures. */
  answered?: (request: { method: string; route: string; status: number; seconds: number }) => void;
  /** How long a request under way may still take when the server is closed; 5 s. */
  closeWithinMs?: number;
  /** How long headers may take; 15 s. */
  headersTimeoutMs?: number;
  /** How long bodies may take; see `slow-body.ts`. */
  bodyTimes?: BodyTimes;
}

/** The route of the web app's files; see `web-app.ts`. */
const staticFiles = '/*';

const requestIdPattern = /^[\w-]{8,64}$/;

export function createHttp(options: HttpOptions): Http {
  const { log } = options;
  let authenticate: Authenticate = async () => null;
  const served: RouteDefinition[] = [];
  /** Addresses of `raw` routes. */
  const uploads = new Set<string>();
  const upgrades = new Map<string, { handler: UpgradeHandler; anySite: boolean }>();
  const checks = new Map<string, { check: () => Promise<string | null>; remark: boolean }>();
  let httpsServer: HttpsServer | undefined;
  /** The HTTPS port that other machines reach. */
  let openPort: number | null = null;
  let draining = false;
  let underWay = 0;
  let answeredOne = () => {};

  const serverOptions = {
    headersTimeout: options.headersTimeoutMs ?? 15_000,
    connectionsCheckingInterval: Math.min(5000, options.headersTimeoutMs ?? 5000),
    maxHeaderSize: 16 * 1024,
  };
  const app = fastify({
    bodyLimit: 64 * 1024,
    // A client that sends its headers drop by drop is cut rather than waited for; bodies are looked at in `slow-body.ts`.
    requestTimeout: 0,
    connectionTimeout: 0,
    keepAliveTimeout: 30_000,
    http: serverOptions,
    clientErrorHandler: answerClientError,
    // An address that is none never gets to the hooks.
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      securityHeaders(reply);
      sendProblem(reply, toProblem(error).body(request.id));
    },
    trustProxy: options.trustedProxies?.length ? options.trustedProxies : false,
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && requestIdPattern.test(given)
        ? given
        : (options.requestId ?? randomUUID)();
    },
    logger: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
  });

  const originOf = (request: IncomingMessage): string => {
    if (options.publicUrl) return new URL(options.publicUrl).origin;
    const encrypted = 'encrypted' in request.socket && request.socket.encrypted === true;
    return `${encrypted ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`;
  };

  app.addHook('onRequest', async (request, reply) => {
    underWay += 1;
    reply.raw.once('close', () => {
      underWay -= 1;
      answeredOne();
    });
    // A kept connection would bring its next request here, in the moment in which we close.
    if (draining) reply.header('connection', 'close');
    reply.header('x-request-id', request.id);
    securityHeaders(reply);
    const refusal = crossSite(request.raw, request.method, [
      originOf(request.raw),
      `${request.protocol}://${request.host}`,
    ]);
    if (refusal) throw refusal;
    cutSlowBody(request.raw, reply.raw, uploads.has(request.routeOptions.url ?? ''), options.bodyTimes);
  });

  app.addHook('onResponse', async (request, reply) => {
    const status = reply.statusCode;
    const route = request.routeOptions.url ?? 'unknown';
    options.answered?.({ method: request.method, route, status, seconds: reply.elapsedTime / 1000 });
    const fields = {
      requestId: request.id,
      method: request.method,
      // The pattern, not the address: ids in it are not secret, but what people search for is content.
      route,
      status,
      ms: Math.round(reply.elapsedTime),
    };
    if (status >= 500) log.warn(fields, 'request failed');
    // A page is thirty small files, and nothing is learnt from each having been there.
    else if (route === staticFiles && status < 400) log.debug?.(fields, 'request');
    else log.info(fields, 'request');
  });

  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const problem = toProblem(error);
    if (problem.status >= 500 && !(error instanceof Problem)) {
      log.error({ requestId: request.id, route: request.routeOptions.url, err: error }, 'unexpected error');
    }
    sendProblem(reply, problem.body(request.id));
  });
  let fallback: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> | null = () => null;
  app.setNotFoundHandler(
    (request, reply) =>
      fallback(request, reply) ?? sendProblem(reply, notFound('This page').body(request.id)),
  );

  // Only what a route declares is read: JSON for schemas, a raw stream for uploads. Forms would invite cross-site posts.
  app.removeContentTypeParser('text/plain');

  const http: Http = {
    route(definition: RouteDefinition, handler: (context: never) => Promise<unknown>) {
      served.push(definition);
      const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
        const actor = await authenticate({ headers: request.headers, ip: request.ip });
        if (definition.access === 'session' && !actor) {
          throw new Problem(401, 'signed-out', 'Sign in to do this.');
        }
        const params = parse(definition.params, request.params, 'path');
        const query = parse(definition.query, request.query, 'query');
        const body = definition.raw ? undefined : parse(definition.body, request.body, 'body');
        const gone = new AbortController();
        reply.raw.once('close', () => {
          if (!reply.raw.writableFinished) gone.abort();
        });
        const context = {
          actor,
          params,
          query,
          body,
          requestId: request.id,
          ip: request.ip,
          request,
          reply,
          signal: gone.signal,
        };
        const result = await runInContext(
          { requestId: request.id, ...(actor ? { personId: actor.personId, orgId: actor.orgId } : {}) },
          () => handler(context as never),
        );
        if (result === reply) return reply;
        if (result === undefined) return reply.status(204).send();
        // Parsing strips what the schema does not name, so a wider row can never leak a column.
        return definition.response ? definition.response.parse(result) : result;
      };
      const register = (instance: FastifyInstance) =>
        instance.route({
          method: definition.method,
          url: `/api/v1${definition.path}`,
          bodyLimit: definition.raw ? Number.MAX_SAFE_INTEGER : (definition.bodyLimitBytes ?? 64 * 1024),
          handler: serve,
        });
      if (!definition.raw) {
        register(app);
        return;
      }
      uploads.add(`/api/v1${definition.path}`);
      // In a scope of its own: there every type of body is left on the wire for the handler to stream.
      app.register(async (instance) => {
        instance.removeAllContentTypeParsers();
        instance.addContentTypeParser('*', (_request, _payload, done) => done(null));
        register(instance);
      });
    },
    routes: () => served,
    authenticateWith(given) {
      authenticate = given;
    },
    get authenticate() {
      return authenticate;
    },
    fastify: app,
    upgrade: (path, handler, { anySite = false } = {}) => void upgrades.set(path, { handler, anySite }),
    fallback(handler) {
      fallback = handler;
    },
    readiness: (name, check, { remark = false } = {}) => void checks.set(name, { check, remark }),
    originOf,
    originElsewhere: (request) =>
      originElsewhere(originOf(request), { host: options.advertised, port: openPort }),
    async listen({ host, httpPort, httpsPort, tls, onTlsServer }) {
      await app.ready();
      app.server.on('upgrade', onUpgrade);
      await app.listen({ host, port: httpPort });
      let boundHttps: number | null = null;
      if (httpsPort !== undefined && tls) {
        httpsServer = createHttpsServer(
          { ...tls, ...serverOptions, requestTimeout: 0, keepAliveTimeout: 30_000 },
          (request: IncomingMessage, response: ServerResponse) => app.routing(request, response),
        );
        httpsServer.on('clientError', answerClientError);
        httpsServer.on('upgrade', onUpgrade);
        // Probes and old protocols end in handshake errors; they are their sender's problem.
        httpsServer.on('tlsClientError', (error) =>
          log.info({ reason: error.message }, 'a TLS handshake failed'),
        );
        const server = httpsServer;
        onTlsServer?.(server);
        await new Promise<void>((resolve, reject) => {
          server.once('error', reject);
          server.listen(httpsPort, host, resolve);
        });
        boundHttps = (server.address() as AddressInfo).port;
        if (!isLoopback(host)) openPort = boundHttps;
      }
      return { httpPort: ((app.server as Server).address() as AddressInfo).port, httpsPort: boundHttps };
    },
    drain() {
      draining = true;
    },
    get underWay() {
      return underWay;
    },
    async close() {
      draining = true;
      stopListening(app.server as Server);
      if (httpsServer) stopListening(httpsServer);
      await allAnswered(options.closeWithinMs ?? 5000);
      httpsServer?.closeAllConnections();
      await new Promise<void>((resolve) => (httpsServer ? httpsServer.close(() => resolve()) : resolve()));
      await app.close();
    },
  };

  /** Nobody new comes in; kept connections that rest are closed. */
  function stopListening(server: Server | HttpsServer): void {
    if (!server.listening) return;
    server.close();
    server.closeIdleConnections();
  }

  async function allAnswered(withinMs: number): Promise<void> {
    if (underWay === 0) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, withinMs);
      answeredOne = () => {
        if (underWay > 0) return;
        clearTimeout(late);
        resolve();
      };
    });
  }

  function onUpgrade(request: IncomingMessage, socket: import('node:stream').Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const upgrade = upgrades.get(path);
    const refuse = (status: string) => socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
    if (!upgrade) return void refuse('404 Not Found');
    // A WebSocket carries cookies and knows no same-origin rule of its own (RFC 6455 §10.2).
    const proxied = `https://${request.headers.host ?? ''}`;
    const ours = [originOf(request), proxied, proxied.replace('https', 'http')];
    if (!upgrade.anySite && crossSite(request, 'UPGRADE', ours)) {
      return void refuse('403 Forbidden');
    }
    upgrade.handler(request, socket, head);
  }

  // Who updates many processes sees here which of them are done.
  const version = programVersion(process.env);
  app.get('/healthz', async () => ({ status: 'up', version }));
  app.get('/readyz', async (_request, reply) => {
    const missing: Record<string, string> = draining ? { process: 'draining' } : {};
    const remarks: Record<string, string> = {};
    await Promise.all(
      [...checks].map(async ([name, { check, remark }]) => {
        const answer = await check().catch((error: Error) => error.message);
        if (answer !== null) (remark ? remarks : missing)[name] = answer;
      }),
    );
    const ready = Object.keys(missing).length === 0;
    return reply.status(ready ? 200 : 503).send({
      status: ready ? 'ready' : 'not ready',
      missing,
      ...(Object.keys(remarks).length > 0 ? { remarks } : {}),
    });
  });

  return http;
}

function parse(schema: z.ZodType | undefined, value: unknown, where: 'path' | 'query' | 'body'): unknown {
  if (!schema) return undefined;
  const malformed = malformedAt(value);
  if (malformed) {
    throw invalid('Something in the request is not as it should be.', [
      { path: `${where}${malformed.path}`, message: malformed.message },
    ]);
  }
  const result = schema.safeParse(value ?? (where === 'body' ? undefined : {}));
  if (result.success) return result.data;
  throw invalid(
    'Something in the request is not as it should be.',
    result.error.issues.slice(0, 20).map((issue) => ({
      path: [where, ...issue.path.map(String)].join('.'),
      message: issue.message,
    })),
  );
}

/** Turns whatever was thrown into problem details; what nobody foresaw says nothing of its inside. */
export function toProblem(error: Error & { statusCode?: number; code?: string }): Problem {
  if (error instanceof Problem) return error;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new Problem(413, 'too-large', 'This is larger than allowed here.');
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new Problem(415, 'media-type', 'Send JSON (content-type: application/json).');
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new Problem(error.statusCode, 'invalid', 'The request could not be read.');
  }
  return new Problem(500, 'unexpected', 'Something went wrong on our side. It has been written down.');
}

export function sendProblem(reply: FastifyReply, body: ProblemBody): FastifyReply {
  if (body.retryAfterSeconds !== undefined) reply.header('retry-after', String(body.retryAfterSeconds));
  return reply.status(body.status).type('application/problem+json').send(JSON.stringify(body));
}

/** A nonce for one page's style elements. */
export const newNonce = (): string => randomBytes(16).toString('base64');

export type { Actor };
