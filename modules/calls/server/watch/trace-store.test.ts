import { createTestCore, type TestCore } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { migrations } from '../index.ts';
import { readTraceLines } from './trace-lines.ts';
import { createTraceStore, type TraceEntry } from './trace-store.ts';

let test: TestCore;
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
});
afterAll(() => test.close());

const entry = (orgId: string, callId: string, title: string): TraceEntry => ({
  orgId,
  callId,
  at: new Date(),
  kind: 'model',
  direction: 'none',
  lane: 'server',
  title,
});
const linesOf = (callId: string) =>
  test.core.db.system((tx) =>
    readTraceLines(tx, { where: 't.call_id = $1', parameters: [callId] }, { limit: 1000 }),
  );

it('keeps lines of several organisations, at most 400 of one call, and says where it stopped', async () => {
  const { core } = test;
  const store = createTraceStore(core);
  const [one, two, callId, other] = Array.from({ length: 4 }, () => core.ids.next()) as [
    string,
    string,
    string,
    string,
  ];
  for (let n = 0; n < 600; n++) store.add(entry(one, callId, `line ${n}`));
  store.add(entry(two, other, 'theirs'));
  await store.stop();
  const kept = await linesOf(callId);
  expect(kept).toHaveLength(400);
  expect(kept.at(-1)?.title).toBe('line 399 (no more is kept)');
  expect(await linesOf(other)).toHaveLength(1);
  const seen = await core.db.read(two, (tx) => tx.query('select title from calls.trace'));
  expect(seen).toEqual([{ title: 'theirs' }]);
});

it('keeps what is said within a moment in one row, in its order and with every letter that can be kept', async () => {
  const { core } = test;
  const store = createTraceStore(core);
  const [orgId, callId] = [core.ids.next(), core.ids.next()];
  const at = new Date();
  const said = ['first', 'nul \0', 'half a letter \uD83D', 'last'];
  for (const title of said) {
    store.add({
      ...entry(orgId, callId, title),
      at,
      kind: 'sip',
      direction: 'in',
      body: () => `${title}\r\n"`,
    });
  }
  await store.settled();
  store.add({ ...entry(orgId, callId, 'later'), protocol: 'udp', peer: '127.0.0.1:5060' });
  await store.stop();
  const rows = await linesOf(callId);
  expect(rows.map(({ title, body }) => [title, body])).toEqual([
    ['first', 'first\r\n"'],
    ['nul \uFFFD', 'nul \uFFFD\r\n"'],
    ['half a letter \uFFFD', 'half a letter \uFFFD\r\n"'],
    ['last', 'last\r\n"'],
    ['later', null],
  ]);
  expect(rows.at(-1)).toMatchObject({
    kind: 'model',
    lane: 'server',
    protocol: 'udp',
    peer: '127.0.0.1:5060',
  });
  expect(await test.testDb.admin('select id from calls.trace where call_id = $1', [callId])).toHaveLength(2);
});

it('makes one row of what is said of a call at a time, however much is said of others between', async () => {
  const { core } = test;
  const store = createTraceStore(core);
  const orgId = core.ids.next();
  const callIds = Array.from({ length: 60 }, () => core.ids.next());
  for (let n = 0; n < 30; n++) for (const callId of callIds) store.add(entry(orgId, callId, `line ${n}`));
  await store.settled();
  const rows = await test.testDb.admin('select call_id from calls.trace where org_id = $1', [orgId]);
  expect(rows).toHaveLength(callIds.length);
  for (const callId of callIds.slice(-2))
    expect((await linesOf(callId)).map(({ title }) => title)).toEqual(
      Array.from({ length: 30 }, (_, n) => `line ${n}`),
    );
  store.add(entry(orgId, callIds[0]!, 'by itself'));
  await vi.waitFor(async () => expect(await linesOf(callIds[0]!)).toHaveLength(31), { timeout: 20_000 });
  await store.stop();
});

it('reads what was kept before lines were packed, and several rows in the order in which it was said', async () => {
  const { core } = test;
  const store = createTraceStore(core);
  const [orgId, callId] = [core.ids.next(), core.ids.next()];
  const at = (second: number) => new Date(Date.UTC(2026, 10, 23, 3, 0, second));
  const line = (second: number) => ({
    ...{ id: core.ids.next(), at: at(second).toISOString(), kind: 'sip', direction: 'in', lane: 'server' },
    ...{ title: `said ${second}`, body: 'whole' },
  });
  const first = line(1);
  await test.testDb.admin(
    `insert into calls.trace (id, org_id, call_id, at, kind, direction, lane, title, body, more)
     values ($1, $2, $3, $4, 'sip', 'in', 'server', 'said 1', 'whole', $5)`,
    [first.id, orgId, callId, at(1), JSON.stringify([line(3), line(5)])],
  );
  for (const second of [2, 4, 6]) store.add({ ...entry(orgId, callId, `said ${second}`), at: at(second) });
  await store.stop();
  const lines = await linesOf(callId);
  expect(lines.map(({ title, body }) => [title, body])).toEqual(
    [1, 2, 3, 4, 5, 6].map((second) => [`said ${second}`, second % 2 === 1 ? 'whole' : null]),
  );
  const few = await core.db.read(orgId, (tx) =>
    readTraceLines(tx, { where: 'true', parameters: [] }, { limit: 2, withBodies: false }),
  );
  expect(few.map(({ title, body }) => [title, body])).toEqual([
    ['said 1', null],
    ['said 2', null],
  ]);
});

it('drops what is too much at once, and what cannot be written, without a word to the caller', async () => {
  const { core } = test;
  const store = createTraceStore(core);
  const orgId = core.ids.next();
  for (let n = 0; n < 17_000; n++) store.add(entry(orgId, core.ids.next(), 'flood'));
  expect(store.dropped).toBe(1000);
  await store.settled();
  store.add(entry('not an id', core.ids.next(), 'lost'));
  await store.stop();
  expect(store.dropped).toBe(1001);
});
