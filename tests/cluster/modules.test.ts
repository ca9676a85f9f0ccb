import { answerCall, type CallView, hangUpCall, listMyCalls, startCall } from '@liaison/calls';
import { type Message, sayTyping } from '@liaison/chat';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Colleague, startCluster } from '../testing/cluster.ts';
import { until } from '../testing/program.ts';
import { calendar } from './calendar.ts';
import { calls } from './calls.ts';
import { chat, conversationOf, heard, say } from './chat.ts';
import { contacts } from './contacts.ts';
import { draining } from './draining.ts';
import { files } from './files.ts';
import { notify } from './notify.ts';
import { people } from './people.ts';
import { reachability } from './reach.ts';
import { search } from './search.ts';
import { sites } from './sites.ts';
import { reach, type TwoProcesses } from './two-processes.ts';

/**
 * Two processes with every duty: what happens at one is there at the other, and what dies takes only its own along. A file
 * for each module, on one stage; `npm run check` asks for one. What stops something stands at the end, here.
 */
let stage: TwoProcesses;

beforeAll(async () => {
  const cluster = await startCluster();
  try {
    // The first one brings the database up to date; the second finds it so.
    const a = await cluster.start('a');
    const b = await cluster.start('b');
    const [alice, bob, carol, dora] = (await cluster.organisation(a, [
      { name: 'Alice', extension: '4101' },
      { name: 'Bob', extension: '4102' },
      { name: 'Carol', extension: '4103' },
      { name: 'Dora', extension: '4104' },
    ])) as [Colleague, Colleague, Colleague, Colleague];
    stage = { cluster, a, b, alice, bob, carol, dora };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}, 240_000);
afterAll(() => stage?.cluster.close());

// Chat first: it sees the conversation made.
describe('chat', () => chat(() => stage));
describe('files', () => files(() => stage));
describe('search', () => search(() => stage));
describe('contacts', () => contacts(() => stage));
describe('calendar', () => calendar(() => stage));
describe('notify', () => notify(() => stage));
describe('people', () => people(() => stage));
describe('reach', () => reachability(() => stage));
describe('sites', () => sites(() => stage));
describe('calls', () => calls(() => stage));
describe('draining', () => draining(() => stage));

test('without the bus what was said still arrives, and nobody is cut; with it everything is as before', async () => {
  const { cluster, a, b, alice, bob } = stage;
  const [alices, bobs] = await Promise.all([cluster.page(a, alice), cluster.page(b, bob)]);
  const conversationId = await conversationOf(stage, a);
  await cluster.nats.kill();
  await say(stage, a, alice, conversationId, 'the mooring holds');
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
  const { cluster, a, b, alice, bob, carol, dora } = stage;
  // The first one, which runs the reactions and jobs too.
  const [alices, bobs, carols, doras] = await Promise.all([
    cluster.page(a, alice),
    cluster.page(b, bob),
    cluster.page(b, carol),
    cluster.page(b, dora),
  ]);
  const conversationId = await conversationOf(stage, a);
  const { call } = await alices.command(startCall, { to: bob.extension });
  await bobs.until(() => bobs.call(call.id)?.state === 'ringing', 'ringing at Bob’s');
  await bobs.command(answerCall, { callId: call.id });
  await alices.until(() => alices.call(call.id)?.state === 'connected', 'connected');
  const other = (await carols.command(startCall, { to: dora.extension })).call;
  await doras.until(() => doras.call(other.id)?.state === 'ringing', 'ringing at Dora’s');
  await doras.command(answerCall, { callId: other.id });
  await say(stage, a, alice, conversationId, 'halyard and mainsail');

  const killed = performance.now();
  const onBus = await cluster.onBus();
  await a.kill();
  await until(async () => (await cluster.onBus()) < onBus, 'the bus knows that it is gone');
  // Whatever asks about it from then on is answered, and waits for no answer of the dead one, which would be five seconds each.
  const asked = performance.now();
  await expect(bobs.command(listMyCalls, {})).rejects.toMatchObject({ code: 'outcome-unknown' });
  await expect(bobs.command(hangUpCall, { callId: call.id })).rejects.toMatchObject({
    code: 'outcome-unknown',
  });
  expect(performance.now() - asked).toBeLessThan(5000);

  await bobs.until(() => bobs.call(call.id)?.state === 'ended', 'the end, told to Bob', 20_000);
  expect(bobs.call(call.id)?.reason).toBe('lost');
  await bobs.until(() => reach(bobs, alice)?.state === 'offline', 'Alice’s claims are gone', 20_000);
  // Within ten seconds, of which a lease takes eight; a machine that stands still now and then may add some.
  expect(performance.now() - killed).toBeLessThan(15_000);
  await bobs.until(() => reach(bobs, bob)?.state === 'free', 'Bob is free');
  const history = await cluster.ask<{ rows: CallView[] }>(b, bob, 'GET', '/calls?limit=1');
  expect(history.body.rows[0]).toMatchObject({ reason: 'lost' });
  expect((await carols.command(listMyCalls, {})).calls).toMatchObject([{ id: other.id, state: 'connected' }]);

  // Reactions go on where they were, also with what was said just before: its words are found.
  await say(stage, b, bob, conversationId, 'halyard and jib');
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
