import { createTestCore, type TestCore } from '@liaison/core/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrations } from './index.ts';
import { listCallsOf } from './queries.ts';

let test: TestCore;
let orgId = '';
let me = '';
let other = '';

beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  const made = await test.organisation(['owner', 'member']);
  orgId = made.orgId;
  [me, other] = made.people.map(({ id }) => id) as [string, string];
  const call = (
    callerId: string | null,
    calleeId: string | null,
    dialled: string,
    callerText: string | null,
  ) =>
    test.testDb.admin(
      `insert into calls.call (id, org_id, home_site, caller_person_id, callee_person_id, dialled, caller_text)
       values (gen_random_uuid(), $1, 1, $2, $3, $4, $5)`,
      [orgId, callerId, calleeId, dialled, callerText],
    );
  await call(null, me, '4110', 'sip:+441632960017@trunk.example');
  await call(me, null, '01632 960-017', null);
  await call(me, null, '+44 1632 960018', null);
  await call(null, other, '4111', '+441632960017');
  // A colleague who was dialled by something that ends so.
  await call(me, other, '+441632960017', null);
}, 60_000);
afterAll(() => test?.close());

it('calls with a number of somebody outside are found however it was written, and only mine', async () => {
  const people = { findMany: async () => new Map() };
  const texts = async (who: string, numbers: string) =>
    (
      await test.core.db.read(orgId, (tx) =>
        listCallsOf(tx, people, who, { limit: 10, only: 'all', numbers }),
      )
    ).rows.map(({ direction, peer }) => `${direction} ${peer.name}`);
  const both = ['outgoing 01632 960-017', 'incoming sip:+441632960017@trunk.example'];
  for (const number of ['+441632960017', '0044 1632 960017', '+44 (0)1632 960017']) {
    expect((await texts(me, number)).sort()).toEqual(both.sort());
  }
  expect(await texts(other, '+441632960017')).toEqual(['incoming +441632960017']);
  expect(await texts(me, '+441632960099')).toEqual([]);
  expect(await texts(me, '+441632960018,+441632960017')).toHaveLength(3);
});
