import { createInProcessBus } from '@liaison/core/bus';
import { type InviteSession, parseNameAddr, replacesOf, SipRefusal } from '@liaison/sip';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type OwnCall, type OwnTelephone, openOwnTelephone } from './testing/own-telephone.ts';
import { type Member, type RunningSuite, startSuite } from './testing/suite.ts';
import { poll } from './testing/world.ts';

/** Two whole servers on one database and one bus: whose telephone is where, and which of them owns a call, is all that varies. */
let here: RunningSuite;
let there: RunningSuite;
let domain: string;
let alice: Member;
let bob: Member;
let carla: Member;
const open: OwnTelephone[] = [];

beforeAll(async () => {
  const bus = createInProcessBus({ error() {} });
  here = await startSuite({ bus });
  there = await startSuite({ bus, testDb: here.test.testDb });
  const made = await here.organisation('harbour', [
    { name: 'Alice', extension: '4101' },
    { name: 'Bob', extension: '4102' },
    { name: 'Carla', extension: '4103' },
  ]);
  domain = made.domain;
  [alice, bob, carla] = made.members as [Member, Member, Member];
}, 120_000);
afterEach(async () => {
  for (const telephone of open.splice(0)) await telephone.close();
  // They are switched off, not signed off: nobody waits for them in the next test.
  await here.test.testDb.admin('delete from calls.registration');
  await poll('nobody is in a call', async () => {
    const claims = await here.test.testDb.admin("select 1 from reach.claim where kind in ('call','ringing')");
    return claims.length === 0 ? true : undefined;
  });
});
afterAll(async () => {
  await there?.close();
  await here?.close();
});

async function telephoneOf(member: Member, at: RunningSuite): Promise<OwnTelephone> {
  const made = await openOwnTelephone(at, domain, member);
  open.push(made);
  return made;
}

async function soundReaches(from: OwnCall, to: OwnTelephone, byte: number): Promise<void> {
  const before = to.heard(byte);
  await poll('its sound is heard', async () => {
    from.say(byte, 3);
    return to.heard(byte) > before + 5 ? true : undefined;
  });
}

const to = (member: Member) => parseNameAddr(`<sip:${member.extension}@${domain}>`);
const over = (session: InviteSession | undefined) =>
  poll('the session is over', async () => (session?.state === 'ended' ? true : undefined));
/** Ended calls are forgotten a moment later, and whatever was still told to them is told to nobody. */
const left = (count: number) =>
  poll('the calls that are over are forgotten', async () =>
    here.suite.calls.exchange.running + there.suite.calls.exchange.running === count ? true : undefined,
  );

test.each([
  ['who is joined has the telephone here', () => here],
  ['who is joined has the telephone there', () => there],
])('attended, two calls of two processes: %s', async (_name, whereCarla) => {
  const [a, b] = [await telephoneOf(alice, here), await telephoneOf(bob, there)];
  const c = await telephoneOf(carla, whereCarla());
  const first = await a.call(bob.extension);
  const toBob = b.calls[0]!;
  const second = await b.call(carla.extension);
  expect(await toBob.refer({ target: to(carla), replaces: replacesOf(second.session) })).toBe(200);
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
  const [a, b, c] = [
    await telephoneOf(alice, here),
    await telephoneOf(bob, here),
    await telephoneOf(carla, there),
  ];
  const call = await a.call(bob.extension);
  expect(await call.session.refer({ target: to(carla) })).toBe(200);
  expect(c.calls[0]?.request.headers.get('referred-by')).toContain(`<sip:${alice.extension}@${domain}>`);
  await b.calls[0]!.bye();
  await over(c.calls[0]);
});

test('two calls of one process with telephones of another: they go on after the first of them is forgotten', async () => {
  const [a, b, c] = [
    await telephoneOf(alice, here),
    await telephoneOf(bob, there),
    await telephoneOf(carla, there),
  ];
  const first = await a.call(bob.extension);
  const second = await a.call(carla.extension);
  const status = await first.session.refer({ target: to(carla), replaces: replacesOf(second.session) });
  expect(status).toBe(200);
  await over(first.session);
  await left(1);
  expect(b.calls[0]?.state).toBe('confirmed');
  await b.calls[0]!.bye();
  await over(c.calls[0]);
});

test('a telephone goes on with a call whose dialog another process has, and nobody else does', async () => {
  const [desk, kitchen, b, c] = [
    await telephoneOf(alice, here),
    await telephoneOf(alice, there),
    await telephoneOf(bob, here),
    await telephoneOf(carla, there),
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
    await telephoneOf(alice, here),
    await telephoneOf(bob, there),
    await telephoneOf(bob, there),
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
