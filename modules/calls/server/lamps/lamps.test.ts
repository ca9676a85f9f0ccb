import { createTestCore, type TestCore, type TestPerson } from '@liaison/core/testing';
import type { People } from '@liaison/people';
import { createReach, migrations, type ReachModule } from '@liaison/reach/server';
import type { IncomingSubscription, NotifyBody, SipUri } from '@liaison/sip';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createLamps, type Lamps, putOutLamps } from './lamps.ts';

let test: TestCore;
let reach: ReachModule;
let lamps: Lamps;
let orgId: string;
let bob: TestPerson;

/** Bob has the extension 4102; nobody else has any. */
const peopleOfTest = {
  byExtension: async (_tx: unknown, extension: string) =>
    extension === '4102' ? { id: bob.id, address: 'bob@harbour.example', status: 'active' } : null,
  byAddress: async () => null,
} as unknown as People;

beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  reach = createReach({ core: test.core });
  await test.core.owned.start();
  let people: TestPerson[];
  ({ orgId, people } = await test.organisation(['owner', 'member']));
  bob = people[1]!;
  lamps = createLamps({ core: test.core, people: peopleOfTest, reach });
});
afterAll(async () => {
  lamps.close();
  await test.close();
});

/** A telephone's subscription, with what it would have been sent. */
function subscription(event: string, user: string) {
  const sent: string[] = [];
  let current: () => NotifyBody | undefined = () => undefined;
  const told = {
    sent,
    rejected: 0,
    terminated: '',
    id: 'one',
    event,
    resource: { scheme: 'sip', user, host: 'harbour.example', params: new Map() } as unknown as SipUri,
    state: 'undecided' as IncomingSubscription['state'],
    on: {} as IncomingSubscription['on'],
    accept(give: () => NotifyBody | undefined) {
      current = give;
      told.state = 'active';
      sent.push(String(current()?.content));
    },
    changed() {
      if (told.state === 'active') sent.push(String(current()?.content));
    },
    reject(status: number) {
      told.rejected = status;
      told.state = 'ended';
      told.on.ended?.('terminated');
    },
    terminate(reason: string) {
      told.terminated = reason;
      told.state = 'ended';
      told.on.ended?.('terminated');
    },
  };
  opened.push(told);
  return told;
}
const opened: { terminate(reason: string): void; state: string }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) if (each.state === 'active') each.terminate('deactivated');
  expect(lamps.watched).toBe(0);
});

const watch = async (told: ReturnType<typeof subscription>, deviceId = 'device') => {
  await lamps.subscribe(told as unknown as IncomingSubscription, { orgId, personId: 'whoever', deviceId });
  return told;
};
const lit = (text: string | undefined) => /<state>(\w+)</.exec(text ?? '')?.[1] ?? 'dark';

it('a lamp is told each change once, in documents that count', async () => {
  const told = await watch(subscription('dialog', '4102'));
  const claim = { orgId, personId: bob.id, ref: 'call' } as const;
  await reach.claim({ ...claim, kind: 'ringing' });
  await expect.poll(() => told.sent.map(lit)).toEqual(['dark', 'early']);
  await reach.claim({ ...claim, kind: 'call' });
  await reach.release({ ...claim, kind: 'ringing' });
  await expect.poll(() => lit(told.sent.at(-1))).toBe('confirmed');
  // Whatever the claims were, a state that is the same is not told again.
  await reach.claim({ ...claim, kind: 'call', ref: 'another' });
  await reach.release({ ...claim, kind: 'call', ref: 'another' });
  await reach.release({ ...claim, kind: 'call' });
  await expect.poll(() => lit(told.sent.at(-1))).toBe('dark');
  expect(told.sent.map(lit)).toEqual(['dark', 'early', 'confirmed', 'dark']);
  expect(told.sent.map((text) => /version="(\d+)"/.exec(text)?.[1])).toEqual(['0', '1', '2', '3']);
});

it('nobody can be watched who is not there', async () => {
  expect((await watch(subscription('dialog', '9999'))).rejected).toBe(404);
  expect((await watch(subscription('presence', 'bob'))).rejected).toBe(404);
  expect((await watch(subscription('presence', ''))).rejected).toBe(404);
});

it('a telephone that may not sign in any more is told nothing more', async () => {
  const gone = await watch(subscription('presence', '4102'), 'stolen');
  const stays = await watch(subscription('presence', '4102'), 'desk');
  putOutLamps(test.core.bus, ['stolen']);
  await expect.poll(() => gone.terminated).toBe('rejected');
  expect(stays.state).toBe('active');
  await reach.claim({ orgId, personId: bob.id, kind: 'away', ref: 'hand' });
  await expect.poll(() => stays.sent.length).toBe(2);
  expect(gone.sent).toHaveLength(1);
  await reach.release({ orgId, personId: bob.id, kind: 'away', ref: 'hand' });
});

it('no message waits as long as there is no voicemail', async () => {
  const told = await watch(subscription('message-summary', 'alice'));
  expect(told.sent).toEqual(['Messages-Waiting: no\r\n']);
});
