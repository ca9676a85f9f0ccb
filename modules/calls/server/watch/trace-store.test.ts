import { createTestCore, type TestCore } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrations } from '../index.ts';
import { createTraceStore, type TraceEntry, traceLines } from './trace-store.ts';

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
const countOf = async (callId: string) =>
  Number(
    (await test.testDb.admin(`select count(*) as n from (${traceLines('t.call_id = $1')}) s`, [callId]))[0]
      ?.n,
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
  expect(await countOf(callId)).toBe(400);
  expect(await countOf(other)).toBe(1);
  const seen = await core.db.read(two, (tx) => tx.query('select title from calls.trace'));
  expect(seen).toEqual([{ title: 'theirs' }]);
  const [last] = await test.testDb.admin(
    `select title from (${traceLines('true')}) s where title like '%no more%'`,
    [],
  );
  expect(last).toEqual({ title: 'line 399 (no more is kept)' });
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
  const rows = await core.db.read(orgId, (tx) =>
    tx.query(`select * from (${traceLines('t.call_id = $1')}) s order by at, id`, [callId]),
  );
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
