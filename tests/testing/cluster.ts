import { chmodSync, cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createNatsServer } from '@liaison/core/bus/testing';
import { createLog } from '@liaison/core/log';
import { startEmbeddedPostgres } from '@liaison/core/postgres';
import { openSecrets } from '@liaison/core/secrets';
import { freePort } from '@liaison/core/testing';
import { goodPassword } from '@liaison/people/testing';
import type { Reachability } from '@liaison/reach';
import { cookieOf, openPage, type Page } from './page.ts';
import { logged, type Program, scratchFolder, startProgram, until } from './program.ts';

/** One server process of a cluster, as people and telephones reach it. */
export interface Node {
  readonly name: string;
  readonly program: Program;
  readonly url: string;
  /** Null without the duty `sip`. */
  readonly sipPort: number | null;
  readonly sipTcpPort: number | null;
  /** Ends it as the kernel would, and waits for that. */
  kill(): Promise<void>;
  /** Ends it as its operator would, and holds it to what a stop promises. */
  stop(): Promise<void>;
  /** Tells it to end as an orchestrator does, the process alone; its exit status, once it has ended. */
  leave(): Promise<number | null>;
}

/** Somebody who can sign in on every process. */
export interface Colleague {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly extension: string;
  /** The `cookie` header of one browser, good on every process. */
  readonly cookie: string;
}

/**
 * Several real server processes on one PostgreSQL and one NATS, set up as an operator would: each has a data folder of its
 * own, all have the same master key and one place for blobs.
 */
export interface Cluster {
  readonly root: string;
  readonly domain: string;
  readonly databaseUrl: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The bus between the processes: `kill` and `start` it. */
  readonly nats: { start(): Promise<void>; kill(): Promise<void> };
  /** Connections that the bus holds: it hears of a killed process a moment after we do. */
  onBus(): Promise<number>;
  start(name: string, env?: Readonly<Record<string, string>>): Promise<Node>;
  /** The data folder of a process of that name; without the key file until it is started. */
  dataFolder(name: string): string;
  /** The first organisation, made at that process by its setup link; the first name is its owner's. */
  organisation(at: Node, people: readonly { name: string; extension: string }[]): Promise<Colleague[]>;
  /** A further browser of somebody. */
  signIn(at: Node, who: Colleague): Promise<Colleague>;
  page(at: Node, who: Colleague): Promise<Page>;
  /** A telephone's credentials. */
  telephone(at: Node, who: Colleague): Promise<{ username: string; secret: string }>;
  ask<Body = unknown>(
    at: Node,
    who: Colleague,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Body }>;
  close(): Promise<void>;
}

export async function startCluster(): Promise<Cluster> {
  const root = scratchFolder();
  const monitorPort = await freePort();
  const nats = await createNatsServer(['--http_port', String(monitorPort)]);
  const log = createLog({ level: 'silent' });
  const [postgres] = await Promise.all([
    startEmbeddedPostgres({ dataFolder: join(root, 'database'), log }),
    nats.start(),
  ]);
  const keyHolder = join(root, 'key-holder');
  await openSecrets({ dataFolder: keyHolder });
  mkdirSync(join(root, 'blobs'));
  const environment = {
    DATABASE_URL: postgres.url,
    NATS_URL: `nats://127.0.0.1:${nats.port}`,
    BLOBS_URL: `file:${join(root, 'blobs')}`,
  };
  const domain = 'estuaria.example';
  const nodes = new Set<Node>();
  /** The others say so, at any time from then on. */
  let wasKilled = false;
  const pages = new Set<Page>();

  const ask: Cluster['ask'] = async (at, who, method, path, body) => {
    const answer = await fetch(`${at.url}/api/v1${path}`, {
      method,
      headers: {
        cookie: who.cookie,
        origin: at.url,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as never };
  };
  const post = async <Body>(at: Node, cookie: string, path: string, body: unknown): Promise<Body> => {
    const who = { cookie } as Colleague;
    const answer = await ask<Body>(at, who, 'POST', path, body);
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };

  return {
    root,
    domain,
    databaseUrl: postgres.url,
    environment,
    nats,
    async onBus() {
      const answer = await fetch(`http://127.0.0.1:${monitorPort}/varz`);
      return ((await answer.json()) as { connections: number }).connections;
    },
    dataFolder: (name) => join(root, name),
    async start(name, env = {}) {
      const dataFolder = join(root, name);
      if (!existsSync(join(dataFolder, 'keys'))) {
        cpSync(join(keyHolder, 'keys'), join(dataFolder, 'keys'), { recursive: true });
        chmodSync(join(dataFolder, 'keys'), 0o700);
      }
      const program = startProgram(dataFolder, { ...environment, ...env });
      const ready = await program.ready();
      const node: Node = {
        name,
        program,
        url: ready.url,
        sipPort: ready.sipPort,
        sipTcpPort: ready.sipTcpPort,
        async kill() {
          nodes.delete(node);
          wasKilled = true;
          program.killGroup('SIGKILL');
          await program.ended;
        },
        async leave() {
          nodes.delete(node);
          program.kill('SIGTERM');
          return (await program.ended).code;
        },
        async stop() {
          nodes.delete(node);
          const before = program.out().length;
          program.killGroup('SIGTERM');
          const { code } = await program.ended;
          const worse = logged(program, 'error', 'fatal');
          const warned = logged(program, 'warn').filter(
            (line) =>
              program.out().lastIndexOf(line) >= before &&
              !(wasKilled && line.includes('a process was found dead')),
          );
          if (code !== 0 || worse.length > 0 || warned.length > 0) {
            throw new Error(
              `${name} ended with ${code}:\n${[...worse, ...warned].join('\n')}\n${program.err()}`,
            );
          }
        },
      };
      nodes.add(node);
      return node;
    },
    async organisation(at, people) {
      const setupToken = /\/setup#([\w-]+)/.exec(at.program.out())?.[1];
      const addressOf = (name: string) => `${name.toLowerCase()}@${domain}`;
      const [first, ...others] = people;
      if (!first) throw new Error('an organisation has an owner');
      await post(at, '', '/setup', {
        token: setupToken,
        organisation: { name: 'Estuaria', domain },
        owner: {
          name: first.name,
          address: addressOf(first.name),
          password: goodPassword,
          language: 'en',
          timeZone: 'Europe/Lisbon',
        },
      });
      const owner = await cookieOf(at.url, addressOf(first.name));
      for (const { name } of others) {
        const { link } = await post<{ link: string }>(at, owner, '/invitations', {
          name,
          address: addressOf(name),
        });
        const token = link.split('#')[1];
        await post(at, '', '/invitations/accept', { token, name, password: goodPassword });
      }
      const colleagues: Colleague[] = [];
      for (const { name, extension } of people) {
        const cookie = name === first.name ? owner : await cookieOf(at.url, addressOf(name));
        const who = { id: '', name, address: addressOf(name), extension, cookie };
        const { body } = await ask<{ person: { id: string } }>(at, who, 'GET', '/session');
        const { id } = body.person;
        const assigned = await ask(at, { ...who, cookie: owner }, 'PUT', `/people/${id}/extension`, {
          extension,
        });
        if (assigned.status >= 300) throw new Error(`extension: ${JSON.stringify(assigned.body)}`);
        colleagues.push({ ...who, id });
      }
      return colleagues;
    },
    signIn: async (at, who) => ({ ...who, cookie: await cookieOf(at.url, who.address) }),
    async page(at, who) {
      const page = await openPage(at.url, who.cookie);
      pages.add(page);
      // It is written down behind its welcome: whoever calls before that finds nobody there.
      await until(async () => {
        const { body } = await ask<{ rows: Reachability[] }>(at, who, 'GET', '/reach');
        return body.rows.some((each) => each.personId === who.id && each.page);
      }, `a page of ${who.name} counts`);
      return page;
    },
    async telephone(at, who) {
      const made = await post<{ device: { username: string }; secret: string }>(at, who.cookie, '/devices', {
        name: 'desk',
      });
      return { username: made.device.username, secret: made.secret };
    },
    ask,
    async close() {
      for (const page of pages) page.close();
      const ends = await Promise.allSettled([...nodes].map((node) => node.stop()));
      await nats.kill();
      await postgres.stop();
      rmSync(root, { recursive: true, force: true });
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed) throw failed.reason;
    },
  };
}
