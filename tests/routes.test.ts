import { type RouteDefinition, roles } from '@liaison/core/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { settledFingerprint } from './testing/fingerprint.ts';
import { type Answer, type Asker, createAsker } from './testing/request.ts';
import { type Input, type Maker, type RouteCase, routeCases } from './testing/route-cases/index.ts';
import { type Member, type RunningSuite, startSuite } from './testing/suite.ts';
import { createWorld, type World } from './testing/world.ts';

/**
 * What holds for every route, asked of the router itself: a route is under test from the day it is written. What a test
 * must know of each (a request that works, and who may) is in `testing/route-cases/`.
 */
let running: RunningSuite;
let asker: Asker;
let ours: World;
let theirs: World;
let routes: readonly RouteDefinition[];

beforeAll(async () => {
  running = await startSuite();
  asker = createAsker(running.url);
  ours = await createWorld(running, 'ours');
  theirs = await createWorld(running, 'theirs');
  routes = running.test.core.http.routes();
}, 120_000);
afterAll(async () => {
  asker?.close();
  await running?.close();
});

const nameOf = (route: RouteDefinition) => `${route.method} ${route.path}`;
const casesOf = (route: RouteDefinition): readonly RouteCase[] => routeCases[nameOf(route)] ?? [];

/** A maker of requests in a world; `changed` puts other ids in the place of some, `asked` gathers what was asked for. */
function makerFor(
  world: World,
  me: Member,
  changed: Record<string, string> = {},
  asked?: Set<string>,
): Maker {
  return {
    id(name) {
      asked?.add(name);
      const id = changed[name] ?? world.ids.get(name);
      if (!id) throw new Error(`the world has no ${name}`);
      return id;
    },
    key: () => running.test.core.ids.next(),
    unique: world.unique,
    domain: world.domain,
    me,
  };
}

function pathOf(route: RouteDefinition, input: Input): string {
  let path: string = route.path;
  for (const [name, value] of Object.entries(input.params ?? {})) {
    path = path.replace(`:${name}`, encodeURIComponent(value));
  }
  const query = new URLSearchParams(input.query).toString();
  return `/api/v1${path}${query ? `?${query}` : ''}`;
}

const send = (
  route: RouteDefinition,
  input: Input,
  who: Member | null,
  headers: Record<string, string> = { origin: running.url },
): Promise<Answer> =>
  asker.ask({
    method: route.method,
    path: pathOf(route, input),
    headers: {
      ...(who && { cookie: who.cookie }),
      ...(input.bytes ? { 'content-type': 'application/octet-stream' } : {}),
      ...headers,
    },
    body: input.bytes ?? input.body,
  });

const least = (each: RouteCase): Member => ours.by[each.least === 'nobody' ? 'guest' : each.least];
const inputOf = (each: RouteCase, make: Maker): Input => each.request?.(make) ?? {};

/** Every case of every route, as the least role may ask for it. */
const everyCase = () => routes.flatMap((route) => casesOf(route).map((each) => ({ route, each })));

/** Runs a check for all and tells of all that fail, not only of the first. */
async function forAll<T>(list: readonly T[], check: (item: T) => Promise<string | null>): Promise<void> {
  const faults: string[] = [];
  for (const item of list) {
    const fault = await check(item);
    if (fault) faults.push(fault);
  }
  expect(faults).toEqual([]);
}

/** Where a schema asks for ids of things, as `body.memberIds[]`. */
function idPlaces(route: RouteDefinition): string[] {
  const found: string[] = [];
  const walk = (schema: unknown, place: string) => {
    if (typeof schema !== 'object' || schema === null) return;
    const node = schema as Record<string, unknown>;
    if (node.format === 'uuid') found.push(place);
    for (const [name, child] of Object.entries((node.properties as object) ?? {}))
      walk(child, `${place}.${name}`);
    if (node.items) walk(node.items, `${place}[]`);
    for (const each of (node.anyOf as unknown[]) ?? []) walk(each, place);
  };
  for (const where of ['params', 'query', 'body'] as const) {
    const schema = route[where];
    if (schema) walk(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), where);
  }
  // A key that the client makes up names nothing.
  return found.filter((place) => place !== 'body.clientKey');
}

describe('the table of routes', () => {
  it('names every route of the router, and no other', () => {
    expect(Object.keys(routeCases).sort()).toEqual(routes.map(nameOf).sort());
  });

  it('lets none be served past the contracts', () => {
    const listed = running.test.core.http.fastify.printRoutes({ commonPrefix: false, includeHooks: false });
    const served = listed.split('\n').reduce((sum, line) => {
      const methods = /\(([A-Z, ]+)\)$/.exec(line)?.[1]?.split(', ') ?? [];
      return sum + methods.filter((method) => method !== 'HEAD').length;
    }, 0);
    const ownOnes = [...listed.matchAll(/ \/(healthz|readyz|metrics) \(/g)].length;
    expect(served - ownOnes).toBe(routes.length);
  });

  it('has a request for each that puts something into every place for an id', () => {
    const faults = routes.flatMap((route) => {
      const filled = new Set<string>();
      const fill = (value: unknown, place: string) => {
        if (typeof value === 'string' && value !== '') filled.add(place);
        else if (Array.isArray(value)) for (const each of value) fill(each, `${place}[]`);
        else if (typeof value === 'object' && value !== null)
          for (const [name, each] of Object.entries(value)) fill(each, `${place}.${name}`);
      };
      for (const each of casesOf(route)) {
        const { params, query, body } = inputOf(each, makerFor(ours, least(each)));
        fill({ params, query, body }, '');
      }
      return idPlaces(route)
        .filter((place) => !filled.has(`.${place}`))
        .map((place) => `${nameOf(route)}: no case fills ${place}`);
    });
    expect(faults).toEqual([]);
  });
});

describe('a request from another site', () => {
  const attacks: [string, Record<string, string>][] = [
    ['of another origin', { origin: 'https://attacker.example' }],
    [
      'of another origin that says it is ours',
      { origin: 'https://attacker.example', 'sec-fetch-site': 'same-origin' },
    ],
    ['of a page without origin', { origin: 'null' }],
    ['that the browser calls cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['of a sibling of our domain', { 'sec-fetch-site': 'same-site' }],
    ['of a browser that says nothing', {}],
  ];

  it('is refused everywhere before it changes anything', async () => {
    const before = await settledFingerprint(running, ours.orgId);
    const changing = everyCase().filter(({ route }) => route.method !== 'GET');
    await forAll(
      changing.flatMap((one) => attacks.map(([name, headers]) => ({ ...one, name, headers }))),
      async ({ route, each, name, headers }) => {
        const who = least(each);
        const answer = await send(route, inputOf(each, makerFor(ours, who)), who, headers);
        return answer.status === 403 && answer.code === 'cross-site'
          ? null
          : `${nameOf(route)} ${name}: ${answer.status} ${answer.text}`;
      },
    );
    expect(await settledFingerprint(running, ours.orgId)).toEqual(before);
  });

  it('does not reach the sign-in library by its own paths either', async () => {
    for (const path of ['/sign-in/email', '/sign-up/email', '/change-password', '/two-factor/enable']) {
      const asked = { method: 'POST', path: `/api/v1/auth${path}`, body: {} };
      const foreign = await asker.ask({ ...asked, headers: { origin: 'https://attacker.example' } });
      expect([path, foreign.status, foreign.code]).toEqual([path, 403, 'cross-site']);
      // It has no door of its own: what is asked of it comes through our routes.
      const same = await asker.ask({
        ...asked,
        headers: { origin: running.url, cookie: ours.by.owner.cookie },
      });
      expect([path, same.status, same.code]).toEqual([path, 404, 'not-found']);
    }
  });
});

describe('somebody who is not signed in', () => {
  it('gets nothing that is not for nobody', async () => {
    await forAll(everyCase(), async ({ route, each }) => {
      if (each.least === 'nobody') {
        return route.access === 'public' ? null : `${nameOf(route)}: is for sessions, not for nobody`;
      }
      const nobodies: Record<string, string>[] = [{}, { cookie: 'liaison.session_token=made.up' }];
      for (const headers of nobodies) {
        const input = inputOf(each, makerFor(ours, least(each)));
        const answer = await send(route, input, null, { origin: running.url, ...headers });
        if (answer.status !== 401 || answer.code !== 'signed-out')
          return `${nameOf(route)}: ${answer.status} ${answer.text}`;
      }
      return null;
    });
  });
});

describe('ids of another organisation', () => {
  /** An answer without what is new in each: the request's id, and what an accepted request made. */
  function comparable(answer: Answer, made: readonly string[]): string {
    let text = answer.text;
    for (const id of made) text = text.replaceAll(id, '<asked for>');
    if (answer.status >= 400) {
      const { requestId: _requestId, ...problem } = JSON.parse(text) as Record<string, unknown>;
      return `${answer.status} ${JSON.stringify(problem)}`;
    }
    return `${answer.status} ${text
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, '<id>')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
      .replace(/ours-\d+/g, '<word>')
      .replace(/#[\w-]{43}/g, '#<token>')
      .replace(/"(secret|qr|text|username)":"[^"]*"/g, '"$1":"…"')}`;
  }

  it('answer exactly as ids that name nothing, alone and beside ids of ours, and change nothing there', async () => {
    const before = await settledFingerprint(running, theirs.orgId);
    let tried = 0;
    await forAll(everyCase(), async ({ route, each }) => {
      const who = least(each);
      const names = new Set<string>();
      inputOf(each, makerFor(ours, who, {}, names));
      if (names.size === 0) return null;
      // All of them foreign, then each of them alone among ours.
      const choices = [[...names], ...(names.size > 1 ? [...names].map((name) => [name]) : [])];
      for (const choice of choices) {
        const foreign = Object.fromEntries(choice.map((name) => [name, theirs.ids.get(name)!]));
        const nothing = Object.fromEntries(choice.map((name) => [name, running.test.core.ids.next()]));
        const [theirAnswer, noAnswer] = [
          await send(route, inputOf(each, makerFor(ours, who, foreign)), who),
          await send(route, inputOf(each, makerFor(ours, who, nothing)), who),
        ];
        tried += 1;
        const [a, b] = [
          comparable(theirAnswer, Object.values(foreign)),
          comparable(noAnswer, Object.values(nothing)),
        ];
        if (theirAnswer.status >= 500 || a !== b) {
          return `${nameOf(route)} with ${choice.join(' and ')} of others:\n  ${a}\n  ${b}`;
        }
        for (const secret of theirs.by.owner.address.split('@').slice(1)) {
          if (theirAnswer.text.includes(secret)) return `${nameOf(route)} tells of ${secret}`;
        }
      }
      return null;
    });
    expect(tried).toBeGreaterThan(50);
    expect(await settledFingerprint(running, theirs.orgId)).toEqual(before);
  });
});

describe('each role', () => {
  it('is refused what is for a higher one, and given what is for it', async () => {
    await forAll(everyCase(), async ({ route, each }) => {
      if (each.least === 'nobody') return null;
      const label = `${nameOf(route)}${each.what ? ` (${each.what})` : ''}`;
      for (const role of roles.slice(0, roles.indexOf(each.least))) {
        const who = ours.by[role];
        const answer = await send(route, inputOf(each, makerFor(ours, who)), who);
        const refused =
          (answer.status === 403 && answer.code === 'forbidden') ||
          (answer.status === 404 && answer.code === 'not-found');
        if (!refused)
          return `${label} is for the ${each.least}, but a ${role} got ${answer.status} ${answer.text}`;
      }
      const who = least(each);
      const answer = await send(route, inputOf(each, makerFor(ours, who)), who);
      const given = each.status === undefined ? answer.status < 300 : answer.status === each.status;
      return given ? null : `${label}: the ${who.role} got ${answer.status} ${answer.text}`;
    });
  });

  it('is right about those for nobody too', async () => {
    const free = everyCase().filter(({ each }) => each.least === 'nobody');
    await forAll(free, async ({ route, each }) => {
      const answer = await send(route, inputOf(each, makerFor(ours, ours.by.guest)), null);
      const given = each.status === undefined ? answer.status < 300 : answer.status === each.status;
      return given ? null : `${nameOf(route)}: nobody got ${answer.status} ${answer.text}`;
    });
  });
});

describe('input that is not what was asked for', () => {
  const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const wrong: Record<string, unknown> = {
    object: { $ne: null },
    array: [[], {}],
    null: '\0',
    'null inside': 'a\0b',
    'half a character': 'a\ud800b',
    'large number': 1e30,
    'large whole number': 2 ** 53,
    'largest whole number': Number.MAX_SAFE_INTEGER,
    'negative number': -(2 ** 40),
    long: 'x'.repeat(40_000),
    deep: JSON.parse(deep(500)),
  };
  /** What may come of it: refused with a reason. Of what the schema itself takes: anything but a failure. */
  const judge = (label: string, answer: Answer, taken: boolean): string | null => {
    if (answer.status >= 500) return `${label}: ${answer.status} ${answer.text}`;
    if (answer.status >= 400) return answer.code ? null : `${label}: ${answer.status} without a code`;
    return taken ? null : `${label}: was taken with ${answer.status}`;
  };
  /** Copies of a value with one part of it replaced, at every place. */
  function* spoilt(value: unknown, by: unknown): Generator<unknown> {
    yield by;
    if (Array.isArray(value)) {
      for (let at = 0; at < value.length; at++)
        for (const each of spoilt(value[at], by)) yield value.with(at, each);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, part] of Object.entries(value))
        for (const each of spoilt(part, by)) yield { ...value, [name]: each };
    }
  }
  const isText = (name: string) => name.startsWith('null') || name === 'half a character' || name === 'deep';

  it('is refused in every place of every body', async () => {
    let tried = 0;
    await forAll(everyCase(), async ({ route, each }) => {
      if (!route.body) return null;
      const who = least(each);
      // Optional parts are tried as well: every name that the schema knows.
      const json = z.toJSONSchema(route.body, { io: 'input', unrepresentable: 'any' }) as {
        properties?: Record<string, unknown>;
      };
      for (const [name, by] of Object.entries(wrong)) {
        const input = inputOf(each, makerFor(ours, who));
        const full = {
          ...Object.fromEntries(Object.keys(json.properties ?? {}).map((key) => [key, undefined])),
          ...(input.body as object),
        };
        for (const body of spoilt(full, by)) {
          tried += 1;
          const answer = await send(route, { ...input, body }, each.least === 'nobody' ? null : who);
          const label = `${nameOf(route)} with ${name} in ${JSON.stringify(body).slice(0, 120)}`;
          const taken = !isText(name) && route.body.safeParse(body).success;
          const fault = judge(label, answer, taken);
          if (fault) return fault;
        }
      }
      return null;
    });
    expect(tried).toBeGreaterThan(500);
  }, 120_000);

  it('is refused in every part of a query and of a path', async () => {
    await forAll(everyCase(), async ({ route, each }) => {
      const who = least(each);
      const input = inputOf(each, makerFor(ours, who));
      for (const where of ['query', 'params'] as const) {
        const schema = route[where];
        if (!schema) continue;
        const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
          properties?: Record<string, unknown>;
        };
        for (const name of Object.keys(properties)) {
          for (const text of [
            '2147483648',
            '9007199254740991',
            '\0',
            'a\0b',
            '[object Object]',
            '-1',
            '1e30',
            '9007199254740992',
            "'; --",
            'x'.repeat(5000),
          ]) {
            const spoiltInput = { ...input, [where]: { ...input[where], [name]: text } };
            const answer = await send(route, spoiltInput, each.least === 'nobody' ? null : who);
            const taken = !text.includes('\0') && schema.safeParse(spoiltInput[where]).success;
            const fault = judge(
              `${nameOf(route)} with ${text.slice(0, 20)} as ${where}.${name}`,
              answer,
              taken,
            );
            if (fault) return fault;
          }
          if (where !== 'query') continue;
          for (const twice of [`${name}=a&${name}=b`, `${name}[a]=b`, `${name}=%ED%A0%80`, `${name}=%`]) {
            const answer = await asker.ask({
              method: route.method,
              path: `${pathOf(route, { ...input, query: {} })}?${twice}`,
              headers: { cookie: who.cookie, origin: running.url },
              body: input.bytes,
            });
            if (answer.status >= 500) return `${nameOf(route)}?${twice}: ${answer.status} ${answer.text}`;
          }
        }
      }
      return null;
    });
  }, 60_000);

  it('is refused when it is no JSON, too deep for JSON, or called something else', async () => {
    const bodies: [string, string, string][] = [
      ['application/json', '{"a":', 'half'],
      ['application/json', '', 'nothing'],
      ['application/json', deep(20_000), 'deep'],
      ['application/json', '{"__proto__":{"role":"owner"}}', 'prototype'],
      ['application/json', '"text"', 'text'],
      ['application/json', 'null', 'null'],
      ['text/plain', '{}', 'plain text'],
      ['application/x-www-form-urlencoded', 'a=b', 'a form'],
      ['multipart/form-data; boundary=x', '--x--', 'parts'],
      ['text/xml', '<a/>', 'XML'],
      ['not a type', '{}', 'a type that is none'],
    ];
    await forAll(everyCase(), async ({ route, each }) => {
      if (!route.body) return null;
      const who = least(each);
      const input = inputOf(each, makerFor(ours, who));
      for (const [type, body, name] of bodies) {
        const answer = await send(route, { ...input, body }, each.least === 'nobody' ? null : who, {
          origin: running.url,
          'content-type': type,
        });
        const taken =
          type === 'application/json' &&
          body.startsWith('{"__') === false &&
          body !== '' &&
          body !== '{"a":' &&
          route.body.safeParse(JSON.parse(body)).success;
        const fault = judge(`${nameOf(route)} with ${name}`, answer, taken);
        if (fault) return fault;
      }
      return null;
    });
  }, 60_000);

  it('is refused as too large over the limit of each route, said or not said', async () => {
    await forAll(everyCase(), async ({ route, each }) => {
      if (!route.body) return null;
      const who = each.least === 'nobody' ? null : least(each);
      const input = inputOf(each, makerFor(ours, least(each)));
      const limit = route.bodyLimitBytes ?? 64 * 1024;
      for (const bytes of [limit + 1, 1024 * 1024]) {
        for (const chunked of [false, true]) {
          const answer = await asker.ask({
            method: route.method,
            path: pathOf(route, input),
            headers: { origin: running.url, ...(who && { cookie: who.cookie }) },
            body: JSON.stringify('x'.repeat(bytes - 2)),
            chunked,
          });
          if (answer.status !== 413 || answer.code !== 'too-large')
            return `${nameOf(route)} with ${bytes} bytes${chunked ? ' in chunks' : ''}: ${answer.status} ${answer.text}`;
        }
      }
      return null;
    });
  }, 60_000);

  it('leaves everybody signed in and the log without an unexpected error', async () => {
    for (const role of roles) {
      const answer = await asker.ask({
        method: 'GET',
        path: '/api/v1/organisation',
        headers: { cookie: ours.by[role].cookie },
      });
      expect([role, answer.status]).toEqual([role, 200]);
    }
    const unexpected = running.test.logged.filter(({ msg }) => msg === 'unexpected error');
    expect(unexpected.map(({ route, err }) => [route, (err as { message?: string }).message])).toEqual([]);
  });
});

describe('lists', () => {
  /** Lists without pages, and what bounds them. */
  const boundedElsewhere: Readonly<Record<string, string>> = {
    'GET /chat/conversations': 'one per team and per person written with; the page shows all of them',
    'GET /chat/messages/:messageId/versions': 'the newest 100, by the query',
    'GET /sessions': 'sign-ins of one person; each ends after 30 days unused',
    'GET /devices': '20 per person, by the action',
    'POST /devices': 'transports: the ways in that this server has',
    'GET /security': '20 passkeys per person, by the action',
    'GET /reach': 'people of the organisation who are not offline',
    'GET /calls/telephones': '20 devices per person, by the action',
    'GET /people/search': 'at most 50, by the query',
    'POST /people/by-ids': 'as many as were asked for: 200',
    'GET /personal-data/retention': 'what the modules declare',
    'POST /imports/:id/links': '500 a page, by the route',
  };

  it('have a largest page, or say here what bounds them', async () => {
    const faults: string[] = [];
    for (const route of routes) {
      if (!route.response) continue;
      const { properties = {} } = z.toJSONSchema(route.response, {
        io: 'output',
        unrepresentable: 'any',
      }) as {
        properties?: Record<string, { type?: string; maxItems?: number; items?: { type?: string } }>;
      };
      const open = Object.entries(properties).filter(
        ([, property]) =>
          property.type === 'array' && property.items?.type === 'object' && property.maxItems === undefined,
      );
      if (open.length === 0) continue;
      // What has an id is one thing with its parts, not a list of things.
      if ('id' in properties) continue;
      const paged =
        route.query !== undefined &&
        !route.query.safeParse({ limit: '1000', text: 'x', q: 'xx' }).success &&
        route.query.safeParse({ limit: '2', text: 'x', q: 'xx' }).success;
      if (!paged && boundedElsewhere[nameOf(route)] === undefined)
        faults.push(`${nameOf(route)}: ${open.map(([name]) => name).join(', ')} without a bound`);
    }
    expect(faults).toEqual([]);
  });

  it('refuse a page of none and of too many, and keep to the size that was asked', async () => {
    await forAll(everyCase(), async ({ route, each }) => {
      const properties = route.query
        ? ((z.toJSONSchema(route.query, { io: 'input', unrepresentable: 'any' }) as { properties?: object })
            .properties ?? {})
        : {};
      if (!('limit' in properties)) return null;
      const who = least(each);
      const input = inputOf(each, makerFor(ours, who));
      for (const limit of ['0', '-1', '1001', '1.5', 'all']) {
        const answer = await send(route, { ...input, query: { ...input.query, limit } }, who);
        if (answer.status !== 400) return `${nameOf(route)} with limit ${limit}: ${answer.status}`;
      }
      const page = await send(route, { ...input, query: { ...input.query, limit: '1' } }, who);
      const lists = Object.values(page.json as object).filter(Array.isArray);
      return lists.every((list) => list.length <= 1) ? null : `${nameOf(route)}: more than one`;
    });
  });
});
