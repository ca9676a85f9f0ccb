import { setTimeout as sleep } from 'node:timers/promises';
import { createTestCore, type TestCore } from '@liaison/core/testing';
import type { People } from '@liaison/people';
import { createReach, migrations as reachMigrations } from '@liaison/reach/server';
import type { InviteSession } from '@liaison/sip';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createExchange, type Exchange } from './exchange.ts';
import { migrations } from './index.ts';
import { createCaptures } from './watch/captures.ts';
import { createSignalTap } from './watch/signal-tap.ts';
import { createTraceStore } from './watch/trace-store.ts';

/** Calls of Alice's telephone to Bob, who has none: what is left of them when parts of what they do come late. */
let test: TestCore;
let exchange: Exchange;
let orgId: string;
let alice: string;
/** Opened from the start. */
let claims = Promise.resolve();
let endings = Promise.resolve();

/** The end of a call still answers for so long, and is given back with others. */
const lingersMs = 50 + 250;

function gate(): { passed: Promise<void>; open(): void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

beforeAll(async () => {
  test = await createTestCore({ sources: [reachMigrations, migrations] });
  const { core } = test;
  await core.owned.start();
  const organisation = await test.organisation(['owner', 'member']);
  ({ orgId } = organisation);
  const [caller, callee] = organisation.people.map(({ id }) => id) as [string, string];
  alice = caller;
  const spacesAsked = new Map<unknown, number>();
  const people = {
    find: async (_tx: unknown, id: string) => ({ id, name: 'Somebody', status: 'active' }),
    byExtension: async () => ({ id: callee, name: 'Bob', status: 'active' }),
    realmOf: async () => 'harbour.example',
    /** Asked with whatever is written of a call: for two people when it begins, and again when it ends. */
    async personalSpace(_tx: unknown, personId: string) {
      const asked = (spacesAsked.get(personId) ?? 0) + 1;
      spacesAsked.set(personId, asked);
      if (asked % 2 === 0) await endings;
      return null;
    },
  } as unknown as People;
  const owned: typeof core.owned = {
    ...core.owned,
    async claim(thing, handlers) {
      await claims;
      return core.owned.claim(thing, handlers);
    },
  };
  exchange = createExchange({
    core: { ...core, owned },
    people,
    reach: createReach({ core }),
    telephones: () => {
      throw new Error('nobody is rung');
    },
    pool: null,
    tap: createSignalTap({ core, store: createTraceStore(core), captures: createCaptures(core) }),
    lingerMs: 50,
  });
});
afterAll(async () => {
  await exchange.stop();
  await test.core.owned.stop();
  await test.close();
});

/** What a telephone sees of its call: the INVITE that it sent, and how it was refused. */
function invite() {
  const session = {
    callId: test.core.ids.next(),
    state: 'early',
    requested: { scheme: 'sip', user: '4102', host: 'harbour.example', params: new Map() },
    request: { maxForwards: 70, headers: { get: () => undefined, list: () => [] } },
    on: {} as InviteSession['on'],
    refused: 0,
    reject(status: number) {
      session.refused = status;
      session.state = 'ended';
    },
  };
  const begun = exchange.startFromTelephone(
    session as unknown as InviteSession,
    {
      orgId,
      personId: alice,
      deviceId: test.core.ids.next(),
    } as Parameters<Exchange['startFromTelephone']>[1],
  );
  return { session, begun };
}

const leases = async () => (await test.testDb.admin("select id from core.lease where kind = 'call'")).length;
const lines = () => test.testDb.admin('select reason from calls.call');

it('a call that is given up while its lease is on the way leaves none', async () => {
  const held = gate();
  claims = held.passed;
  const { session, begun } = invite();
  await expect.poll(() => session.on.cancelled).toBeDefined();
  session.on.cancelled?.();
  await sleep(lingersMs);
  held.open();
  await begun;
  await expect.poll(lines).toEqual([{ reason: 'cancelled' }]);
  await expect
    .poll(async () => ({ leases: await leases(), running: exchange.running }))
    .toEqual({
      leases: 0,
      running: 0,
    });
});

it('a call has its owner until its end is written, so that nobody takes it for lost', async () => {
  const held = gate();
  endings = held.passed;
  const { session, begun } = invite();
  await begun;
  expect(session.refused).toBe(480);
  await sleep(lingersMs);
  expect(await lines()).toContainEqual({ reason: null });
  expect(await leases()).toBe(1);
  held.open();
  await expect.poll(leases).toBe(0);
  expect(await lines()).toEqual([{ reason: 'cancelled' }, { reason: 'offline' }]);
});
