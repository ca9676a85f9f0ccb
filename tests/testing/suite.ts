import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CallView } from '@liaison/calls';
import type { CommandDefinition, FromServer, Role } from '@liaison/core/contract';
import { serveWebApp } from '@liaison/core/http';
import { createTestCore, type TestCore, type TestCoreOptions } from '@liaison/core/testing';
import { signIn } from '@liaison/people';
import { createDevice, createOrganisation, createPerson, goodPassword } from '@liaison/people/testing';
import { compose, migrations, type Suite } from '@liaison/server/compose';
import { servicesFor } from '@liaison/server/duties';
import { WebSocket } from 'ws';
import type { z } from 'zod';

/** Somebody of a test's organisation, able to sign in. */
export interface Member {
  readonly id: string;
  readonly orgId: string;
  readonly name: string;
  readonly address: string;
  readonly extension: string;
  readonly role: Role;
  /** The `cookie` header of a signed-in browser. */
  readonly cookie: string;
}

/** One page of a member: its live socket, spoken to by hand. */
export interface Page {
  readonly connectionId: string;
  readonly got: readonly FromServer[];
  command<P extends z.ZodType, R extends z.ZodType>(
    definition: CommandDefinition<P, R>,
    params: z.input<P>,
  ): Promise<z.output<R>>;
  /** The newest view of a call that this page was told. */
  call(callId?: string): CallView | undefined;
  signals(name: string): unknown[];
  until<T>(find: () => T | undefined | null | false, what: string, deadlineMs?: number): Promise<T>;
  close(): void;
}

/** The whole suite in this process, on a database of its own, with every port free. */
export interface RunningSuite {
  readonly suite: Suite;
  readonly test: TestCore;
  readonly url: string;
  readonly sipPorts: { readonly udp: number; readonly tcp: number };
  organisation(
    name: string,
    people: readonly { name: string; extension: string; role?: Role }[],
  ): Promise<{ orgId: string; domain: string; members: Member[] }>;
  /** A telephone's credentials for a member. */
  telephone(member: Member): Promise<{ username: string; secret: string }>;
  page(member: Member): Promise<Page>;
  close(): Promise<void>;
}

export async function startSuite(
  options: Omit<TestCoreOptions, 'sources' | 'ownSignIn'> & { web?: boolean } = {},
): Promise<RunningSuite> {
  // Core's own come with the test database.
  const sources = migrations.filter((source) => source.schema !== 'core');
  const test = await createTestCore({ ...options, sources, ownSignIn: true });
  const suite = compose(test.core);
  const services = servicesFor(suite, test.core.settings.duties);
  for (const service of services) await service.start();
  if (options.web)
    await serveWebApp(test.core.http, fileURLToPath(new URL('../../apps/web/dist/', import.meta.url)));
  const url = (await test.listen()).replace('127.0.0.1', 'localhost');
  const pages = new Set<WebSocket>();

  async function cookieOf(address: string): Promise<string> {
    const answer = await fetch(`${url}/api/v1${signIn.path}`, {
      method: signIn.method,
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ address, password: goodPassword }),
    });
    if (answer.status !== 200)
      throw new Error(`sign-in of ${address}: ${answer.status} ${await answer.text()}`);
    return answer.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0])
      .join('; ');
  }

  return {
    suite,
    test,
    url,
    sipPorts: {
      udp: suite.calls.telephones.ports.udpPort ?? 0,
      tcp: suite.calls.telephones.ports.tcpPort ?? 0,
    },
    async organisation(name, people) {
      const { core } = test;
      const orgId = core.ids.next();
      const domain = `${name}.example`;
      const made = people.map((person, at) => ({
        ...person,
        id: core.ids.next(),
        role: person.role ?? (at === 0 ? ('owner' as const) : ('member' as const)),
        address: `${person.name
          .toLowerCase()
          .normalize('NFD')
          .replace(/[^a-z]+/g, '')}@${domain}`,
      }));
      for (const person of made) await suite.people.parts.accounts.open(person, goodPassword);
      await core.db.transaction(orgId, async (tx) => {
        await createOrganisation(core, tx, { name, domain, languages: ['en'], timeZone: 'Europe/Lisbon' });
        for (const { id, name: own, address, extension, role } of made) {
          await createPerson(core, tx, { id, name: own, address, extension, role, status: 'active' });
        }
      });
      const members: Member[] = [];
      for (const person of made) members.push({ ...person, orgId, cookie: await cookieOf(person.address) });
      return { orgId, domain, members };
    },
    async telephone(member) {
      const { username, secret } = await test.core.db.transaction(member.orgId, (tx) =>
        createDevice({ core: test.core }, tx, { personId: member.id, name: 'test telephone' }),
      );
      return { username, secret };
    },
    async page(member) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live`, {
        headers: { cookie: member.cookie, origin: url },
      });
      pages.add(socket);
      const got: FromServer[] = [];
      socket.on('message', (data) => got.push(JSON.parse(String(data))));
      await once(socket, 'open');
      let lastId = 0;
      const until = async <T>(
        find: () => T | undefined | null | false,
        what: string,
        deadlineMs = 10_000,
      ): Promise<T> => {
        const end = Date.now() + deadlineMs;
        for (;;) {
          const found = find();
          if (found !== undefined && found !== null && found !== false) return found;
          if (Date.now() > end)
            throw new Error(`never came: ${what}; last: ${JSON.stringify(got.slice(-5))}`);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      };
      socket.send(JSON.stringify({ t: 'hello', v: 1, positions: {} }));
      const welcome = await until(() => got.find((each) => each.t === 'welcome'), 'welcome');
      return {
        connectionId: welcome.t === 'welcome' ? welcome.connectionId : '',
        got,
        until,
        async command(definition, params) {
          lastId += 1;
          const id = lastId;
          socket.send(JSON.stringify({ t: 'command', id, name: definition.name, params }));
          const reply = await until(
            () => got.find((each) => each.t === 'reply' && each.id === id),
            `the reply to ${definition.name}`,
          );
          if (reply.t !== 'reply' || reply.error) {
            throw Object.assign(
              new Error(`${definition.name}: ${reply.t === 'reply' ? reply.error?.code : ''}`),
              {
                code: reply.t === 'reply' ? reply.error?.code : undefined,
              },
            );
          }
          return definition.result.parse(reply.result) as never;
        },
        call: (callId) =>
          got
            .flatMap((each) =>
              each.t === 'signal' && each.name === 'calls.changed' ? [each.data as CallView] : [],
            )
            .filter((view) => callId === undefined || view.id === callId)
            .at(-1),
        signals: (name) =>
          got.flatMap((each) => (each.t === 'signal' && each.name === name ? [each.data] : [])),
        close: () => socket.terminate(),
      };
    },
    async close() {
      for (const socket of pages) socket.terminate();
      for (const service of services.reverse()) await service.stop();
      await test.close();
    },
  };
}
