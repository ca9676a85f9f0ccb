import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Language } from '@liaison/people';
import { type RunningServer, startServer } from '../load/measure/server.ts';
import { cookieOf } from '../testing/page.ts';

/** `much`: the demo. `none`: set up a moment ago. */
export const contents = ['much', 'none'] as const;
export type Content = (typeof contents)[number];

/** Who looks: the owner, a member who manages nothing, or nobody who is signed in. */
export const lookers = ['owner', 'member', 'nobody'] as const;
export type Looker = (typeof lookers)[number];

/** An installation of its own with one organisation, and what is asked of it to find something that can be shown. */
export interface Organisation {
  readonly content: Content;
  readonly url: string;
  /** The link of the first start; it works until `setUp`. */
  readonly setupToken: string | undefined;
  /** Cookie header; none for nobody, and for a member where there is none. */
  cookie(looker: Looker): string | undefined;
  /** Asks a route as the owner. */
  ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  /** The first of what a route lists. */
  first<Row>(path: string, which?: (row: Row) => boolean): Promise<Row | undefined>;
  /** Makes the organisation, where that is not done yet. */
  setUp(): Promise<void>;
  speak(language: Language): Promise<void>;
  stop(): Promise<void>;
}

const member = { address: 'beatriz.monteverde@estuaria.example', password: 'rowing over calm water 42' };

/** Whoever opens it stops it. `pinned`: on a core of its own, where something is measured. */
export async function openOrganisation(
  content: Content,
  { pinned = false }: { pinned?: boolean } = {},
): Promise<Organisation> {
  const folder = await mkdtemp(join(tmpdir(), `liaison-screens-${content}-`));
  let server: RunningServer;
  try {
    server = await startServer({
      dataFolder: folder,
      pin: pinned,
      arguments: content === 'much' ? ['--demo'] : [],
    });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const { url } = server;
  const cookies = new Map<Looker, string>();
  const people = new Map<Looker, string>();

  async function askAs<Answer>(
    cookie: string,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer> {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        origin: url,
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }
  async function comesIn(looker: Looker, cookie: string): Promise<void> {
    cookies.set(looker, cookie);
    const { person } = await askAs<{ person: { id: string } }>(cookie, 'GET', '/session');
    people.set(looker, person.id);
  }
  const ask: Organisation['ask'] = (method, path, body) =>
    askAs(cookies.get('owner') ?? '', method, path, body);
  const first: Organisation['first'] = async <Row>(
    path: string,
    which: (row: Row) => boolean = () => true,
  ) => {
    const answer = await ask<Record<string, Row[]>>('GET', path);
    return (answer.rows ?? answer.teams ?? []).find(which);
  };

  const setupToken = /\/setup#([\w-]+)/.exec(await whenSaid(server, content))?.[1];
  return {
    content,
    url,
    setupToken,
    cookie: (looker) => cookies.get(looker),
    ask,
    first,
    async setUp() {
      if (cookies.size > 0) return;
      if (setupToken !== undefined) {
        await askAs('', 'POST', '/setup', {
          token: setupToken,
          organisation: { name: 'Estuaria', domain: 'estuaria.example' },
          owner: {
            name: 'Inês Carvalhal',
            address: 'ines.carvalhal@estuaria.example',
            password: member.password,
            language: 'en',
            timeZone: 'Europe/Lisbon',
          },
        });
        await comesIn('owner', await cookieOf(url, 'ines.carvalhal@estuaria.example', member.password));
        return;
      }
      const [, address = '', password = ''] =
        /address\s+(\S+)\s+password\s+([^\n]+)/.exec(server.output()) ?? [];
      await comesIn('owner', await cookieOf(url, address, password.trim()));
      const colleague = await first<{ id: string; name: string; address: string }>(
        '/people?limit=100',
        (person) => person.address === member.address,
      );
      if (!colleague) throw new Error(`the demo has nobody at ${member.address}`);
      const { link } = await ask<{ link: string }>('POST', `/people/${colleague.id}/invitation`);
      await askAs('', 'POST', '/invitations/accept', {
        token: link.split('#')[1],
        name: colleague.name,
        password: member.password,
      });
      await comesIn('member', await cookieOf(url, member.address, member.password));
    },
    async speak(language) {
      for (const [looker, id] of people)
        await askAs(cookies.get(looker) ?? '', 'PATCH', `/people/${id}`, { language });
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What it printed at its start; that comes a moment after it is ready. */
async function whenSaid(server: RunningServer, content: Content): Promise<string> {
  const awaited = content === 'much' ? 'Ctrl-C ends it' : '/setup#';
  for (const deadline = performance.now() + 90_000; performance.now() < deadline; ) {
    if (server.output().includes(awaited)) return server.output();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the program never said ${awaited}: ${server.output()}`);
}
