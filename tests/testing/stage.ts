import { type Member, type NewMember, startSuite } from './suite.ts';

/** Somebody who has signed in: give the cookies to a browser. */
export interface Actor extends Member {
  readonly cookies: readonly { name: string; value: string; url: string }[];
}

/** The assembled suite with the built pages before it, and people who have signed in. */
export interface Stage {
  readonly url: string;
  readonly domain: string;
  readonly sipPorts: { readonly udp: number; readonly tcp: number };
  readonly actors: readonly Actor[];
  /** Asks the database as its superuser. */
  sql(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Calls a route as somebody. */
  as(actor: Actor, method: string, path: string, body?: unknown): Promise<unknown>;
  /** A telephone's credentials for somebody. */
  telephone(actor: Actor): Promise<{ username: string; secret: string }>;
  /** Calls that run now, and those that ended a moment ago, which still answer pages that ask late. */
  runningCalls(): number;
  /** Claims of calls that ring or are talked in. */
  claimsOfCalls(): Promise<number>;
  close(): Promise<void>;
}

export interface StageOptions {
  /** How many of the cast are there; three unless told. */
  readonly people?: number;
  /** How long a call rings, and a page that vanished is waited for. */
  readonly times?: NonNullable<Parameters<typeof startSuite>[0]>['callTimes'];
  /** Where the program may go, beside the world. */
  readonly outgoing?: NonNullable<Parameters<typeof startSuite>[0]>['outgoing'];
}

const cast: readonly NewMember[] = [
  {
    name: 'Inês Carvalhal',
    extension: '4110',
    timeZone: 'Europe/Lisbon',
    language: 'en',
    office: 'Lisboa',
    title: 'Director',
  },
  {
    name: 'Njeri Wambuto',
    extension: '4111',
    timeZone: 'Africa/Nairobi',
    language: 'en',
    office: 'Nairobi',
    title: 'Head of hydrology',
  },
  {
    name: 'Claire Aubrieux',
    extension: '4112',
    timeZone: 'America/Toronto',
    language: 'fr',
    office: 'Montréal',
    title: 'Legal counsel',
  },
  {
    name: 'Tomás Quevedo-Reis',
    extension: '4113',
    timeZone: 'Europe/Lisbon',
    language: 'es',
    office: 'Lisboa',
    title: 'Contracts',
  },
  {
    name: 'Beatriz Monteverde',
    extension: '4114',
    timeZone: 'America/Sao_Paulo',
    language: 'pt',
    office: 'São Paulo',
    title: 'Coastal modelling',
  },
];

/** Opens a stage on free ports and a database of its own. Whoever opens it closes it. */
export async function openStage({ people = 3, times, outgoing }: StageOptions = {}): Promise<Stage> {
  const running = await startSuite({
    web: true,
    ...(times ? { callTimes: times } : {}),
    ...(outgoing ? { outgoing } : {}),
  });
  try {
    const { members, domain } = await running.organisation('estuaria', cast.slice(0, people));
    const { url } = running;
    return {
      url,
      domain,
      sipPorts: running.sipPorts,
      actors: members.map((member) => ({ ...member, cookies: cookiesOf(member, url) })),
      sql: (text, values = []) => running.test.testDb.admin(text, [...values]),
      as: (actor, method, path, body) => askAs(url, actor, method, path, body),
      telephone: (actor) => running.telephone(actor),
      runningCalls: () => running.suite.calls.exchange.running,
      claimsOfCalls: async () =>
        (await running.test.testDb.admin("select from reach.claim where kind in ('ringing', 'call')")).length,
      close: () => running.close(),
    };
  } catch (error) {
    await running.close();
    throw error;
  }
}

/** A member's cookies as a browser keeps them. */
export function cookiesOf(member: Pick<Member, 'cookie'>, url: string): Actor['cookies'] {
  return member.cookie.split('; ').map((pair) => {
    const at = pair.indexOf('=');
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url };
  });
}

async function askAs(
  url: string,
  actor: Actor,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      origin: url,
      cookie: actor.cookie,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
