import { createTestCore, type TestCore } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrations } from '../index.ts';
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
const countOf = async (callId: string) =>
  Number(
    (await test.testDb.admin('select count(*) as n from calls.trace where call_id = $1', [callId]))[0]?.n,
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
  const [last] = await test.testDb.admin("select title from calls.trace where title like '%no more%'", []);
  expect(last).toEqual({ title: 'line 399 (no more is kept)' });
});

it('drops what is too much at once, and what cannot be written, without a word to the caller', async () => {
  const { core } = test;
  const store = createTraceStore(core);
  const orgId = core.ids.next();
  for (let n = 0; n < 5000; n++) store.add(entry(orgId, core.ids.next(), 'flood'));
  expect(store.dropped).toBe(1000);
  await store.settled();
  store.add(entry('not an id', core.ids.next(), 'lost'));
  await store.stop();
  expect(store.dropped).toBe(1001);
});
