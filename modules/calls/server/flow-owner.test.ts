import { createTestCore, type TestCore } from '@liaison/core/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { adoptFlows, deleteExpiredRegistrations, forgetFlow, forgetOrphans } from './across-organisations.ts';
import { migrations } from './index.ts';
import { register, telephonesOf } from './registrations.ts';

/** Whose the registrations are when processes come and go: three lives on one database. */
let here: TestCore;
let other: TestCore;
const dead = '00000000-0000-7000-8000-00000000dead';
const place = 'udp:192.0.2.1:0.0.0.0:5060';

beforeAll(async () => {
  here = await createTestCore({ sources: [migrations] });
  other = await createTestCore({ testDb: here.testDb });
  await here.core.owned.start();
  await other.core.owned.start();
});
afterAll(async () => {
  for (const test of [other, here]) {
    await test.core.owned.stop();
    await test.close();
  }
});
beforeEach(() => here.testDb.admin('delete from calls.registration'));

async function registered(processId: string, at = place, flowId = 'udp:1'): Promise<string> {
  const { ids } = here.core;
  const deviceId = ids.next();
  await here.testDb.admin(
    `insert into calls.registration (org_id, device_id, person_id, uri, process_id, place, call_id, cseq, q, params, flow, expires_at)
     values ($1, $2, $3, 'sip:desk@192.0.2.7', $4, $5, 'one', 1, 1, '', $6, now() + interval '1 hour')`,
    [ids.next(), deviceId, ids.next(), processId, at, JSON.stringify({ id: flowId })],
  );
  return deviceId;
}
const ownerOf = async (deviceId: string) =>
  (await here.testDb.admin('select process_id from calls.registration where device_id = $1', [deviceId]))[0]
    ?.process_id;
const adopt = (more: Partial<Parameters<typeof adoptFlows>[1]> = {}) =>
  adoptFlows(here.core.db, {
    processId: here.core.owned.processId,
    places: [place],
    followed: [],
    earlierIds: [],
    ...more,
  });

it('a process takes over what ends in its socket from one that is dead, and nothing else', async () => {
  const mine = await registered(dead);
  const elsewhere = await registered(dead, 'udp:192.0.2.1:0.0.0.0:5062');
  const stream = await registered(dead, '');
  const living = await registered(other.core.owned.processId);
  expect(await adopt()).toBe(1);
  const { processId } = here.core.owned;
  expect(await ownerOf(mine)).toBe(processId);
  expect([await ownerOf(elsewhere), await ownerOf(stream)]).toEqual([dead, dead]);
  expect(await ownerOf(living)).toBe(other.core.owned.processId);
  expect(await adopt()).toBe(0);
});

it('on its own machine it need not wait for the lease of the one before', async () => {
  const before = other.core.owned.processId;
  const left = await registered(before);
  expect(await adopt({ followed: await here.core.owned.processesOfThisHost() })).toBe(1);
  expect(await ownerOf(left)).toBe(here.core.owned.processId);
});

it('a process that joined again keeps everything of its earlier life, streams too', async () => {
  const stream = await registered(dead, '');
  expect(await adopt({ earlierIds: [dead] })).toBe(1);
  expect(await ownerOf(stream)).toBe(here.core.owned.processId);
});

it('what nobody takes over is forgotten: a stream at once, the rest after its time, the living never', async () => {
  const { db, owned } = here.core;
  const stream = await registered(dead, '');
  const datagrams = await registered(dead);
  const living = await registered(owned.processId);
  expect(await forgetOrphans(db, 30)).toMatchObject([{ deviceId: stream, left: 0 }]);
  expect(await ownerOf(datagrams)).toBe(dead);
  await here.testDb.admin("update calls.registration set orphaned_at = orphaned_at - interval '31 seconds'");
  expect(await forgetOrphans(db, 30)).toMatchObject([{ deviceId: datagrams, left: 0 }]);
  expect(await ownerOf(living)).toBe(owned.processId);
  expect(await forgetOrphans(db, 0)).toEqual([]);
});

it('a closed stream takes its own registration along, and says what the device has left', async () => {
  const { db, owned } = here.core;
  const gone = await registered(owned.processId, '', 'tcp:7');
  const kept = await registered(owned.processId, '', 'tcp:8');
  const foreign = await registered(other.core.owned.processId, '', 'tcp:7');
  expect(await forgetFlow(db, owned.processId, 'tcp:7')).toMatchObject([{ deviceId: gone, left: 0 }]);
  expect(await ownerOf(kept)).toBe(owned.processId);
  expect(await ownerOf(foreign)).toBe(other.core.owned.processId);
});

it('the proxies between are kept in their order (RFC 3327 §5.3), and forgotten when they are gone', async () => {
  const { ids, db, owned } = here.core;
  const [orgId, personId, deviceId] = [ids.next(), ids.next(), ids.next()];
  const contacts = [{ uri: 'sip:desk@192.0.2.7', expiresSeconds: 600, q: 1, params: '' }];
  const registration = {
    changes: { kind: 'update', contacts },
    flow: { id: 'udp:1', protocol: 'udp' },
    callId: 'one',
  } as unknown as Parameters<typeof register>[2];
  const owner = { processId: owned.processId, place };
  const pathOf = () =>
    db.read(orgId, async (tx) => (await telephonesOf(tx, personId)).map(({ binding }) => binding.path));
  const path = ['<sip:edge-one.example;lr>', '<sip:edge-two.example;lr;ob>'];
  await register(db, { orgId, personId, deviceId }, { ...registration, cseq: 1, path }, owner);
  expect(await pathOf()).toEqual([path]);
  await register(db, { orgId, personId, deviceId }, { ...registration, cseq: 2 }, owner);
  expect(await pathOf()).toEqual([undefined]);
});

it('a registration ends when its time has come, however often that was put off before', async () => {
  const deviceId = await registered(here.core.owned.processId);
  const set = (what: string) =>
    here.testDb.admin(`update calls.registration set ${what} where device_id = $1`, [deviceId]);
  await set("look_at = now() - interval '1 second'");
  expect(await deleteExpiredRegistrations(here.core.db)).toEqual([]);
  const [row] = await here.testDb.admin('select look_at = expires_at as later from calls.registration');
  expect(row).toEqual({ later: true });
  await set("look_at = now() - interval '1 second', expires_at = now() - interval '1 second'");
  expect(await deleteExpiredRegistrations(here.core.db)).toMatchObject([{ deviceId, left: 0 }]);
  expect(await deleteExpiredRegistrations(here.core.db)).toEqual([]);
});
