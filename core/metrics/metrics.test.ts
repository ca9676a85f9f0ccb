import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvent, defineRoute, idSchema } from '../contract/index.ts';
import { reactTo } from '../outbox/index.ts';
import { createTestCore, type TestCore } from '../testing/index.ts';

const happened = defineEvent({
  name: 'test.metrics-happened',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema }),
});
const getThing = defineRoute({
  method: 'GET',
  path: '/things/:id',
  access: 'public',
  summary: 'A thing.',
  params: z.object({ id: z.string() }),
  response: z.object({ id: z.string() }),
});

let test: TestCore;
let url: string;
let fail = false;
beforeAll(async () => {
  test = await createTestCore();
  test.core.http.route(getThing, async ({ params }) => ({ id: params.id }));
  test.core.metrics.gauge({ name: 'liaison_test_answer', help: 'Of everything', read: () => 42 });
  test.core.metrics.gauge({
    name: 'liaison_test_failing',
    help: 'Sometimes',
    read: () => {
      if (fail) throw new Error('not now');
      return 1;
    },
  });
  test.core.outbox.react(reactTo('test.metrics', happened, async () => {}));
  url = await test.listen();
});
afterAll(() => test.close());

const scrape = async (headers: Record<string, string> = {}) => {
  const answer = await fetch(`${url}/metrics`, { headers });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
};
const figure = (text: string, name: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1),
  );

it('counts answers by the pattern of their route, never by address', async () => {
  await fetch(`${url}/api/v1/things/secret-thing`);
  const { text, type } = await scrape();
  expect(type).toContain('text/plain; version=0.0.4');
  const count =
    'liaison_http_request_duration_seconds_count{method="GET",route="/api/v1/things/:id",status="200"}';
  expect(figure(text, count)).toBe(1);
  expect(text).not.toContain('secret-thing');
});

it('tells of pages, pools, the event loop and what modules add', async () => {
  const { text } = await scrape();
  expect(figure(text, 'liaison_live_connections')).toBe(0);
  expect(figure(text, 'liaison_test_answer')).toBe(42);
  expect(figure(text, 'nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
  expect(text).toMatch(/liaison_database_connections\{role="liaison_system",state="idle"\} \d/);
});

it('shows how far reactions are behind, and what is parked', async () => {
  const orgId = test.core.ids.next();
  const spaceId = test.core.ids.next();
  await test.core.outbox.drain();
  expect(figure((await scrape()).text, 'liaison_outbox_lag_seconds')).toBe(0);
  await test.core.db.transaction(orgId, async (tx) => test.core.outbox.emit(tx, happened, { spaceId }));
  await test.testDb.admin("update core.outbox set at = now() - interval '90 s' where stream_id = $1", [
    spaceId,
  ]);
  expect(figure((await scrape()).text, 'liaison_outbox_lag_seconds')).toBeGreaterThan(89);
  await test.core.outbox.drain();
  const { text } = await scrape();
  expect(figure(text, 'liaison_outbox_lag_seconds')).toBe(0);
  expect(figure(text, 'liaison_outbox_parked_reactions')).toBe(0);
  await test.testDb.admin('update core.reaction_cursor set parked_at = now() where stream_id = $1', [
    spaceId,
  ]);
  expect(figure((await scrape()).text, 'liaison_outbox_parked_reactions')).toBe(1);
});

it('leaves out what cannot be read, and nothing else', async () => {
  expect(figure((await scrape()).text, 'liaison_test_failing')).toBe(1);
  fail = true;
  const { status, text } = await scrape();
  expect(status).toBe(200);
  expect(figure(text, 'liaison_test_failing')).toBeNaN();
  expect(figure(text, 'liaison_test_answer')).toBe(42);
});

it('is there for this machine only, also behind a proxy on it', async () => {
  for (const headers of [
    { 'x-forwarded-for': '203.0.113.9' },
    { forwarded: 'for=127.0.0.1' },
    { via: '1.1 proxy' },
    { 'x-real-ip': '127.0.0.1' },
  ] as Record<string, string>[]) {
    expect((await scrape(headers)).status).toBe(404);
  }
});

it('is there for a network that the setting names, and for no proxy and no other', async () => {
  const named = await createTestCore({
    testDb: test.testDb,
    environment: { LIAISON_METRICS_FROM: '127.0.0.9,10.83.0.0/20' },
  });
  try {
    const port = Number(new URL(await named.listen()).port);
    // By another name than this machine's, as a Prometheus elsewhere would.
    const status = (localAddress: string, headers: Record<string, string> = {}) =>
      new Promise((resolve, reject) => {
        const host = '127.0.0.1';
        const path = '/metrics';
        request(
          { host, port, path, localAddress, headers: { host: 'liaison.example', ...headers } },
          (answer) => {
            answer.resume();
            resolve(answer.statusCode);
          },
        )
          .on('error', reject)
          .end();
      });
    expect(await status('127.0.0.9')).toBe(200);
    expect(await status('127.0.0.9', { 'x-forwarded-for': '203.0.113.9' })).toBe(404);
    expect(await status('127.0.0.8')).toBe(404);
  } finally {
    await named.close();
  }
});
