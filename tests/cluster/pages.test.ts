import {
  answerCall,
  type CallView,
  hangUpCall,
  holdCall,
  listMyCalls,
  startCall,
  takeCall,
} from '@liaison/calls';
import { type Message, sayTyping } from '@liaison/chat';
import type { Reachability } from '@liaison/reach';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cluster, type Colleague, type Node, startCluster } from '../testing/cluster.ts';
import type { Page } from '../testing/page.ts';
import { until } from '../testing/program.ts';

/** Two processes with every duty: what happens at one is there at the other, and what dies takes only its own along. */
let cluster: Cluster;
let a: Node;
let b: Node;
let alice: Colleague;
let bob: Colleague;
let carol: Colleague;
let dora: Colleague;

beforeAll(async () => {
  cluster = await startCluster();
  // The first one brings the database up to date; the second finds it so.
  a = await cluster.start('a');
  b = await cluster.start('b');
  [alice, bob, carol, dora] = (await cluster.organisation(a, [
    { name: 'Alice', extension: '4101' },
    { name: 'Bob', extension: '4102' },
    { name: 'Carol', extension: '4103' },
    { name: 'Dora', extension: '4104' },
  ])) as [Colleague, Colleague, Colleague, Colleague];
}, 240_000);
afterAll(() => cluster?.close());

const reach = (page: Page, who: Colleague): Reachability | undefined =>
  (page.signals('reach.changed') as Reachability[]).filter((each) => each.personId === who.id).at(-1);

async function conversation(at: Node): Promise<string> {
  const made = await cluster.ask<{ id: string }>(at, alice, 'POST', '/chat/direct', { personId: bob.id });
  expect(made.status).toBe(200);
  return made.body.id;
}
const say = (at: Node, who: Colleague, conversationId: string, body: string) =>
  cluster.ask<Message>(at, who, 'POST', `/chat/conversations/${conversationId}/messages`, {
    clientKey: crypto.randomUUID(),
    body,
  });
const heard = (page: Page, body: string) =>
  page.got.find(
    (each) =>
      each.t === 'event' && each.name === 'chat.message-sent' && (each.data as Message | null)?.body === body,
  );

describe('between two processes', () => {
  test('a message, a typing signal and a changed reachability cross within a second', async () => {
    const [alices, bobs] = await Promise.all([cluster.page(a, alice), cluster.page(b, bob)]);
    const conversationId = await conversation(a);
    await bobs.until(() => bobs.got.some((each) => each.t === 'joined'), 'the new conversation');
    await say(a, alice, conversationId, 'before');
    await bobs.until(() => heard(bobs, 'before'), 'the first message');

    let asked = performance.now();
    await say(a, alice, conversationId, 'the tide is in');
    await bobs.until(() => heard(bobs, 'the tide is in'), 'the message at the other process');
    expect(performance.now() - asked).toBeLessThan(1000);

    asked = performance.now();
    await alices.command(sayTyping, { conversationId });
    await bobs.until(() => bobs.signals('chat.typing')[0], 'typing');
    expect(performance.now() - asked).toBeLessThan(1000);

    asked = performance.now();
    await cluster.ask(a, alice, 'PUT', '/reach/me', { state: 'dnd' });
    await bobs.until(() => reach(bobs, alice)?.state === 'dnd', 'do not disturb');
    expect(performance.now() - asked).toBeLessThan(1000);
    await cluster.ask(a, alice, 'PUT', '/reach/me', { state: 'free' });
    for (const page of [alices, bobs]) page.close();
  });

  test('a session revoked at one is cut at the other within 5 s', async () => {
    const browser = await cluster.signIn(a, bob);
    const page = await cluster.page(b, browser);
    const { body } = await cluster.ask<{ sessions: { id: string; current: boolean }[] }>(
      b,
      browser,
      'GET',
      '/sessions',
    );
    const session = body.sessions.find((each) => each.current);
    const asked = performance.now();
    const revoked = await cluster.ask(a, bob, 'DELETE', `/sessions/${session?.id}`);
    expect(revoked.status).toBeLessThan(300);
    await page.until(() => page.closed !== null, 'the cut');
    expect(performance.now() - asked).toBeLessThan(5000);
    const after = await cluster.ask<{ state?: string }>(b, browser, 'GET', '/sessions');
    expect(after.status).toBe(401);
  });

  test('a call rings, is answered, held, resumed and ended from the other', async () => {
    const [alices, bobs] = await Promise.all([cluster.page(a, alice), cluster.page(b, bob)]);
    const { call } = await alices.command(startCall, { to: bob.extension });
    await bobs.until(() => bobs.call(call.id)?.state === 'ringing', 'ringing at Bob’s');
    await bobs.command(answerCall, { callId: call.id });
    await alices.until(() => alices.call(call.id)?.state === 'connected', 'connected at Alice’s');
    await bobs.until(() => reach(bobs, alice)?.state === 'call', 'Alice is busy');
    await bobs.command(holdCall, { callId: call.id, held: true });
    await alices.until(() => alices.call(call.id)?.heldByPeer === true, 'held at Alice’s');
    await bobs.command(holdCall, { callId: call.id, held: false });
    await alices.until(() => alices.call(call.id)?.heldByPeer === false, 'on again at Alice’s');
    expect((await bobs.command(listMyCalls, {})).calls.map((each) => each.id)).toEqual([call.id]);
    // Alice's page is loaded again, and the proxy gives it the other process; the call stays where it is.
    alices.close();
    await bobs.until(() => bobs.call(call.id)?.peerLost === true, 'Alice’s page is waited for');
    const again = await cluster.page(b, alice);
    await again.command(takeCall, { callId: call.id });
    await bobs.until(() => bobs.call(call.id)?.peerLost === false, 'Alice is back');
    await bobs.command(hangUpCall, { callId: call.id });
    await again.until(() => again.call(call.id)?.state === 'ended', 'ended at Alice’s');
    expect(again.call(call.id)?.reason).toBe('completed');
    for (const page of [again, bobs]) page.close();
  });
});

test('without the bus what was said still arrives, and nobody is cut; with it everything is as before', async () => {
  const [alices, bobs] = await Promise.all([cluster.page(a, alice), cluster.page(b, bob)]);
  const conversationId = await conversation(a);
  await cluster.nats.kill();
  await say(a, alice, conversationId, 'the mooring holds');
  await bobs.until(() => heard(bobs, 'the mooring holds'), 'the message without the bus');
  expect((await bobs.command(listMyCalls, {})).calls).toEqual([]);
  const before = bobs.signals('chat.typing').length;
  await cluster.nats.start();
  await until(async () => {
    await alices.command(sayTyping, { conversationId });
    return bobs.signals('chat.typing').length > before;
  }, 'typing crosses again');
  expect([alices.closed, bobs.closed]).toEqual([null, null]);
  for (const page of [alices, bobs]) page.close();
});

test('a killed process ends its own calls only, its claims go, its work is gone on with, and people are told', async () => {
  // The first one, which runs the reactions and jobs too.
  const [alices, bobs, carols, doras] = await Promise.all([
    cluster.page(a, alice),
    cluster.page(b, bob),
    cluster.page(b, carol),
    cluster.page(b, dora),
  ]);
  const conversationId = await conversation(a);
  const { call } = await alices.command(startCall, { to: bob.extension });
  await bobs.until(() => bobs.call(call.id)?.state === 'ringing', 'ringing at Bob’s');
  await bobs.command(answerCall, { callId: call.id });
  await alices.until(() => alices.call(call.id)?.state === 'connected', 'connected');
  const other = (await carols.command(startCall, { to: dora.extension })).call;
  await doras.until(() => doras.call(other.id)?.state === 'ringing', 'ringing at Dora’s');
  await doras.command(answerCall, { callId: other.id });
  await say(a, alice, conversationId, 'halyard and mainsail');

  const killed = performance.now();
  await a.kill();
  // Whatever asks about it meanwhile is answered, and soon.
  const asked = performance.now();
  await expect(bobs.command(listMyCalls, {})).rejects.toMatchObject({ code: 'outcome-unknown' });
  await expect(bobs.command(hangUpCall, { callId: call.id })).rejects.toMatchObject({
    code: 'outcome-unknown',
  });
  expect(performance.now() - asked).toBeLessThan(2000);

  await bobs.until(() => bobs.call(call.id)?.state === 'ended', 'the end, told to Bob', 12_000);
  expect(bobs.call(call.id)?.reason).toBe('lost');
  await bobs.until(() => reach(bobs, alice)?.state === 'offline', 'Alice’s claims are gone', 12_000);
  expect(performance.now() - killed).toBeLessThan(10_000);
  await bobs.until(() => reach(bobs, bob)?.state === 'free', 'Bob is free');
  const history = await cluster.ask<{ rows: CallView[] }>(b, bob, 'GET', '/calls?limit=1');
  expect(history.body.rows[0]).toMatchObject({ reason: 'lost' });
  expect((await carols.command(listMyCalls, {})).calls).toMatchObject([{ id: other.id, state: 'connected' }]);

  // Reactions go on where they were, also with what was said just before: its words are found.
  await say(b, bob, conversationId, 'halyard and jib');
  await until(
    async () => {
      const found = await cluster.ask<{ rows: Message[] }>(b, bob, 'GET', '/chat/search?q=halyard');
      return found.body.rows.length === 2;
    },
    'both messages are found',
    15_000,
  );
  for (const page of [bobs, carols, doras]) page.close();
}, 240_000);
