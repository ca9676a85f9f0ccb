import type { Role, RouteDefinition } from '@liaison/core/contract';
import { createTestCore, type TestCore } from '@liaison/core/testing';
import type { z } from 'zod';
import {
  acceptInvitation,
  checkSetUp,
  type Invitation,
  invite,
  type SignedIn,
  setUp,
} from '../../contract/index.ts';
import { createOrganisation } from '../actions/create-organisation.ts';
import { createPerson } from '../actions/create-person.ts';
import { createPeople, migrations, type PeopleModule } from '../index.ts';

export const goodPassword = 'moulin rouge 12 tempête';

/** What a refusal says beside its status. */
export interface Refusal {
  readonly code?: string;
  readonly retryAfterSeconds?: number;
  readonly errors?: readonly { path: string; message: string }[];
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

/** A browser with its cookies. */
export interface Browser {
  readonly cookies: Map<string, string>;
  readonly headers: Record<string, string>;
  call<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
    route: RouteDefinition<P, Q, B, R>,
    input?: {
      params?: Record<string, string>;
      query?: Record<string, unknown>;
      body?: unknown;
      raw?: Uint8Array;
      headers?: Record<string, string>;
    },
  ): Promise<Answer<(undefined extends z.output<R> ? unknown : z.output<R>) & Refusal>>;
}

/** What an organisation of the bench has: its members in the order of their roles. */
export interface Organisation {
  readonly orgId: string;
  readonly domain: string;
  readonly members: { id: string; address: string; role: Role; browser: Browser }[];
}

/** Where the members of an organisation stand that was made without naming its roles. */
export const [OWNER, MANAGER, MEMBER, GUEST] = [0, 1, 2, 3] as const;

export interface Bench {
  readonly test: TestCore;
  readonly people: PeopleModule;
  readonly url: string;
  /** `as` is how a proxy passes its requests on. */
  browser(as?: { origin: string }): Browser;
  /** An organisation straight from the actions, with a signed-in browser for each role. */
  organisation(
    name: string,
    roles?: readonly Role[],
    /** Whether everybody signs in; yes unless told. */
    signedIn?: boolean,
  ): Promise<Organisation>;
  /** Runs every reaction on every event again, as after a crash that lost the cursors. */
  replay(): Promise<void>;
  close(): Promise<void>;
}

/** The module on a real database behind a real server, as its tests use it. */
export async function createBench(options: { environment?: Record<string, string> } = {}): Promise<Bench> {
  const test = await createTestCore({ sources: [migrations], ownSignIn: true, ...options });
  const people = createPeople({ core: test.core });
  await people.service.start();
  await test.core.live.start();
  const address = await test.listen();
  // Passkeys want a name, not a number.
  const url = address.replace('127.0.0.1', 'localhost');

  function browser(as?: { origin: string }): Browser {
    const cookies = new Map<string, string>();
    const self: Browser = {
      cookies,
      get headers() {
        return {
          origin: url,
          ...as,
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        };
      },
      async call(route, input = {}) {
        let path: string = route.path;
        for (const [name, value] of Object.entries(input.params ?? {})) {
          path = path.replace(`:${name}`, encodeURIComponent(value));
        }
        const query = new URLSearchParams();
        for (const [name, value] of Object.entries(input.query ?? {})) {
          if (value !== undefined) query.set(name, String(value));
        }
        const body = input.raw ?? (input.body === undefined ? undefined : JSON.stringify(input.body));
        const answer = await fetch(`${url}/api/v1${path}${query.size > 0 ? `?${query}` : ''}`, {
          method: route.method,
          headers: withoutEmpty({
            ...self.headers,
            ...(input.raw ? { 'content-type': 'application/octet-stream' } : {}),
            ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
            ...input.headers,
          }),
          ...(body === undefined ? {} : { body: body as BodyInit }),
        });
        for (const line of answer.headers.getSetCookie()) {
          const [pair = '', ...attributes] = line.split(';');
          const [name = '', value = ''] = [
            pair.slice(0, pair.indexOf('=')),
            pair.slice(pair.indexOf('=') + 1),
          ];
          const ended = attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute));
          if (ended || value === '') cookies.delete(name);
          else cookies.set(name, value);
        }
        const bytes = Buffer.from(await answer.arrayBuffer());
        const json = /json/.test(answer.headers.get('content-type') ?? '');
        const parsed = json ? JSON.parse(bytes.toString()) : bytes;
        return { status: answer.status, headers: answer.headers, body: parsed } as never;
      },
    };
    return self;
  }

  return {
    test,
    people,
    url,
    browser,
    async organisation(name, roles = ['owner', 'manager', 'member', 'guest'], signedIn = true) {
      const orgId = test.core.ids.next();
      const domain = `${name}.example`;
      const members = roles.map((role, i) => ({
        id: test.core.ids.next(),
        address: `${role}${i}@${domain}`,
        role,
        browser: browser(),
      }));
      for (const { id, address: own, role } of members) {
        await people.parts.accounts.open({ id, address: own, name: role }, goodPassword);
      }
      await test.core.db.transaction(orgId, async (tx) => {
        await createOrganisation(test.core, tx, {
          name,
          domain,
          languages: ['en', 'fr'],
          timeZone: 'Europe/Lisbon',
        });
        for (const { id, address: own, role } of members) {
          await createPerson(test.core, tx, {
            id,
            name: `${role} of ${name}`,
            address: own,
            role,
            status: 'active',
          });
        }
      });
      for (const member of signedIn ? members : []) await signIn(member.browser, member.address);
      return { orgId, domain, members };
    },
    async replay() {
      await test.testDb.admin('delete from core.reaction_scan');
      await test.testDb.admin('delete from core.reaction_cursor');
      await test.core.outbox.drain();
      await test.core.jobs.drain();
      const [parked] = await test.testDb.admin(
        'select reaction, error from core.reaction_cursor where tries > 0',
      );
      if (parked) throw new Error(`${parked.reaction} failed: ${parked.error}`);
    },
    async close() {
      await people.service.stop();
      await test.close();
    },
  };
}

const withoutEmpty = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));

async function signIn(browser: Browser, address: string): Promise<void> {
  const { signIn: route } = await import('../../contract/index.ts');
  const answer = await browser.call(route, { body: { address, password: goodPassword } });
  if (answer.status !== 200)
    throw new Error(`sign-in of ${address} answered ${answer.status}: ${answer.body.code}`);
}

export type { Invitation, SignedIn };
export { acceptInvitation, checkSetUp, invite, setUp };

export interface TwoOrganisations {
  readonly bench: Bench;
  /** With somebody of each role. */
  readonly alpha: Organisation;
  /** With an owner and a member. */
  readonly beta: Organisation;
}

/** What most tests of rights need: one organisation to act in, and another one that must not notice. */
export async function openTwoOrganisations(): Promise<TwoOrganisations> {
  const bench = await createBench();
  const alpha = await bench.organisation('alpha');
  const beta = await bench.organisation('beta', ['owner', 'member']);
  return { bench, alpha, beta };
}

/** A member of an organisation by place: `OWNER`, `MANAGER`, `MEMBER`, `GUEST`. */
export const at = (organisation: Organisation, place: number) => organisation.members[place]!;
