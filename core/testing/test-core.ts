import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import { createBlobs } from '../blobs/index.ts';
import { type Bus, createInProcessBus } from '../bus/index.ts';
import { loadSettings } from '../config/index.ts';
import type { ProblemBody, Role, RouteDefinition } from '../contract/index.ts';
import type { MigrationSource } from '../db/index.ts';
import { type Core, createCore } from '../floor/index.ts';
import { createLog } from '../log/index.ts';
import { openSecrets } from '../secrets/index.ts';
import { createTestDb, type TestDb } from './test-db.ts';

/** One of the people of a test's organisation; signed in by `client`. */
export interface TestPerson {
  readonly id: string;
  readonly orgId: string;
  readonly role: Role;
  readonly sessionId: string;
}

export interface TestAnswer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

/** A browser's requests, for one signed-in person or for nobody. */
export interface TestClient {
  call<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
    route: RouteDefinition<P, Q, B, R>,
    input?: {
      params?: Record<string, string>;
      query?: Record<string, unknown>;
      body?: unknown;
      headers?: Record<string, string>;
    },
  ): Promise<TestAnswer<z.output<R> & Partial<ProblemBody>>>;
  /** Headers that a WebSocket or a hand-made request needs. */
  readonly headers: Record<string, string>;
}

export interface TestCore {
  readonly core: Core;
  readonly testDb: TestDb;
  /** What was logged at `warn` and above: assert on it, or that it is empty. */
  readonly logged: Record<string, unknown>[];
  /** Listens on a free port; call once after the modules registered their routes. */
  listen(): Promise<string>;
  /** An organisation with people who need no `people` module: the floor knows members, not names. */
  organisation(roles?: readonly Role[]): Promise<{ orgId: string; people: TestPerson[] }>;
  client(person?: TestPerson | { cookie: string }): TestClient;
  /** Ends her session. */
  signOut(person: TestPerson): void;
  close(): Promise<void>;
}

export interface TestCoreOptions {
  sources?: readonly MigrationSource[];
  /** Settings over the defaults of a test (every port 0). */
  environment?: Record<string, string>;
  bus?: Bus;
  /** Another process on the same database: give the first one's. */
  testDb?: TestDb;
  /** Leave the sign-in to the people module. */
  ownSignIn?: boolean;
}

export async function createTestCore(options: TestCoreOptions = {}): Promise<TestCore> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-core-'));
  const testDb = options.testDb ?? (await createTestDb(options.sources));
  const logged: Record<string, unknown>[] = [];
  const log = createLog({
    level: 'warn',
    readable: false,
    destination: { write: (line: string) => void logged.push(JSON.parse(line)) },
  });
  const settings = loadSettings({
    LIAISON_DATA: folder,
    LIAISON_HTTP_PORT: '0',
    LIAISON_HTTPS_PORT: '0',
    LIAISON_SIP_PORT: '0',
    LIAISON_SIPS_PORT: '0',
    LIAISON_RTP_PORTS: '0',
    LIAISON_BIND: '127.0.0.1',
    LIAISON_ADVERTISE: '127.0.0.1',
    ...options.environment,
  });
  const bus = options.bus ?? createInProcessBus(log);
  const core = createCore({
    settings,
    log,
    secrets: await openSecrets({ dataFolder: folder }),
    db: testDb.db,
    bus,
    blobs: await createBlobs(pathToFileURL(join(folder, 'blobs')).href),
    build: 'test',
  });
  const people = new Map<string, TestPerson>();
  if (!options.ownSignIn) {
    core.http.authenticateWith(async ({ headers }) => {
      const sessionId = /(?:^|; )test=([\w-]+)/.exec(headers.cookie ?? '')?.[1];
      const person = sessionId === undefined ? undefined : people.get(sessionId);
      return person
        ? {
            kind: 'person',
            orgId: person.orgId,
            personId: person.id,
            role: person.role,
            sessionId: person.sessionId,
          }
        : null;
    });
  }

  let url: string | undefined;
  return {
    core,
    testDb,
    logged,
    async listen() {
      const { httpPort } = await core.http.listen({ host: '127.0.0.1', httpPort: 0 });
      url = `http://127.0.0.1:${httpPort}`;
      return url;
    },
    async organisation(roles = ['owner', 'member', 'member']) {
      const orgId = core.ids.next();
      const made = roles.map((role) => ({ id: core.ids.next(), orgId, role, sessionId: core.ids.next() }));
      await core.db.transaction(orgId, async (tx) => {
        await core.spaces.create(tx, {
          id: orgId,
          kind: 'organisation',
          name: 'Test',
          members: made.map(({ id, role }) => ({ personId: id, role })),
        });
      });
      for (const person of made) people.set(person.sessionId, person);
      return { orgId, people: made };
    },
    signOut(person) {
      people.delete(person.sessionId);
    },
    client(person) {
      const headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' };
      if (person) headers.cookie = 'cookie' in person ? person.cookie : `test=${person.sessionId}`;
      return {
        headers,
        async call(route, input = {}) {
          if (!url) throw new Error('call listen() first');
          let path: string = route.path;
          for (const [name, value] of Object.entries(input.params ?? {})) {
            path = path.replace(`:${name}`, encodeURIComponent(value));
          }
          const query = new URLSearchParams();
          for (const [name, value] of Object.entries(input.query ?? {})) {
            if (value !== undefined) query.set(name, String(value));
          }
          const answer = await fetch(`${url}/api/v1${path}${query.size > 0 ? `?${query}` : ''}`, {
            method: route.method,
            headers: {
              ...headers,
              ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
              ...input.headers,
            },
            ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
          });
          const text = await answer.text();
          return {
            status: answer.status,
            headers: answer.headers,
            body: text === '' ? undefined : JSON.parse(text),
          } as never;
        },
      };
    },
    async close() {
      await core.live.stop();
      await core.outbox.stop();
      await core.jobs.stop();
      await core.owned.stop();
      await core.http.close();
      if (!options.bus) await bus.close();
      if (!options.testDb) await testDb.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
