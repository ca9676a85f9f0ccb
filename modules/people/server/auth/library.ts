import { isIP } from 'node:net';
import { SharingPool } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { Http } from '@liaison/core/http';
import type { BetterAuthOptions } from 'better-auth';
import type pg from 'pg';
import type { AcrossOrganisations } from '../across-organisations.ts';
import type { Request } from './exchange.ts';

/** How long a session lasts without being used. */
export const sessionDays = 30;
const daySeconds = 86_400;

/** The library's schema belongs to its own role; any number that no other advisory lock takes. */
const migrationLock = 731_020;

export interface LibraryAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  /** `Set-Cookie` lines, to be passed to the browser when the answer is accepted. */
  readonly cookies: readonly string[];
}

/** Where a page was opened, as far as cookies and passkeys mind. */
export interface Origin {
  /** `https://liaison.example.org:8443` */
  readonly origin: string;
  readonly hostname: string;
  readonly secure: boolean;
}

/**
 * The page's own origin. The cross-site hook has already refused an `Origin` that is not ours, so what is left is the
 * name under which the person reached this server: the public address, localhost, or a name of the local network. A
 * plain GET has no `Origin`; then a cookie that browsers send over HTTPS alone tells, because a proxy may hide the rest.
 */
export function originOf(http: Http, request: Request): Origin {
  const { origin: given, cookie = '' } = request.headers;
  const named = new URL(http.originOf(request.raw));
  const encrypted = cookie.includes('__Secure-liaison.');
  let url = new URL(`${encrypted ? 'https' : request.protocol}://${request.host}`);
  if (given && URL.canParse(given)) url = new URL(given);
  else if (named.host === url.host || (encrypted && named.protocol === 'https:')) url = named;
  return { origin: url.origin, hostname: url.hostname, secure: url.protocol === 'https:' };
}

/** Passkeys are bound to a name; browsers refuse them for an address such as 192.168.1.10. */
export const mayHavePasskeys = ({ hostname }: Origin): boolean =>
  isIP(hostname.replace(/^\[|\]$/g, '')) === 0;

type Instance = Awaited<ReturnType<typeof openInstance>>;

interface Needs {
  readonly core: Core;
  readonly across: AcrossOrganisations;
}

async function optionsAt({ core, across }: Needs, pool: pg.Pool, at: Origin) {
  // The library and its plugins take a while to load; a process that serves no people never does.
  const [{ APIError }, { twoFactor }, { passkey }] = await Promise.all([
    import('better-auth/api'),
    import('better-auth/plugins/two-factor'),
    import('@better-auth/passkey'),
  ]);
  const keys = core.secrets.deriveAll('people.sign-in').map((key) => key.toString('base64url'));
  return {
    appName: 'Liaison',
    baseURL: at.origin,
    basePath: '/api/v1/auth',
    trustedOrigins: [at.origin],
    // The newest key first; older ones still open what they sealed. A key's number is its age, so it never changes.
    secrets: keys.map((value, i) => ({ version: keys.length - i, value })),
    database: pool,
    telemetry: { enabled: false },
    // Guessing is slowed by `guessing.ts`, which knows accounts and browsers.
    rateLimit: { enabled: false },
    logger: {
      level: 'error',
      // The text alone: the library adds what people typed as further arguments.
      log: (_level, message) => core.log.error({ part: 'sign-in', message }, 'the sign-in library reports'),
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 10,
      maxPasswordLength: 256,
    },
    session: {
      expiresIn: sessionDays * daySeconds,
      // `/session` prolongs one that was last prolonged an hour ago or longer.
      updateAge: 3600,
      freshAge: daySeconds,
      cookieCache: { enabled: false },
    },
    advanced: {
      cookiePrefix: 'liaison',
      useSecureCookies: at.secure,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' },
      database: { generateId: () => core.ids.next() },
      // Set by `call` from what Fastify found behind trusted proxies.
      ipAddress: { ipAddressHeaders: ['x-liaison-ip'], ipv6Subnet: 128 },
    },
    databaseHooks: {
      session: {
        create: {
          // After the password, the code or the passkey was right: only now may somebody learn of a suspension.
          async before(session) {
            const standing = (await across.standingOf([session.userId])).get(session.userId);
            if (standing?.status === 'active') return;
            throw new APIError('FORBIDDEN', { code: 'SUSPENDED', message: 'suspended' });
          },
        },
      },
    },
    plugins: [
      twoFactor({
        issuer: 'Liaison',
        trustDeviceMaxAge: 30 * daySeconds,
        twoFactorCookieMaxAge: 600,
        // A lock on the account would let whoever knows the password lock its owner out.
        accountLockout: { enabled: false },
      }),
      passkey({
        rpID: at.hostname,
        rpName: 'Liaison',
        origin: at.origin,
        authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
      }),
    ],
  } satisfies BetterAuthOptions;
}

async function openInstance(needs: Needs, pool: pg.Pool, at: Origin) {
  const { betterAuth } = await import('better-auth');
  const auth = betterAuth(await optionsAt(needs, pool, at));
  return { auth, context: await auth.$context };
}

/** The sign-in library: credentials and sessions in its own schema `auth`, nothing else. */
export interface Library {
  /** Brings its schema to what it needs; safe in many processes at once. */
  migrate(): Promise<void>;
  /** SQL on its tables, as its role. */
  query<Row extends Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Its inside (hashing, adapters), the same for every origin. */
  context(): Promise<Instance['context']>;
  /** One of its endpoints, for a browser. */
  call(
    request: Request,
    path: `/${string}`,
    options?: { method?: 'GET' | 'POST'; body?: unknown },
  ): Promise<LibraryAnswer>;
  close(): Promise<void>;
}

export function createLibrary(needs: Needs): Library {
  const { core } = needs;
  let pool: pg.Pool | undefined;
  // One per name under which the server is reached: cookies and passkeys depend on it. Few in practice, bounded always.
  const instances = new Map<string, Promise<Instance>>();
  let ready: Promise<void> | undefined;
  let closed = false;

  function openPool(): pg.Pool {
    if (closed) throw new Error('people is stopped');
    if (!pool) {
      pool = new SharingPool({
        ...core.db.connectionOptions('liaison_auth', 'auth'),
        max: 5,
        idleTimeoutMillis: 30_000,
      });
      pool.on('error', (error) =>
        core.log.warn({ part: 'sign-in', reason: error.message }, 'an idle database connection was lost'),
      );
    }
    return pool;
  }

  function instanceAt(at: Origin): Promise<Instance> {
    const key = `${at.origin} ${core.secrets.keyIds().at(-1)}`;
    let instance = instances.get(key);
    instances.delete(key);
    instance ??= openInstance(needs, openPool(), at);
    instances.set(key, instance);
    instance.catch(() => instances.delete(key));
    const [oldest] = instances.keys();
    if (instances.size > 16 && oldest !== undefined) instances.delete(oldest);
    return instance;
  }
  const anywhere: Origin = { origin: 'http://localhost', hostname: 'localhost', secure: false };

  async function migrateOnce(): Promise<void> {
    const options = await optionsAt(needs, openPool(), anywhere);
    const { getMigrations } = await import('better-auth/db/migration');
    const client = await openPool().connect();
    try {
      // Another process may be at it for longer than this role's lock_timeout.
      await client.query("set lock_timeout = '60s'; set statement_timeout = '120s'");
      await client.query('select pg_advisory_lock($1)', [migrationLock]);
      try {
        const { runMigrations } = await getMigrations(options);
        await runMigrations();
      } finally {
        await client.query('select pg_advisory_unlock($1)', [migrationLock]);
        await client.query('reset lock_timeout; reset statement_timeout');
      }
    } finally {
      client.release();
    }
  }

  const library: Library = {
    migrate() {
      if (!ready) {
        ready = migrateOnce();
        ready.catch(() => {
          ready = undefined;
        });
      }
      return ready;
    },
    async query<Row extends Record<string, unknown>>(sql: string, parameters: readonly unknown[] = []) {
      await library.migrate();
      return (await openPool().query<Row>(sql, [...parameters])).rows;
    },
    async context() {
      await library.migrate();
      return (await instanceAt(anywhere)).context;
    },
    async call(request, path, { method = 'POST', body } = {}) {
      await library.migrate();
      const at = originOf(core.http, request);
      const { auth } = await instanceAt(at);
      const headers = new Headers({ origin: at.origin, 'x-liaison-ip': request.ip });
      for (const name of ['cookie', 'user-agent'] as const) {
        const value = request.headers[name];
        if (value !== undefined) headers.set(name, value.slice(0, 16_384));
      }
      if (body !== undefined) headers.set('content-type', 'application/json');
      const response = await auth.handler(
        new globalThis.Request(`${at.origin}/api/v1/auth${path}`, {
          method,
          headers,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
      const parsed: unknown = await response.json().catch(() => null);
      return {
        status: response.status,
        body: typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {},
        cookies: response.headers.getSetCookie(),
      };
    },
    async close() {
      closed = true;
      // Somebody may be in the middle of opening; it ends by itself on the ended pool.
      await ready?.catch(() => {});
      await pool?.end();
      instances.clear();
    },
  };
  return library;
}
