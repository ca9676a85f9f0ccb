import { createInProcessBus } from '@liaison/core/bus';
import { replacesOf, SipRefusal } from '@liaison/sip';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createLossyBus, type LossyBus } from './testing/lossy-bus.ts';
import {
  type OwnTelephoneLab,
  openOwnTelephoneLab,
  over,
  soundReaches,
} from './testing/own-telephone-lab.ts';
import { type RunningSuite, startSuite } from './testing/suite.ts';
import { poll } from './testing/world.ts';

/** Two whole servers on one database and one bus: whose telephone is where, and which of them owns a call, is all that varies. */
let bus: LossyBus;
let here: RunningSuite;
let there: RunningSuite;
let lab: OwnTelephoneLab;
let { alice, bob, carla, telephone, addressOf } = {} as OwnTelephoneLab;

beforeAll(async () => {
  bus = createLossyBus(createInProcessBus({ error() {} }));
  here = await startSuite({ bus });
  there = await startSuite({ bus, testDb: here.test.testDb });
  lab = await openOwnTelephoneLab(here);
  ({ alice, bob, carla, telephone, addressOf } = lab);
}, 120_000);
afterEach(() => lab.endTelephones());
afterAll(async () => {
  await there?.close();
  await here?.close();
});

/** Ended calls are forgotten a moment later, and whatever was still told to them is told to nobody. */
const left = (count: number) =>
  poll('the calls that are over are forgotten', async () =>
    here.suite.calls.exchange.running + there.suite.calls.exchange.running === count ? true : undefined,
  );

test.each([
  ['who is joined has the telephone here', () => here],
  ['who is joined has the telephone there', () => there],
])('attended, two calls of two processes: %s', async (_name, whereCarla) => {
  const [a, b] = [await telephone(alice, here), await telephone(bob, there)];
  const c = await telephone(carla, whereCarla());
  const first = await a.call(bob.extension);
  const toBob = b.calls[0]!;
  const second = await b.call(carla.extension);
  expect(await toBob.refer({ target: addressOf(carla), replaces: replacesOf(second.session) })).toBe(200);
  await soundReaches(first, c, 0x42);
  await over(toBob);
  await over(second.session);
  expect(c.calls).toHaveLength(1);
  // Either side ends it for both.
  if (whereCarla() === here) await first.hangUp();
  else await c.calls[0]!.bye();
  await over(c.calls[0]);
  await over(first.session);
});

test('a telephone of another process that is handed a call is told by whom', async () => {
  const [a, b, c] = [await telephone(alice, here), await telephone(bob, here), await telephone(carla, there)];
  const call = await a.call(bob.extension);
  expect(await call.session.refer({ target: addressOf(carla) })).toBe(200);
  expect(c.invites[0]?.headers.get('referred-by')).toContain(`<sip:${alice.extension}@${lab.domain}>`);
  await b.calls[0]!.bye();
  await over(c.calls[0]);
});

test('two calls of one process with telephones of another: they go on after the first of them is forgotten', async () => {
  const [a, b, c] = [
    await telephone(alice, here),
    await telephone(bob, there),
    await telephone(carla, there),
  ];
  const first = await a.call(bob.extension);
  const second = await a.call(carla.extension);
  const status = await first.session.refer({
    target: addressOf(carla),
    replaces: replacesOf(second.session),
  });
  expect(status).toBe(200);
  await over(first.session);
  await left(1);
  expect(b.calls[0]?.state).toBe('confirmed');
  await b.calls[0]!.bye();
  await over(c.calls[0]);
});

test('a telephone goes on with a call whose dialog another process has, and nobody else does', async () => {
  const [desk, kitchen, b, c] = [
    await telephone(alice, here),
    await telephone(alice, there),
    await telephone(bob, here),
    await telephone(carla, there),
  ];
  const call = await desk.call(bob.extension);
  const replaces = replacesOf(call.session);
  await expect(c.call(bob.extension, undefined, { replaces })).rejects.toMatchObject({ status: 403 });
  const unknown = { ...replaces, toTag: 'none' };
  await expect(kitchen.call(bob.extension, undefined, { replaces: unknown })).rejects.toMatchObject({
    status: 481,
  });
  const early = { ...replaces, isEarlyOnly: true };
  await expect(kitchen.call(bob.extension, undefined, { replaces: early })).rejects.toMatchObject({
    status: 486,
  });
  expect(call.session.state).toBe('confirmed');
  const moved = await kitchen.call(bob.extension, undefined, { replaces });
  await soundReaches(moved, b, 0x47);
  await over(call.session);
  expect(b.calls).toHaveLength(1);
  await b.calls[0]!.bye();
  await over(moved.session);
});

test('a telephone goes on with a call that another process owns, though its dialog is here', async () => {
  const [a, desk, kitchen] = [
    await telephone(alice, here),
    await telephone(bob, there),
    await telephone(bob, there),
  ];
  kitchen.answers = () => {
    throw new SipRefusal(480, 'Temporarily Unavailable');
  };
  const call = await a.call(bob.extension);
  const moved = await kitchen.call(alice.extension, undefined, { replaces: replacesOf(desk.calls[0]!) });
  await soundReaches(moved, a, 0x48);
  await over(desk.calls[0]);
  expect(call.session.state).toBe('confirmed');
  await moved.hangUp();
  await over(call.session);
});

test('the answer of who let a telephone go is lost: it is asked for again, and the two are joined', async () => {
  const [a, b, c] = [await telephone(alice, here), await telephone(bob, there), await telephone(carla, here)];
  const first = await a.call(bob.extension);
  const second = await b.call(carla.extension);
  bus.loseAnswersTo('release', 1);
  const toBob = b.calls[0]!;
  expect(await toBob.refer({ target: addressOf(carla), replaces: replacesOf(second.session) })).toBe(200);
  expect(bus.lost).toBe(1);
  await soundReaches(first, c, 0x49);
  await first.hangUp();
  await over(c.calls[0]);
});

test('no answer comes at all: the telephone that was let go is hung up and told why, and the other call goes on', async () => {
  const [a, b, c] = [
    await telephone(alice, here),
    await telephone(bob, there),
    await telephone(carla, there),
  ];
  const first = await a.call(bob.extension);
  const second = await b.call(carla.extension);
  const ended = new Promise((resolve) => {
    first.session.on = { ...first.session.on, ended: resolve };
  });
  bus.loseAnswersTo('release', 9);
  const toBob = b.calls[0]!;
  expect(await toBob.refer({ target: addressOf(carla), replaces: replacesOf(second.session) })).toBe(503);
  expect(await ended).toMatchObject({ by: 'remote', reason: { cause: 481 } });
  bus.loseAnswersTo('release', 0);
  await soundReaches(second, c, 0x4a);
  await second.hangUp();
  await over(c.calls[0]);
});

test('a telephone that another process drives is given to a third call, though nobody hears that it was', async () => {
  const [a, c] = [await telephone(alice, there), await telephone(carla, here)];
  const [desk, kitchen] = [await telephone(bob, here), await telephone(bob, there)];
  const first = await desk.call(alice.extension);
  const second = await kitchen.call(carla.extension);
  bus.loseAnswersTo('follow', 1);
  const status = await first.session.refer({
    target: addressOf(carla),
    replaces: replacesOf(second.session),
  });
  expect(status).toBe(200);
  expect(bus.lost).toBe(1);
  const joined = a.calls[0]!;
  await over(first.session);
  expect(joined.state).toBe('confirmed');
  await c.calls[0]!.bye();
  await over(joined);
});
