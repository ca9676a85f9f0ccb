import { type CallRecord, hangUpCall, startCall } from '@liaison/calls';
import { parseNameAddr, type ReplacesHeader, replacesOf, SipRefusal } from '@liaison/sip';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type OwnTelephoneLab,
  openOwnTelephoneLab,
  over,
  soundReaches,
} from './testing/own-telephone-lab.ts';
import { type Member, type RunningSuite, startSuite } from './testing/suite.ts';
import { poll } from './testing/world.ts';

/** REFER and Replaces from telephones (RFC 3515, 3891, 5589): what is honoured, and what is refused to whom. */
let running: RunningSuite;
let lab: OwnTelephoneLab;
let { domain, alice, bob, carla, telephone, addressOf } = {} as OwnTelephoneLab;

beforeAll(async () => {
  running = await startSuite();
  lab = await openOwnTelephoneLab(running, [{ name: 'Away', extension: '4104' }]);
  ({ domain, alice, bob, carla, telephone, addressOf } = lab);
}, 120_000);
afterEach(() => lab.endTelephones());
afterAll(() => running?.close());

async function history(who: Member): Promise<CallRecord[]> {
  const answer = await fetch(`${running.url}/api/v1/calls?limit=5`, { headers: { cookie: who.cookie } });
  return ((await answer.json()) as { rows: CallRecord[] }).rows;
}

test('attended: the two are joined, one of them invited anew; who asked is let go', async () => {
  const [a, b, c] = [await telephone(alice), await telephone(bob), await telephone(carla)];
  const first = await b.call(alice.extension);
  const toAlice = a.calls[0]!;
  const second = await a.call(carla.extension);
  const status = await toAlice.refer({ target: addressOf(carla), replaces: replacesOf(second.session) });
  expect(status).toBe(200);
  await soundReaches(first, c, 0x42);
  await over(toAlice);
  await over(second.session);
  expect(first.session.state).toBe('confirmed');
  await first.hangUp();
  await over(c.calls[0]!);
  await poll('histories', async () => ((await history(bob))[0]?.endedAt ? true : undefined));
  expect(await history(bob)).toMatchObject([
    { direction: 'outgoing', peer: { name: 'Carla' }, transferredBy: { name: 'Alice' }, reason: 'completed' },
    { peer: { name: 'Alice' }, transferredTo: { name: 'Carla' }, reason: 'transferred' },
  ]);
});

test('blind: the telephone that keeps its call has it back when nobody is there', async () => {
  const [a, b, c] = [await telephone(alice), await telephone(bob), await telephone(carla)];
  c.answers = () => {
    throw new SipRefusal(486, 'Busy Here');
  };
  const call = await a.call(bob.extension);
  const progress: number[] = [];
  const status = await call.session.refer({
    target: addressOf(carla),
    progress: (each) => void progress.push(each),
  });
  expect(status).toBe(486);
  expect(progress).toContain(180);
  expect(call.session.state).toBe('confirmed');
  await soundReaches(call, b, 0x43);
  await call.hangUp();
});

test('blind: the telephone that is rung is told by whom, as we know her (RFC 3892), and not as she says', async () => {
  const [a, b, c] = [await telephone(alice), await telephone(bob), await telephone(carla)];
  const call = await a.call(bob.extension);
  const status = await call.session.refer({ target: addressOf(carla), referredBy: addressOf(bob) });
  expect(status).toBe(200);
  const rung = c.invites[0]?.headers;
  expect(rung?.get('referred-by')).toBe(`Alice <sip:${alice.extension}@${domain}>`);
  expect(b.invites[0]?.headers.has('referred-by')).toBe(false);
  await b.calls[0]?.bye();
  await over(c.calls[0]!);
});

test('blind: who is handed over hears that it rings, and whom it goes back to when it is declined', async () => {
  const [a, b, page] = [await telephone(alice), await telephone(bob), await running.page(carla)];
  const call = await a.call(bob.extension);
  const sound = () => Array.from({ length: 256 }, (_, byte) => b.heard(byte)).reduce((sum, n) => sum + n, 0);
  const before = sound();
  const referred = call.session.refer({ target: addressOf(carla) });
  const rung = await poll('it rings at a page', async () => page.call());
  await poll('Bob hears that', async () => (sound() > before + 20 ? true : undefined));
  await page.command(hangUpCall, { callId: rung.id });
  expect(await referred).toBe(603);
  await soundReaches(call, b, 0x49);
  await call.hangUp();
});

describe('refused, and the call goes on', () => {
  test('nobody there, a strange domain, oneself, who is away, another method', async () => {
    const [a, b] = [await telephone(alice), await telephone(bob)];
    const call = await a.call(bob.extension);
    const status = (text: string): Promise<number> =>
      call.session
        .refer({ target: parseNameAddr(text), timeoutMs: 5000 })
        .catch((error: { status: number }) => error.status);
    expect(await status(`<sip:9999@${domain}>`)).toBe(404);
    expect(await status('<sip:4103@elsewhere.example>')).toBe(403);
    expect(await status(`<sip:${'4'.repeat(300)}@${domain}>`)).toBe(404);
    expect(await status(`<sip:4%00@${domain}>`)).toBe(404);
    expect(await status('<tel:+351210000000>')).toBe(404);
    expect(await status(`<sip:${alice.extension}@${domain}>`)).toBe(486);
    expect(await status(`<sip:${bob.extension}@${domain}>`)).toBe(486);
    expect(await status(`<sip:4104@${domain}>`)).toBe(480);
    expect(await status(`<sip:${carla.extension}@${domain};method=MESSAGE>`)).toBe(501);
    await soundReaches(call, b, 0x44);
    await call.hangUp();
  });

  test('Replaces that names somebody else’s dialog, no dialog, or this one', async () => {
    const [a, b] = [await telephone(alice), await telephone(bob)];
    const c = await telephone(carla);
    const call = await a.call(bob.extension);
    const { call: other } = await (async () => {
      const page = await running.page(alice);
      return page.command(startCall, { to: carla.extension });
    })();
    expect(other.state).not.toBe('ended');
    const theirs = await poll('Carla’s call', async () => c.calls[0]);
    const status = (replaces: ReplacesHeader): Promise<number> =>
      call.session
        .refer({ target: addressOf(carla), replaces })
        .catch((error: { status: number }) => error.status);
    expect(await status(replacesOf(theirs))).toBe(481);
    expect(await status({ ...replacesOf(call.session), toTag: 'none' })).toBe(481);
    expect(await status(replacesOf(call.session))).toBe(482);
    await soundReaches(call, b, 0x45);
    await call.hangUp();
    await theirs.bye();
  });
});

describe('an INVITE with Replaces', () => {
  test('moves one’s own call to another telephone of one’s own, and nobody else’s', async () => {
    const [desk, kitchen, b, c] = [
      await telephone(alice),
      await telephone(alice),
      await telephone(bob),
      await telephone(carla),
    ];
    const call = await desk.call(bob.extension);
    await soundReaches(call, b, 0x46);
    const replaces = replacesOf(call.session);
    await expect(c.call(bob.extension, undefined, { replaces })).rejects.toMatchObject({ status: 403 });
    expect(call.session.state).toBe('confirmed');
    const moved = await kitchen.call(bob.extension, undefined, { replaces });
    await soundReaches(moved, b, 0x47);
    await over(call.session);
    expect(b.calls).toHaveLength(1);
    await moved.hangUp();
    await over(b.calls[0]!);
    expect((await history(alice))[0]).toMatchObject({ peer: { name: 'Bob' }, direction: 'outgoing' });
  });
});
