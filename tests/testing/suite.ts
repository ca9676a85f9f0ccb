import { fileURLToPath } from 'node:url';
import type { Role } from '@liaison/core/contract';
import { serveWebApp } from '@liaison/core/http';
import { createTestCore, type TestCore, type TestCoreOptions } from '@liaison/core/testing';
import type { Language } from '@liaison/people';
import { createDevice, createOrganisation, createPerson, goodPassword } from '@liaison/people/testing';
import { compose, migrations, type Suite } from '@liaison/server/compose';
import { servicesFor } from '@liaison/server/duties';
import { cookieOf, openPage, type Page } from './page.ts';
import { until } from './program.ts';

export type { Page } from './page.ts';

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

/** Who is made; the rest of a person is as `createPerson` has it. */
export interface NewMember {
  readonly name: string;
  readonly extension: string;
  readonly role?: Role;
  readonly title?: string;
  readonly office?: string;
  readonly language?: Language;
  readonly timeZone?: string;
}

/** The whole suite in this process, on a database of its own, with every port free. */
export interface RunningSuite {
  readonly suite: Suite;
  readonly test: TestCore;
  readonly url: string;
  readonly sipPorts: { readonly udp: number; readonly tcp: number };
  organisation(
    name: string,
    people: readonly NewMember[],
  ): Promise<{ orgId: string; domain: string; members: Member[] }>;
  /** A telephone's credentials for a member. */
  telephone(member: Member): Promise<{ username: string; secret: string }>;
  page(member: Member): Promise<Page>;
  close(): Promise<void>;
}

export async function startSuite(
  options: Omit<TestCoreOptions, 'sources' | 'ownSignIn'> & {
    /** Serves the built pages: those of `LIAISON_TEST_APP`, or of apps/web. */
    web?: boolean;
    callTimes?: NonNullable<Parameters<typeof compose>[1]>['callTimes'];
    /** Where the program may go, beside the world. */
    outgoing?: NonNullable<Parameters<typeof compose>[1]>['outgoing'];
  } = {},
): Promise<RunningSuite> {
  // Core's own come with the test database.
  const sources = migrations.filter((source) => source.schema !== 'core');
  const test = await createTestCore({ ...options, sources, ownSignIn: true });
  const { callTimes, outgoing } = options;
  const suite = compose(test.core, {
    ...(callTimes ? { callTimes } : {}),
    ...(outgoing ? { outgoing } : {}),
  });
  const services = servicesFor(suite, test.core.settings.duties);
  for (const service of services) await service.start();
  if (options.web)
    await serveWebApp(
      test.core.http,
      process.env.LIAISON_TEST_APP ?? fileURLToPath(new URL('../../apps/web/dist/', import.meta.url)),
    );
  const url = (await test.listen()).replace('127.0.0.1', 'localhost');
  const pages = new Set<Page>();

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
        for (const person of made) await createPerson(core, tx, { ...person, status: 'active' });
      });
      const members: Member[] = [];
      for (const person of made)
        members.push({ ...person, orgId, cookie: await cookieOf(url, person.address) });
      return { orgId, domain, members };
    },
    async telephone(member) {
      const { username, secret } = await test.core.db.transaction(member.orgId, (tx) =>
        createDevice({ core: test.core }, tx, { personId: member.id, name: 'test telephone' }),
      );
      return { username, secret };
    },
    async page(member) {
      const page = await openPage(url, member.cookie);
      pages.add(page);
      // It is written down behind its welcome: whoever calls before that finds nobody there.
      await until(async () => {
        const claims = await test.testDb.admin(
          "select from reach.claim where kind = 'connection' and ref = $1",
          [page.connectionId],
        );
        return claims.length > 0;
      }, `a page of ${member.name} counts`);
      return page;
    },
    async close() {
      for (const page of pages) page.close();
      for (const service of services.reverse()) await service.stop();
      await test.close();
    },
  };
}
