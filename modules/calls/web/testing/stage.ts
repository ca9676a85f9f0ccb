import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createBlobs } from '@liaison/core/blobs';
import { createInProcessBus } from '@liaison/core/bus';
import { loadSettings } from '@liaison/core/config';
import type { RouteDefinition } from '@liaison/core/contract';
import { createDb, migrate } from '@liaison/core/db';
import { createCore, rolePassword, type Service } from '@liaison/core/floor';
import { serveWebApp } from '@liaison/core/http';
import { createLog } from '@liaison/core/log';
import { startEmbeddedPostgres } from '@liaison/core/postgres';
import { openSecrets } from '@liaison/core/secrets';
import { acceptInvitation, invite, setUp } from '@liaison/people';
import { createPeople, migrations as peopleMigrations } from '@liaison/people/server';
import { createReach, migrations as reachMigrations } from '@liaison/reach/server';
import type { CallTimes } from '../../server/call.ts';
import { migrations as callsMigrations, createCalls } from '../../server/index.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const password = 'moulin rouge 12 tempête';

/** Somebody who has signed in: give the cookies to a browser. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly extension: string | null;
  readonly cookies: readonly { name: string; value: string; url: string }[];
}

/** The suite's own server with people, reachability and calls, and the web app before it. */
export interface Stage {
  readonly url: string;
  readonly actors: readonly Actor[];
  /** What was logged at `warn` and above. */
  readonly logged: readonly string[];
  /** Calls that run now. */
  runningCalls(): number;
  close(): Promise<void>;
}

const cast = [
  { name: 'Inês Carvalhal', zone: 'Europe/Lisbon', language: 'en', office: 'Lisboa', title: 'Director' },
  {
    name: 'Njeri Wambuto',
    zone: 'Africa/Nairobi',
    language: 'en',
    office: 'Nairobi',
    title: 'Head of hydrology',
  },
  {
    name: 'Claire Aubrieux',
    zone: 'America/Toronto',
    language: 'fr',
    office: 'Montréal',
    title: 'Legal counsel',
  },
  { name: 'Tomás Quevedo-Reis', zone: 'Europe/Lisbon', language: 'es', office: 'Lisboa', title: 'Contracts' },
  {
    name: 'Beatriz Monteverde',
    zone: 'America/Sao_Paulo',
    language: 'pt',
    office: 'São Paulo',
    title: 'Coastal modelling',
  },
] as const;

/** Builds the web app into a folder; two seconds of work that all tests of a file share. */
export function buildWebApp(folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const build = spawn(
      process.execPath,
      [
        join(root, 'node_modules/vite/bin/vite.js'),
        'build',
        join(root, 'apps/web'),
        '--outDir',
        folder,
        '--emptyOutDir',
      ],
      { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    build.stderr.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-4000);
    });
    build.on('error', reject);
    build.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`the web app was not built: ${said}`)),
    );
  });
}

/**
 * Opens a stage on free ports. Whoever opens it closes it.
 *
 * @param appFolder the built web app; built anew where it is left out.
 */
export async function openStage(
  options: { appFolder?: string; times?: CallTimes; people?: number } = {},
): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-stage-'));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const appFolder = options.appFolder ?? join(folder, 'app');
    if (!options.appFolder) await buildWebApp(appFolder);
    const logged: string[] = [];
    const log = createLog({
      level: 'warn',
      readable: false,
      destination: { write: (line: string) => void logged.push(line) },
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
    });
    const postgres = await startEmbeddedPostgres({ dataFolder: folder, log: createLog({ level: 'error' }) });
    undo.push(() => postgres.stop());
    const secrets = await openSecrets({ dataFolder: folder });
    const own = rolePassword(secrets);
    const coreMigrations = { schema: 'core', folder: pathToFileURL(join(root, 'core/db/migrations/')) };
    await migrate({
      url: postgres.url,
      password: own,
      sources: [coreMigrations, peopleMigrations, reachMigrations, callsMigrations],
    });
    const db = createDb({ url: postgres.url, password: own });
    undo.push(() => db.close());
    const bus = createInProcessBus(log);
    undo.push(() => bus.close());
    const core = createCore({
      settings,
      log,
      secrets,
      db,
      bus,
      blobs: await createBlobs(pathToFileURL(join(folder, 'blobs')).href),
      build: 'stage',
    });
    const people = createPeople({ core });
    const reach = createReach({ core });
    const calls = createCalls({ core, people, reach, ...(options.times ? { times: options.times } : {}) });
    const services: Pick<Service, 'start' | 'stop'>[] = [
      core.owned,
      people.service,
      core.outbox,
      reach.expiry,
      core.live,
      calls.exchange,
      calls.telephones,
    ];
    for (const service of services) {
      undo.push(() => service.stop());
      await service.start();
    }
    await serveWebApp(core.http, appFolder);
    undo.push(() => core.http.close());
    const { httpPort } = await core.http.listen({ host: '127.0.0.1', httpPort: 0 });
    const url = `http://localhost:${httpPort}`;
    const token = await people.setupToken();
    if (!token) throw new Error('a new stage has no set-up link');
    return {
      url,
      actors: await enter(url, token, options.people ?? 3),
      logged,
      runningCalls: () => calls.exchange.running,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function enter(url: string, token: string, count: number): Promise<Actor[]> {
  const addressOf = (name: string): string =>
    `${name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/ /g, '.')}@estuaria.example`;
  const [first, ...others] = cast.slice(0, count);
  if (!first) return [];
  const founded = await post(url, setUp, {
    token,
    organisation: { name: 'Estuaria', domain: 'estuaria.example' },
    owner: {
      name: first.name,
      address: addressOf(first.name),
      password,
      language: first.language,
      timeZone: first.zone,
    },
  });
  const actors = [actorOf(url, founded)];
  const owner = { cookie: founded.cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
  for (const [index, { name, zone, language, office, title }] of others.entries()) {
    const extension = String(4111 + index);
    const { body } = await post(
      url,
      invite,
      { name, address: addressOf(name), office, title, extension, language, timeZone: zone },
      owner,
    );
    const link = new URL((body as { link: string }).link);
    const joined = await post(url, acceptInvitation, {
      token: /[\w-]{20,}$/.exec(link.href)?.[0],
      name,
      password,
      language,
      timeZone: zone,
    });
    actors.push(actorOf(url, joined));
  }
  return actors;
}

interface Posted {
  readonly body: unknown;
  readonly cookies: readonly { name: string; value: string }[];
}

async function post(
  url: string,
  route: RouteDefinition,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Posted> {
  const answer = await fetch(`${url}/api/v1${route.path}`, {
    method: route.method,
    headers: { 'content-type': 'application/json', origin: url, ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${route.method} ${route.path} answered ${answer.status}: ${text}`);
  const cookies = answer.headers.getSetCookie().map((line) => {
    const [pair = ''] = line.split(';');
    return { name: pair.slice(0, pair.indexOf('=')), value: pair.slice(pair.indexOf('=') + 1) };
  });
  return { body: JSON.parse(text), cookies };
}

function actorOf(url: string, { body, cookies }: Posted): Actor {
  const { person } = body as { person: { id: string; name: string; extension: string | null } };
  return {
    id: person.id,
    name: person.name,
    extension: person.extension,
    cookies: cookies.filter(({ value }) => value !== '').map((cookie) => ({ ...cookie, url })),
  };
}
