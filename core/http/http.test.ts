import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { conflict, defineEvent, defineRoute, idSchema } from '../contract/index.ts';
import { createLog } from '../log/index.ts';
import { createTestCore, type TestCore } from '../testing/index.ts';
import { createHttp, type Http, serveWebApp } from './index.ts';

const changed = defineEvent({
  name: 'test.http-changed',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema }),
});
const change = defineRoute({
  method: 'POST',
  path: '/test/change',
  access: 'session',
  summary: 'Changes something slowly.',
  body: z.object({ spaceId: idSchema, seconds: z.number().max(10) }),
  response: z.object({ ok: z.boolean() }),
});
const say = defineRoute({
  method: 'POST',
  path: '/test/say',
  access: 'public',
  summary: 'Says something, and fails as it is told.',
  body: z.object({
    text: z.string(),
    password: z.string(),
    fail: z.enum(['no', 'problem', 'bug']).default('no'),
  }),
  response: z.object({ text: z.string() }),
});
const getIp = defineRoute({
  method: 'GET',
  path: '/test/ip',
  access: 'public',
  summary: 'Whom the server takes the caller for.',
  response: z.object({ ip: z.string(), origin: z.string() }),
});
const upload = defineRoute({
  method: 'POST',
  path: '/test/upload',
  access: 'public',
  summary: 'Counts bytes.',
  raw: true,
  response: z.object({ bytes: z.number() }),
});

let test: TestCore;
let url: string;
let folder: string;
/** A second server on nothing but routes, whose log is looked at line by line. */
let plain: Http;
let plainUrl: string;
const lines: string[] = [];
/** Within which an upload must move on. */
const spanMs = 400;
/** Of the last upload, or undefined before it has begun. */
let uploaded: number | undefined;

function addRoutes(http: Http): void {
  http.route(say, async ({ body }) => {
    if (body.fail === 'problem') throw conflict('test-conflict', 'It is taken.');
    if (body.fail === 'bug') throw new Error('something inside broke');
    return { text: body.text, extra: 'never told' };
  });
  http.route(getIp, async ({ ip, request }) => ({ ip, origin: http.originOf(request.raw) }));
  http.route(upload, async ({ request }) => {
    let bytes = 0;
    uploaded = 0;
    for await (const part of request.raw) {
      bytes += (part as Buffer).length;
      uploaded = bytes;
    }
    return { bytes };
  });
}

beforeAll(async () => {
  test = await createTestCore();
  addRoutes(test.core.http);
  test.core.http.route(change, async ({ actor, body }) => {
    await test.core.db.transaction(actor.orgId, async (tx) => {
      test.core.outbox.emit(tx, changed, { spaceId: body.spaceId });
      await tx.query('select pg_sleep($1)', [body.seconds]);
    });
    return { ok: true };
  });
  folder = await mkdtemp(join(tmpdir(), 'liaison-http-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><style nonce="__NONCE__">a{}</style>');
  await writeFile(join(folder, 'assets', 'main-abc123.js'), 'export {};');
  await writeFile(join(folder, 'manifest.webmanifest'), '{}');
  await serveWebApp(test.core.http, folder);
  url = await test.listen();

  plain = createHttp({
    log: createLog({
      level: 'info',
      readable: false,
      destination: { write: (line: string) => void lines.push(line) },
    }),
    publicUrl: 'https://liaison.estuaria.example',
    trustedProxies: ['127.0.0.1'],
    headersTimeoutMs: 400,
    bodyTimes: { jsonMs: 400, uploadSpanMs: spanMs, uploadSpanBytes: 64 },
  });
  addRoutes(plain);
  await serveWebApp(plain, folder);
  const { httpPort } = await plain.listen({ host: '127.0.0.1', httpPort: 0 });
  plainUrl = `http://127.0.0.1:${httpPort}`;
});
afterAll(async () => {
  await plain?.close();
  await test?.close();
  await rm(folder, { recursive: true, force: true });
});

const post = (base: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${base}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

async function until<T>(find: () => Promise<T | undefined>, deadlineMs = 5000): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error('it did not come to pass in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Sends bytes and gathers what comes until the connection ends. */
function speak(base: string, ...parts: string[]): Promise<{ text: string; ms: number }> {
  const { hostname, port } = new URL(base);
  const begun = Date.now();
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      for (const part of parts) socket.write(part);
    });
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve({ text, ms: Date.now() - begun }));
    socket.setTimeout(15_000, () => {
      socket.destroy();
      reject(new Error(`still open after 15 s; got ${text}`));
    });
  });
}

describe('a problem', () => {
  it('is told as problem details with a stable code', async () => {
    const answer = await post(url, '/test/say', { text: 'x', password: 'y', fail: 'problem' });
    expect(answer.status).toBe(409);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await answer.json()).toEqual({
      type: 'urn:liaison:problem:test-conflict',
      title: 'It is taken.',
      status: 409,
      code: 'test-conflict',
      requestId: answer.headers.get('x-request-id'),
    });
  });

  it('says where input is wrong, and nothing of the inside when we are', async () => {
    const wrong = await post(url, '/test/say', { text: 1, password: 'y' });
    expect(await wrong.json()).toMatchObject({
      status: 400,
      code: 'invalid',
      errors: [{ path: 'body.text' }],
    });
    const bug = await post(url, '/test/say', { text: 'x', password: 'y', fail: 'bug' });
    const text = await bug.text();
    expect(JSON.parse(text)).toMatchObject({ status: 500, code: 'unexpected' });
    expect(text).not.toContain('something inside broke');
    expect(test.logged.at(-2)).toMatchObject({
      msg: 'unexpected error',
      err: { message: 'something inside broke' },
    });
  });

  it('is the answer for an address that is not there, or none at all', async () => {
    for (const path of ['/api/v1/nothing', '/api/v1/test/ip/', '/%', `/api/v1/${'x'.repeat(3000)}`]) {
      const answer = await fetch(`${url}${path}`);
      if (path === '/api/v1/test/ip/') continue;
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('does not carry what the schema of the answer does not name', async () => {
    const answer = await post(url, '/test/say', { text: 'x', password: 'y' });
    expect(await answer.json()).toEqual({ text: 'x' });
  });
});

describe('a request from another site', () => {
  const body = { text: 'x', password: 'y' };
  it.each([
    [403, { origin: 'https://attacker.example' }],
    [403, { origin: 'null' }],
    [403, { origin: 'https://attacker.example', 'sec-fetch-site': 'same-origin' }],
    [403, { 'sec-fetch-site': 'cross-site' }],
    [403, { 'sec-fetch-site': 'same-site' }],
    [403, { cookie: 'a=b' }],
    [200, { cookie: 'a=b', 'sec-fetch-site': 'same-origin' }],
    // No browser: nothing that could have been sent against somebody's will.
    [200, {}],
  ])('answers %i to %o', async (status, headers) => {
    const answer = await post(url, '/test/say', body, headers as Record<string, string>);
    expect(answer.status).toBe(status);
    if (status === 403) expect(await answer.json()).toMatchObject({ code: 'cross-site' });
  });

  it('may read what anybody may, and open no socket but of what signs in by itself', async () => {
    const read = await fetch(`${url}/api/v1/test/ip`, { headers: { origin: 'https://attacker.example' } });
    expect(read.status).toBe(200);
    expect(read.headers.get('access-control-allow-origin')).toBeNull();
    expect(read.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    test.core.http.upgrade('/test/socket', (_request, socket) => socket.end('HTTP/1.1 101 Opened\r\n\r\n'));
    test.core.http.upgrade(
      '/test/telephone',
      (_request, socket) => socket.end('HTTP/1.1 101 Opened\r\n\r\n'),
      {
        anySite: true,
      },
    );
    const ask = (origin: string, path = '/test/socket') =>
      speak(
        url,
        `GET ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\norigin: ${origin}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
      );
    expect((await ask('https://attacker.example')).text).toMatch(/^HTTP\/1\.1 403 /);
    expect((await ask(url)).text).toMatch(/^HTTP\/1\.1 101 /);
    expect((await ask('https://attacker.example', '/test/telephone')).text).toMatch(/^HTTP\/1\.1 101 /);
  });
});

describe('the id of a request', () => {
  it('is the same in browser, reply, database, outbox and log', async () => {
    const { orgId, people } = await test.organisation();
    const client = test.client(people[0]);
    const requestId = 'browser-0123456789';
    const spaceId = test.core.ids.next();
    const underWay = client.call(change, {
      body: { spaceId, seconds: 1.5 },
      headers: { 'x-request-id': requestId },
    });
    const seen = await until(async () => {
      const [row] = await test.testDb.admin(
        `select application_name from pg_stat_activity where application_name like '%req=' || $1 and query like '%pg_sleep%'`,
        [requestId],
      );
      return row;
    });
    expect(seen.application_name).toBe(`liaison req=${requestId}`);
    const answer = await underWay;
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-request-id')).toBe(requestId);
    const [event] = await test.testDb.admin(
      'select org_id, request_id, person_id from core.outbox where stream_id = $1',
      [spaceId],
    );
    expect(event).toEqual({ org_id: orgId, request_id: requestId, person_id: people[0]!.id });
    // The connection goes back to the pool without the name.
    const left = await test.testDb.admin(
      "select from pg_stat_activity where application_name like '%req=' || $1",
      [requestId],
    );
    expect(left).toEqual([]);

    lines.length = 0;
    await post(plainUrl, '/test/say', { text: 'x', password: 'y' }, { 'x-request-id': requestId });
    const line = await until(async () => lines.find((each) => each.includes(requestId)));
    expect(JSON.parse(line)).toMatchObject({
      requestId,
      method: 'POST',
      route: '/api/v1/test/say',
      status: 200,
    });
  });

  it('is made by us when it is none', async () => {
    for (const given of ["'; drop", 'x', 'x'.repeat(100), '../../..']) {
      const answer = await fetch(`${url}/api/v1/test/ip`, { headers: { 'x-request-id': given } });
      expect(answer.headers.get('x-request-id')).not.toBe(given);
      expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{8,64}$/);
    }
  });
});

describe('the log', () => {
  it('holds nothing of what people send', async () => {
    lines.length = 0;
    const marks = ['MARKPASSWORD', 'MARKTEXT', 'MARKCOOKIE', 'MARKTOKEN', 'MARKQUERY', 'MARKPATH'];
    for (const fail of ['no', 'problem', 'bug']) {
      await post(
        plainUrl,
        '/test/say?q=MARKQUERY',
        { text: 'MARKTEXT', password: 'MARKPASSWORD', fail },
        {
          cookie: 'session=MARKCOOKIE',
          authorization: 'Bearer MARKTOKEN',
          origin: 'https://liaison.estuaria.example',
        },
      );
    }
    await post(plainUrl, '/test/say', { text: { MARKTEXT: 1 }, password: ['MARKPASSWORD'] });
    await fetch(`${plainUrl}/api/v1/MARKPATH?q=MARKQUERY`);
    await speak(plainUrl, 'MARKTEXT MARKTOKEN\r\n\r\n');
    await until(async () => (lines.length >= 6 ? true : undefined));
    for (const mark of marks) expect(lines.join('\n')).not.toContain(mark);
  });
});

describe('health', () => {
  it('says what is missing while the database is away', async () => {
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready', missing: {} });
    const other = await createTestCore();
    try {
      const otherUrl = await other.listen();
      await other.testDb.db.close();
      const ready = await fetch(`${otherUrl}/readyz`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({
        status: 'not ready',
        missing: { database: expect.any(String) },
      });
      const up = await fetch(`${otherUrl}/healthz`);
      expect([up.status, await up.json()]).toEqual([
        200,
        { status: 'up', version: expect.stringMatching(/^\d/) },
      ]);
    } finally {
      await other.close();
    }
  });

  it('says what deserves a look without turning anybody away', async () => {
    const http = createHttp({ log: createLog({ level: 'silent' }) });
    http.readiness('clock', async () => 'this machine is 9 s behind the database', { remark: true });
    http.readiness('sea', async () => null);
    const answer = await http.fastify.inject('/readyz');
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { status: 'ready', missing: {}, remarks: { clock: 'this machine is 9 s behind the database' } },
    ]);
    await http.close();
  });
});

describe('the end', () => {
  it('is told by readiness first; then nobody comes in, and requests under way are answered', async () => {
    const leaving = createHttp({ log: createLog({ level: 'silent' }) });
    let answer = () => {};
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    leaving.fastify.get('/slow', () => gate.then(() => 'answered'));
    const { httpPort } = await leaving.listen({ host: '127.0.0.1', httpPort: 0 });
    const at = `http://127.0.0.1:${httpPort}`;
    const slow = fetch(`${at}/slow`);
    await until(async () => leaving.underWay === 1 || undefined);
    leaving.drain();
    const ready = await fetch(`${at}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not ready', missing: { process: 'draining' } },
    ]);
    expect(ready.headers.get('connection')).toBe('close');
    const closing = leaving.close();
    await expect(fetch(`${at}/healthz`)).rejects.toThrow();
    answer();
    expect(await (await slow).text()).toBe('answered');
    await closing;
    expect(leaving.underWay).toBe(0);
  });

  it('waits for no request for ever', async () => {
    const leaving = createHttp({ log: createLog({ level: 'silent' }), closeWithinMs: 50 });
    leaving.fastify.get('/slow', () => new Promise(() => {}));
    const { httpPort } = await leaving.listen({ host: '127.0.0.1', httpPort: 0 });
    const slow = expect(fetch(`http://127.0.0.1:${httpPort}/slow`)).rejects.toThrow();
    await until(async () => leaving.underWay === 1 || undefined);
    await leaving.close();
    await slow;
  });
});

describe('the web app', () => {
  it('has a strict policy with a nonce of its own for each page', async () => {
    const nonces = new Set<string>();
    for (const path of ['/', '/chat/some/where', '/']) {
      const answer = await fetch(`${url}${path}`, { headers: { accept: 'text/html' } });
      expect(answer.status).toBe(200);
      const policy = answer.headers.get('content-security-policy') ?? '';
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      expect(await answer.text()).toContain(`nonce="${nonce}"`);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(3);
  });

  it('keeps assets for ever and asks for the rest again', async () => {
    const asset = await fetch(`${url}/assets/main-abc123.js`);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const manifest = await fetch(`${url}/manifest.webmanifest`);
    expect(manifest.headers.get('cache-control')).toBe('no-cache');
  });

  it('answers a missing asset and a missing route as missing, not with the page', async () => {
    for (const path of ['/assets/gone.js', '/api/v1/gone']) {
      const answer = await fetch(`${url}${path}`, {
        headers: { accept: path.startsWith('/api') ? 'text/html' : '*/*' },
      });
      expect([path, answer.status]).toEqual([path, 404]);
    }
  });

  it('says nothing in the log of files that were there', async () => {
    lines.length = 0;
    await (await fetch(`${plainUrl}/assets/main-abc123.js`)).text();
    await (await fetch(`${plainUrl}/assets/gone.js`)).text();
    await until(async () => lines.find((line) => line.includes('404')));
    expect(lines.map((line) => JSON.parse(line).status)).toEqual([404]);
  });

  it('leads out of its folder by no path', async () => {
    await writeFile(join(folder, '..', 'liaison-http-outside.txt'), 'OUTSIDE');
    try {
      for (const path of [
        '/../liaison-http-outside.txt',
        '/assets/../../liaison-http-outside.txt',
        '/%2e%2e/liaison-http-outside.txt',
        '/assets/%2e%2e%2f%2e%2e%2fliaison-http-outside.txt',
        '/..%5cliaison-http-outside.txt',
        '//etc/passwd',
        '/assets/%00',
        `/${encodeURIComponent('/etc/passwd')}`,
      ]) {
        const { text } = await speak(
          url,
          `GET ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\nconnection: close\r\n\r\n`,
        );
        expect([path, text.split('\r\n', 1)[0]]).toEqual([path, expect.stringMatching(/ 40[034] /)]);
        expect(text).not.toMatch(/OUTSIDE|root:/);
      }
    } finally {
      await rm(join(folder, '..', 'liaison-http-outside.txt'));
    }
  });
});

describe('proxies', () => {
  it('are believed when they are named, and nobody else is', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' };
    const trusted = await fetch(`${plainUrl}/api/v1/test/ip`, { headers });
    expect(await trusted.json()).toEqual({ ip: '203.0.113.7', origin: 'https://liaison.estuaria.example' });
    const not = await fetch(`${url}/api/v1/test/ip`, { headers });
    expect(await not.json()).toEqual({ ip: '127.0.0.1', origin: url });
  });
});

describe('slowness', () => {
  const head = (extra: string, path = '/api/v1/test/say') =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${extra}`;

  it('of headers and of a JSON body is cut and said', async () => {
    const headers = await speak(plainUrl, 'GET / HTTP/1.1\r\nhost: x\r\n');
    expect(headers.text).toMatch(/^HTTP\/1\.1 408 /);
    expect(headers.text).toContain('"code":"too-slow"');
    const body = await speak(plainUrl, head('content-length: 50\r\n\r\n'), '{"text":');
    expect(body.text).toMatch(/^HTTP\/1\.1 408 /);
    expect(body.ms).toBeLessThan(10_000);
  });

  it('of an upload is borne while it moves on, and cut when it stands still', async () => {
    // Its spans are turned by hand: the machine may stand still for as long as one.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const upTo = async (bytes: number) => void (await until(async () => uploaded === bytes || undefined));
    try {
      uploaded = undefined;
      const { hostname, port } = new URL(plainUrl);
      const headers = { 'content-length': '1200' };
      const request = httpRequest({ hostname, port, method: 'POST', path: '/api/v1/test/upload', headers });
      const answer = once(request, 'response');
      request.flushHeaders();
      await upTo(0);
      for (let sent = 300; sent <= 1200; sent += 300) {
        request.write(Buffer.alloc(300));
        await upTo(sent);
        vi.advanceTimersByTime(spanMs);
      }
      request.end();
      const [response] = (await answer) as [IncomingMessage];
      expect(await json(response)).toEqual({ bytes: 1200 });

      uploaded = undefined;
      const still = speak(plainUrl, head('content-length: 5000\r\n\r\n', '/api/v1/test/upload'), 'x');
      await upTo(1);
      vi.advanceTimersByTime(spanMs);
      expect((await still).text).toMatch(/^HTTP\/1\.1 408 /);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('framing that two servers could read in two ways', () => {
  const start = 'POST /api/v1/test/say HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
  const hidden = 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n';
  it.each([
    ['two lengths', `${start}content-length: 2\r\ncontent-length: 3\r\n\r\n{}${hidden}`],
    [
      'a length and chunks',
      `${start}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    ],
    ['chunks and something else', `${start}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`],
    ['a size that is none', `${start}transfer-encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n${hidden}`],
    ['a negative length', `${start}content-length: -1\r\n\r\n${hidden}`],
    ['a folded header', `${start}x-a: b\r\n c: d\r\ncontent-length: 0\r\n\r\n${hidden}`],
    ['a space before the colon', `${start}content-length : 2\r\n\r\n{}${hidden}`],
    ['bare line feeds', `POST /api/v1/test/say HTTP/1.1\nhost: x\ncontent-length: 2\n\n{}${hidden}`],
    ['no host', 'GET /api/v1/test/ip HTTP/1.1\r\n\r\n'],
    ['a null in a header', `${start}x-a: a\0b\r\ncontent-length: 2\r\n\r\n{}${hidden}`],
    ['endless headers', `${start}x-a: ${'a'.repeat(20_000)}\r\n\r\n`],
  ])('%s is refused and the connection ended', async (_name, bytes) => {
    const { text } = await speak(plainUrl, bytes);
    expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
    // What was hidden behind it was not answered.
    expect(text).not.toContain('"status":"up"');
  });
});
