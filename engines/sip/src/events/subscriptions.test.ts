import { afterEach, beforeEach, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import { type RawPeer, startRawPeer } from '../../testing/raw-peer.ts';
import { startPhone } from '../../testing/registrar-fixture.ts';
import { createManualClock, type IncomingSubscription, type ManualClock, type UserAgent } from '../index.ts';

/* The subscriber is a peer that says only what a test tells it to; the clock is turned by hand. */

let clock: ManualClock;
let agent: UserAgent;
let peer: RawPeer;
let subscribe: (subscription: IncomingSubscription) => void;
let lamp: string;
let ended: string[];

beforeEach(async () => {
  clock = createManualClock();
  lamp = 'off';
  ended = [];
  subscribe = (subscription) => {
    subscription.on = { ended: (why) => void ended.push(why) };
    subscription.accept(() => ({ contentType: 'text/plain', content: lamp }));
  };
  const started = await startPhone(undefined, {
    clock,
    eventPackages: ['dialog', 'presence'],
    limits: { subscriptionsPerPeer: 2 },
    handlers: { subscribe: (subscription) => subscribe(subscription) },
  });
  agent = started.agent;
  peer = await startRawPeer(started.port);
});
afterEach(async () => {
  const stopped = agent.stop();
  for (const notify of peer.received) if (notify.kind === 'request') peer.answer(notify, 200);
  await stopped;
  await peer.close();
  expect(clock.pending).toBe(0);
});

const ask = (headers: [string, string][], parts: { toTag?: string; cseq?: number; callId?: string } = {}) =>
  peer.request('SUBSCRIBE', { headers: [['event', 'dialog'], ...headers], ...parts });

async function nextNotify(answer = 200): Promise<{ state: string; body: string; toTag: string }> {
  const notify = await peer.nextRequest('NOTIFY');
  peer.answer(notify, answer);
  return {
    state: notify.headers.get('subscription-state') ?? '',
    body: notify.body.toString(),
    toTag: notify.fromTag ?? '',
  };
}

test('accepted, told the state, each change, each refresh, and the end', async () => {
  let subscription: IncomingSubscription | undefined;
  const accept = subscribe;
  subscribe = (one) => {
    subscription = one;
    accept(one);
  };
  ask([['expires', '600']]);
  const accepted = await peer.next(200);
  expect(accepted.headers.get('expires')).toBe('600');
  const first = await nextNotify();
  expect(first).toMatchObject({ state: 'active;expires=600', body: 'off' });
  lamp = 'on';
  subscription!.changed();
  expect(await nextNotify()).toMatchObject({ body: 'on' });
  await clock.advanceAsync(300_000);
  ask([['expires', '600']], { toTag: first.toTag, cseq: 2 });
  expect(await nextNotify()).toMatchObject({ state: 'active;expires=600', body: 'on' });
  ask([['expires', '0']], { toTag: first.toTag, cseq: 3 });
  expect(await nextNotify()).toMatchObject({ state: 'terminated;reason=timeout', body: 'on' });
  expect(ended).toEqual(['unsubscribed']);
  ask([['expires', '600']], { toTag: first.toTag, cseq: 4 });
  await peer.next(481);
});

test('changes while a NOTIFY is under way are told in one, as they are then', async () => {
  let subscription: IncomingSubscription | undefined;
  const accept = subscribe;
  subscribe = (one) => {
    subscription = one;
    accept(one);
  };
  ask([]);
  const first = await peer.nextRequest('NOTIFY');
  for (const state of ['a', 'b', 'c']) {
    lamp = state;
    subscription!.changed();
  }
  peer.answer(first, 200);
  expect(await nextNotify()).toMatchObject({ body: 'c' });
  expect(peer.count('NOTIFY')).toBe(2);
});

test('without a refresh it runs out', async () => {
  ask([['expires', '60']]);
  await nextNotify();
  await poll('the answer', async () => {
    await clock.advanceAsync(61_000);
    return ended.length > 0;
  });
  expect((await nextNotify()).state).toBe('terminated;reason=timeout');
  expect(ended).toEqual(['expired']);
});

test.each([
  ['refused by the subscriber', 481],
  ['not answered', 0],
])('a NOTIFY %s ends it', async (_what, status) => {
  ask([]);
  const notify = await peer.nextRequest('NOTIFY');
  if (status > 0) peer.answer(notify, status);
  else await clock.advanceAsync(32_000);
  await poll('the end', () => ended.length > 0);
  expect(ended).toEqual(['unreachable']);
});

test('pending until somebody decides; rejected; ended with a reason', async () => {
  let subscription: IncomingSubscription | undefined;
  subscribe = (one) => {
    subscription = one;
    one.accept(() => undefined, { isPending: true });
  };
  ask([]);
  expect(await nextNotify()).toMatchObject({ state: 'pending;expires=3600', body: '' });
  subscription!.accept(() => ({ contentType: 'text/plain', content: lamp }));
  expect(await nextNotify()).toMatchObject({ state: 'active;expires=3600', body: 'off' });
  subscription!.terminate('probation', 120);
  expect((await nextNotify()).state).toBe('terminated;reason=probation;retry-after=120');
  subscribe = (one) => one.reject(403);
  ask([], { callId: 'other' });
  await peer.next(403);
});

test('a question without a subscription is answered once', async () => {
  ask([['expires', '0']]);
  expect(await nextNotify()).toMatchObject({ state: 'terminated;reason=timeout', body: 'off' });
  expect(ended).toEqual(['unsubscribed']);
});

test('bad ones are refused: no event, an unknown one, too short, too many', async () => {
  peer.request('SUBSCRIBE', { callId: 'none' });
  await peer.next(489);
  peer.request('SUBSCRIBE', { callId: 'unknown', headers: [['event', 'winning-numbers']] });
  expect((await peer.next(489)).headers.get('allow-events')).toBe('dialog, presence');
  ask([['expires', '5']], { callId: 'short' });
  expect((await peer.next(423)).headers.get('min-expires')).toBe('60');
  for (const callId of ['one', 'two', 'three']) ask([], { callId });
  expect((await peer.next(503)).headers.has('retry-after')).toBe(true);
  expect(peer.count(200)).toBe(2);
});

test('stopping tells subscribers that they may come back', async () => {
  ask([]);
  await nextNotify();
  const stopped = agent.stop();
  expect((await nextNotify()).state).toBe('terminated;reason=deactivated');
  await stopped;
});
