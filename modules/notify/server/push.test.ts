import { createOutgoing } from '@liaison/core/outgoing';
import { createTestCore, type TestCore, type TestPerson } from '@liaison/core/testing';
import { sessionRevoked } from '@liaison/people';
import { type PushReceiver, type PushService, startPushService } from '@liaison/tests/push-service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ClosedPages,
  pushMessageSchema,
  readNews,
  readPush,
  setKindPreference,
  setTimes,
  subscribe,
  tryPush,
  unsubscribe,
  usualTimes,
} from '../contract/index.ts';
import { createNotify, migrations } from './index.ts';
import {
  createStage,
  noteLeft,
  notes,
  noteTorn,
  peopleOfTest,
  reachOfTest,
  type Stage,
  source,
  tell,
} from './testing/notes.ts';

let test: TestCore;
let service: PushService;
let pages: ClosedPages;
const reach = reachOfTest();
/** How often a push service of Apple's was asked; it is a stranger's, and none of its kind is to be had here. */
let askedOfApple = 0;
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  service = await startPushService();
  const outgoing = createOutgoing({ mayReach: (address) => address === '127.0.0.1' });
  pages = createNotify({
    core: test.core,
    people: peopleOfTest({ language: 'fr', timeZone: 'Europe/Paris' }),
    reach,
    sources: [source],
    outgoing: {
      ...outgoing,
      async request(asked) {
        if (!asked.url.startsWith('https://web.push.apple.com/')) return outgoing.request(asked);
        askedOfApple += 1;
        return { status: 201, headers: {}, body: Buffer.alloc(0) };
      },
    },
  });
  await test.listen();
});
afterAll(async () => {
  await test.close();
  await service.close();
});

const firefox = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0' };
async function browserOf(who: TestPerson): Promise<{ receiver: PushReceiver; id: string }> {
  const receiver = service.subscribe();
  const { endpoint, keys } = receiver;
  const answer = await test.client(who).call(subscribe, { body: { endpoint, keys }, headers: firefox });
  expect(answer.status).toBe(200);
  return { receiver, id: answer.body.id };
}
/** Runs whatever is due: reactions, and the jobs that they add. */
async function settle(): Promise<void> {
  await test.core.outbox.drain();
  await test.core.jobs.drain();
}
const types = ({ got }: PushReceiver) => got.map(({ message }) => message.type);
const listOf = async (who: TestPerson) => (await test.client(who).call(readPush)).body.subscriptions;

describe('a browser', () => {
  it('is subscribed once, listed by its name, and removed; a stranger’s is not there', async () => {
    const { alice, bob } = await createStage(test);
    const { receiver, id } = await browserOf(bob);
    const { endpoint, keys } = receiver;
    const again = await test.client(bob).call(subscribe, { body: { endpoint, keys }, headers: firefox });
    expect(again.body).toMatchObject({ id, name: 'Firefox, Linux', isMine: true });
    expect(await listOf(bob)).toHaveLength(1);
    expect(await listOf(alice)).toEqual([]);
    const params = { subscriptionId: id };
    expect((await test.client(alice).call(unsubscribe, { params })).status).toBe(404);
    expect((await test.client(alice).call(tryPush, { params })).status).toBe(404);
    expect((await test.client(bob).call(unsubscribe, { params })).status).toBe(204);
    expect(await listOf(bob)).toEqual([]);
    const kept = await test.testDb.admin('select sealed from notify.subscription');
    expect(kept.some(({ sealed }) => String(sealed).includes(endpoint))).toBe(false);
  });

  it('is told to one person: who signs in there next takes it over', async () => {
    const { alice, bob } = await createStage(test);
    const { receiver } = await browserOf(bob);
    const { endpoint, keys } = receiver;
    await test.client(alice).call(subscribe, { body: { endpoint, keys } });
    expect(await listOf(bob)).toEqual([]);
    expect(await listOf(alice)).toHaveLength(1);
  });

  it.each([
    ['a private address', { endpoint: 'https://10.0.0.1/push' }],
    ['plain http elsewhere', { endpoint: 'http://push.example.org/x' }],
    ['no address', { endpoint: 'push' }],
    ['a short key', { keys: { p256dh: 'AAAA', auth: 'A'.repeat(22) } }],
    ['no secret', { keys: { p256dh: 'A'.repeat(87), auth: '' } }],
  ])('with %s is refused', async (_what, wrong) => {
    const { bob } = await createStage(test);
    const { endpoint, keys } = service.subscribe();
    const answer = await test.client(bob).call(subscribe, { body: { endpoint, keys, ...wrong } });
    expect(answer.status).toBe(400);
    expect(await listOf(bob)).toEqual([]);
  });

  it('of which there are too many lets the oldest go', async () => {
    const { bob } = await createStage(test);
    const first = await browserOf(bob);
    for (let at = 0; at < 20; at++) await browserOf(bob);
    const there = await listOf(bob);
    expect(there).toHaveLength(20);
    expect(there.map(({ id }) => id)).not.toContain(first.id);
  });

  it('ends with its session, however often that is told', async () => {
    const { orgId, bob, spaceId } = await createStage(test);
    await browserOf(bob);
    for (let times = 0; times < 2; times++) {
      await tell(test, orgId, sessionRevoked, {
        personalSpaceId: spaceId,
        personId: bob.id,
        sessionId: bob.sessionId,
      });
    }
    expect(await listOf(bob)).toEqual([]);
  });
});

describe('what is told', () => {
  it('is pushed, encrypted and signed, in her language, and taken back when it is read', async () => {
    const { alice, bob, leave, orgId, spaceId } = await createStage(test);
    const { receiver } = await browserOf(bob);
    const note = await leave(alice, [bob], 'La marée monte');
    await settle();
    expect(service.faults).toEqual([]);
    const [pushed] = receiver.got;
    expect(pushMessageSchema.parse(pushed!.message)).toMatchObject({
      type: 'news',
      kind: 'notes.for-me',
      title: 'Board',
      body: 'La marée monte',
      needsMe: 1,
    });
    expect(pushed).toMatchObject({ urgency: 'high', ttl: '14400', claims: { aud: service.origin } });
    expect(pushed!.publicKey).toBe((await test.client(bob).call(readPush)).body.publicKey);
    // The event may come once more: who was rung for it is not rung again.
    await tell(test, orgId, noteLeft, { spaceId, noteId: note.id });
    await settle();
    expect(receiver.got).toHaveLength(1);

    await test.client(bob).call(readNews, { body: { allUntil: new Date(Date.now() + 1000).toISOString() } });
    await settle();
    expect(receiver.got[1]).toMatchObject({
      message: { type: 'withdraw', tags: [pushed!.message.tag], needsMe: 0 },
      topic: pushed!.topic,
    });
    await settle();
    expect(receiver.got).toHaveLength(2);
    expect((await listOf(bob))[0]!.lastPushedAt).not.toBeNull();
  });

  it('is not taken back where a browser would be given up for it', async () => {
    const { alice, bob, leave } = await createStage(test);
    const { receiver } = await browserOf(bob);
    const { keys } = service.subscribe();
    const body = { endpoint: 'https://web.push.apple.com/QGuQyavXutnMH', keys };
    expect((await test.client(bob).call(subscribe, { body })).status).toBe(200);
    await leave(alice, [bob]);
    await settle();
    expect(askedOfApple).toBe(1);
    await test.client(bob).call(readNews, { body: { allUntil: new Date(Date.now() + 1000).toISOString() } });
    await settle();
    expect(types(receiver)).toEqual(['news', 'withdraw']);
    expect(askedOfApple).toBe(1);
  });

  it('is not pushed to somebody who looks, is in a call, has quiet hours, never wants it, or may not read it', async () => {
    const { alice, bob, leave, spaceId, orgId } = await createStage(test);
    const { receiver } = await browserOf(bob);
    const client = test.client(bob);
    const once = async () => {
      await leave(alice, [bob]);
      await settle();
      return receiver.got.filter(({ message }) => message.type === 'news').length;
    };
    reach.lookers.add(bob.id);
    expect(await once()).toBe(0);
    reach.lookers.delete(bob.id);
    reach.states.set(bob.id, 'call');
    expect(await once()).toBe(0);
    await client.call(setTimes, { body: { ...usualTimes, inCalls: 'everything' } });
    expect(await once()).toBe(1);
    reach.states.delete(bob.id);
    const quiet = { ...usualTimes.quiet, on: true, from: '00:00', until: '00:00' };
    await client.call(setTimes, { body: { ...usualTimes, quiet } });
    expect(await once()).toBe(1);
    await client.call(setTimes, { body: usualTimes });
    const params = { kind: 'notes.for-me' };
    await client.call(setKindPreference, { params, body: { when: 'never' } });
    expect(await once()).toBe(1);
    await client.call(setKindPreference, { params, body: { when: null } });
    expect(await once()).toBe(2);

    // Told and pushed; then the right is taken away, and the notice with it.
    await test.core.db.transaction(orgId, (tx) => test.core.spaces.removeMember(tx, spaceId, bob.id));
    await settle();
    await settle();
    expect(types(receiver).at(-1)).toBe('withdraw');
    expect(await once()).toBe(2);
  });

  it('that is gone before it could be pushed is not', async () => {
    const { alice, bob, spaceId, orgId, board } = await createStage(test);
    const { receiver } = await browserOf(bob);
    const note = { id: test.core.ids.next(), board, spaceId, by: alice.id, to: [bob.id], nth: 1, text: 'x' };
    notes.set(note.id, note);
    await tell(test, orgId, noteLeft, { spaceId, noteId: note.id });
    notes.delete(note.id);
    await tell(test, orgId, noteTorn, { spaceId, noteId: note.id });
    await settle();
    expect(receiver.got).toEqual([]);
  });
});

describe('a push service', () => {
  it('that knows a browser no more is not asked again', async () => {
    const { alice, bob, leave } = await createStage(test);
    const [one, two] = [await browserOf(bob), await browserOf(bob)];
    one.receiver.refuse({ status: 410 });
    await leave(alice, [bob]);
    await settle();
    expect((await listOf(bob)).map(({ id }) => id)).toEqual([two.id]);
    expect(types(two.receiver)).toEqual(['news']);
  });

  it('that asks to wait is tried again, and not with what was read meanwhile', async () => {
    const { alice, bob, leave } = await createStage(test);
    const { receiver } = await browserOf(bob);
    receiver.refuse({ status: 429, retryAfter: '0' }, { status: 503 });
    await leave(alice, [bob], 'late');
    await settle();
    // The second refusal names no time: it waits for its pause.
    const due = () =>
      test.testDb.admin(
        "update graphile_worker._private_jobs set run_at = now() where run_at > now() + interval '1 second'",
      );
    await settle();
    await due();
    await settle();
    expect(receiver.got.map(({ message }) => message.body)).toEqual(['late']);

    receiver.refuse({ status: 500 });
    await leave(alice, [bob], 'read before');
    await settle();
    await test.client(bob).call(readNews, { body: { allUntil: new Date(Date.now() + 1000).toISOString() } });
    await due();
    await settle();
    expect(types(receiver).filter((type) => type === 'news')).toHaveLength(1);
    expect(await listOf(bob)).toHaveLength(1);
  });

  it('is tried from the page of settings', async () => {
    const { bob } = await createStage(test);
    const { receiver, id } = await browserOf(bob);
    const attempt = async () =>
      (await test.client(bob).call(tryPush, { params: { subscriptionId: id } })).body.outcome;
    expect(await attempt()).toBe('sent');
    expect(receiver.got[0]!.message).toMatchObject({ type: 'test', title: 'Cela fonctionne' });
    receiver.refuse({ status: 403 }, { status: 404 });
    expect(await attempt()).toBe('failed');
    expect(await attempt()).toBe('gone');
    expect(await listOf(bob)).toEqual([]);
  });
});

describe('an incoming call', () => {
  const call = (stage: Stage) => ({
    orgId: stage.orgId,
    personId: stage.bob.id,
    callId: test.core.ids.next(),
    from: 'Inês Carvalhal',
    until: new Date(Date.now() + 45_000),
  });

  it('rings closed pages, shortly and urgently, and stops', async () => {
    const stage = await createStage(test);
    expect(await pages.mayRing(stage.orgId, stage.bob.id)).toBe(false);
    const { receiver } = await browserOf(stage.bob);
    expect(await pages.mayRing(stage.orgId, stage.bob.id)).toBe(true);
    const ringing = call(stage);
    pages.ring(ringing);
    pages.stopRinging(ringing);
    await receiver.until(() => receiver.got.length === 2, 'the end of the ringing');
    const [rings, stops] = receiver.got;
    expect(pushMessageSchema.parse(rings!.message)).toMatchObject({
      type: 'call',
      tag: ringing.callId,
      title: 'Inês Carvalhal appelle',
      answer: 'Répondre',
      path: `/phone?call=${ringing.callId}`,
    });
    expect(rings).toMatchObject({ urgency: 'high', topic: ringing.callId.replaceAll('-', '') });
    expect(Number(rings!.ttl)).toBeGreaterThan(40);
    expect(Number(rings!.ttl)).toBeLessThanOrEqual(45);
    expect(stops!.message).toMatchObject({ type: 'withdraw', tags: [ringing.callId] });
    // A call that was never rung is not withdrawn.
    pages.stopRinging(call(stage));
    expect(receiver.got).toHaveLength(2);
  });

  it('keeps silent in quiet hours where she chose so', async () => {
    const stage = await createStage(test);
    const { receiver } = await browserOf(stage.bob);
    const quiet = { ...usualTimes.quiet, on: true, from: '00:00', until: '00:00' };
    const set = (calls: string) =>
      test.client(stage.bob).call(setTimes, { body: { ...usualTimes, quiet: { ...quiet, calls } } });
    await set('silent');
    expect(await pages.mayRing(stage.orgId, stage.bob.id)).toBe(false);
    await set('ring');
    expect(await pages.mayRing(stage.orgId, stage.bob.id)).toBe(true);
    expect(receiver.got).toEqual([]);
  });
});

it('tells of pushes in a figure for each maker and outcome, from the start, and for what is written and waits', async () => {
  const figures = async (): Promise<Record<string, number>> => {
    const lines = (await test.core.metrics.render())
      .split('\n')
      .filter((line) => line.startsWith('liaison_notify'));
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
    );
  };
  const pushes = (outcome: string, maker = 'other') =>
    `liaison_notify_pushes_total{maker="${maker}",outcome="${outcome}"}`;
  const before = await figures();
  expect(before[pushes('refused', 'google')]).toBe(0);
  const { alice, bob, carol, leave } = await createStage(test);
  const { receiver } = await browserOf(bob);
  await leave(alice, [bob]);
  await settle();
  receiver.refuse({ status: 410 });
  await leave(alice, [bob]);
  await settle();
  await test.client(carol).call(setKindPreference, {
    params: { kind: 'notes.for-me' },
    body: { when: 'digest' },
  });
  await leave(alice, [carol]);
  const after = await figures();
  const risen = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
  expect({
    sent: risen(pushes('sent')),
    gone: risen(pushes('gone')),
    news: risen('liaison_notify_news_total'),
    waiting: risen('liaison_notify_news_waiting'),
  }).toEqual({ sent: 1, gone: 1, news: 3, waiting: 1 });
});
