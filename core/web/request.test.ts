import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { defineRoute } from '../contract/index.ts';
import { api, onSignedOut, routeUrl } from './request.ts';
import { RequestProblem } from './request-problem.ts';

/** Pages ask at relative addresses; outside a browser there is nothing that they could be relative to. */
let close: () => Promise<void>;
let answer: (request: IncomingMessage, body: string, response: ServerResponse) => void;
const realFetch = globalThis.fetch;

beforeEach(async () => {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => answer(request, body, response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  globalThis.fetch = (input, init) => realFetch(`${origin}${String(input)}`, init);
  close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
});
afterEach(async () => {
  globalThis.fetch = realFetch;
  onSignedOut(() => {});
  await close();
});

const getThing = defineRoute({
  method: 'GET',
  path: '/things/:id/parts/:part',
  access: 'session',
  summary: 'A part.',
  params: z.object({ id: z.string(), part: z.string() }),
  query: z.object({ deep: z.boolean().optional(), tag: z.array(z.string()).optional() }),
  response: z.object({ ok: z.boolean() }),
});
const putThing = defineRoute({
  method: 'PUT',
  path: '/thing',
  access: 'session',
  summary: 'Change it.',
  body: z.object({ name: z.string() }),
});

const json = (response: ServerResponse, status: number, value: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
const problem = async (work: Promise<unknown>): Promise<RequestProblem> => {
  const error = await work.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RequestProblem)) throw error;
  return error;
};

test('fills in path and query, and sends JSON with a request id', async () => {
  const seen: { url?: string; method?: string; id?: unknown; type?: unknown; body: string }[] = [];
  answer = ({ url, method, headers }, body, response) => {
    seen.push({
      url: url!,
      method: method!,
      id: headers['x-request-id'],
      type: headers['content-type'],
      body,
    });
    json(response, 200, { ok: true });
  };
  const args = { params: { id: 'a/b c', part: '?é' }, query: { deep: true, tag: ['x', 'y&z'] } };
  expect(await api(getThing, args)).toEqual({ ok: true });
  await api(putThing, { body: { name: 'Inês' } });
  expect(seen[0]?.url).toBe('/api/v1/things/a%2Fb%20c/parts/%3F%C3%A9?deep=true&tag=x&tag=y%26z');
  expect(seen[0]?.url).toBe(routeUrl(getThing, args));
  expect(seen[0]?.type).toBeUndefined();
  expect(seen[0]?.id).toMatch(/^[0-9a-f]{32}$/);
  expect(seen[1]).toMatchObject({ method: 'PUT', type: 'application/json', body: '{"name":"Inês"}' });
  expect(seen[1]?.id).not.toBe(seen[0]?.id);
});

test('a parameter that is missing is an error here, not a strange address there', () => {
  const args = { params: { id: '', part: 'x' } };
  expect(() => routeUrl(getThing, args)).toThrow('needs the parameter id');
});

test('an answer without content is undefined', async () => {
  answer = (_request, _body, response) => void response.writeHead(204).end();
  expect(await api(putThing, { body: { name: 'x' } })).toBeUndefined();
});

test('a refusal is the problem that the server told', async () => {
  answer = (_request, _body, response) =>
    json(response, 429, {
      type: 'urn:liaison:problem:too-many',
      title: 'Too many.',
      status: 429,
      code: 'too-many',
      requestId: 'abc',
      retryAfterSeconds: 7,
      errors: [{ path: 'body.name', message: 'too long' }],
    });
  const error = await problem(api(putThing, { body: { name: 'x' } }));
  expect(error).toMatchObject({ status: 429, code: 'too-many', requestId: 'abc', retryAfterSeconds: 7 });
  expect(error.errors).toEqual([{ path: 'body.name', message: 'too long' }]);
});

test('signed out is told to the app; a wrong password is not', async () => {
  const told = vi.fn();
  onSignedOut(told);
  let code = 'wrong-credentials';
  answer = (_request, _body, response) => json(response, 401, { type: '', title: 'No.', status: 401, code });
  expect((await problem(api(putThing, { body: { name: 'x' } }))).code).toBe('wrong-credentials');
  expect(told).not.toHaveBeenCalled();
  code = 'signed-out';
  expect((await problem(api(putThing, { body: { name: 'x' } }))).code).toBe('signed-out');
  expect(told).toHaveBeenCalledOnce();
});

test("a proxy's page, an empty refusal, silence and an absent server each say what they are", async () => {
  answer = (_request, _body, response) =>
    void response.writeHead(200).end('<html>Sign in to the hotel</html>');
  expect((await problem(api(putThing, { body: { name: 'x' } }))).code).toBe('unreadable');
  answer = (_request, _body, response) => void response.writeHead(502).end();
  expect((await problem(api(putThing, { body: { name: 'x' } }))).code).toBe('unexpected');
  answer = () => {};
  expect((await problem(api(putThing, { body: { name: 'x' } }, { timeoutMs: 50 }))).code).toBe('timeout');
  answer = (request) => void request.socket.destroy();
  expect((await problem(api(putThing, { body: { name: 'x' } }))).code).toBe('offline');
});

test('giving up is the reason that was given, not a problem', async () => {
  answer = () => {};
  const given = new AbortController();
  const work = api(putThing, { body: { name: 'x' } }, { signal: given.signal });
  given.abort(new Error('another page'));
  await expect(work).rejects.toThrow('another page');
});

test('a question whose answer is lost on the way is asked again, for a moment; what changes something is not', async () => {
  const args = { params: { id: 'a', part: 'b' } };
  let asked = 0;
  answer = (request, _body, response) => {
    asked += 1;
    if (asked > 2) json(response, 200, { ok: true });
    else request.socket.destroy();
  };
  expect(await api(getThing, args)).toEqual({ ok: true });
  expect(asked).toBe(3);
  answer = (request) => {
    asked += 1;
    request.socket.destroy();
  };
  expect((await problem(api(getThing, args))).code).toBe('offline');
  expect(asked).toBe(6);
  expect((await problem(api(putThing, { body: { name: 'x' } }))).code).toBe('offline');
  expect(asked).toBe(7);
  const given = new AbortController();
  answer = (request) => {
    request.socket.destroy();
    setTimeout(() => given.abort(new Error('another page')), 20);
  };
  await expect(api(getThing, args, { signal: given.signal })).rejects.toThrow('another page');
});
