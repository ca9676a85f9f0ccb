import {
  answerCall,
  changeCallSettings,
  declineCall,
  getCallSettings,
  hangUpCall,
  holdCall,
  listCalls,
  listMyCalls,
  startCall,
  takeCall,
} from '@liaison/calls';
import { setMyReachability } from '@liaison/reach';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Member, type Page, type RunningSuite, startSuite } from './testing/suite.ts';

/** Calls between pages, signalling only: what the pages are told, what is kept, what others see. Sound is in e2e. */
let running: RunningSuite;
let alice: Member;
let bob: Member;
let carol: Member;
let stranger: Member;
let alicesPage: Page;
let bobsPage: Page;
let bobsOtherPage: Page;

beforeAll(async () => {
  running = await startSuite();
  const people = [
    { name: 'Alice', extension: '4101' },
    { name: 'Bob', extension: '4102' },
    { name: 'Carol', extension: '4103' },
  ];
  [alice, bob, carol] = (await running.organisation('harbour', people)).members as [Member, Member, Member];
  // The same extensions in another organisation are other people.
  stranger = (await running.organisation('desert', people)).members[0]!;
});
afterAll(() => running.close());

beforeEach(async () => {
  alicesPage = await running.page(alice);
  bobsPage = await running.page(bob);
  bobsOtherPage = await running.page(bob);
  return async () => {
    for (const page of [alicesPage, bobsPage, bobsOtherPage]) page.close();
    await until(async () => (await stateOf(bob)) === 'offline' && (await stateOf(alice)) === 'offline');
  };
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not come to pass in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const stateOf = async (member: Member) =>
  (await running.suite.reach.statesOf(member.orgId, [member.id])).get(member.id)?.state;

async function get(member: Member, route: { path: string }, query = '') {
  const answer = await fetch(`${running.url}/api/v1${route.path}${query}`, {
    headers: { cookie: member.cookie },
  });
  return (await answer.json()) as {
    rows: { peer: { name: string }; reason: string; missed: boolean; direction: string }[];
  };
}

async function ring(to = bob.extension) {
  const { call } = await alicesPage.command(startCall, { to });
  await bobsPage.until(() => bobsPage.call(call.id)?.state === 'ringing', 'ringing at Bob’s');
  return call.id;
}

async function talk() {
  const callId = await ring();
  await bobsPage.command(answerCall, { callId });
  await alicesPage.until(() => alicesPage.call(callId)?.state === 'connected', 'connected at Alice’s');
  return callId;
}

describe('a call between pages', () => {
  it.each(['extension', 'address', 'id'] as const)('is dialled by %s', async (by) => {
    const callId = await ring(bob[by]);
    await expect
      .poll(() => alicesPage.call(callId))
      .toMatchObject({
        direction: 'outgoing',
        peer: { name: 'Bob' },
        ringing: { pages: true },
      });
    await alicesPage.command(hangUpCall, { callId });
  });

  it('rings on all pages; the first answer wins and the others stop', async () => {
    const callId = await ring();
    await bobsOtherPage.until(
      () => bobsOtherPage.call(callId)?.state === 'ringing',
      'ringing on the other page',
    );
    await until(async () => (await stateOf(bob)) === 'ringing');
    const answers = await Promise.allSettled([
      bobsPage.command(answerCall, { callId }),
      bobsOtherPage.command(answerCall, { callId }),
    ]);
    expect(answers.map((answer) => answer.status).sort()).toEqual(['fulfilled', 'rejected']);
    const view = await bobsOtherPage.until(() => {
      const call = bobsOtherPage.call(callId);
      return call?.state === 'connected' && call;
    }, 'answered elsewhere');
    expect([bobsPage.connectionId, bobsOtherPage.connectionId]).toContain(view.mine?.connectionId);
    await until(async () => (await stateOf(bob)) === 'call' && (await stateOf(alice)) === 'call');
    await bobsPage.command(hangUpCall, { callId });
    await alicesPage.until(() => alicesPage.call(callId)?.reason === 'completed', 'the end');
    await until(async () => (await stateOf(alice)) === 'free' && (await stateOf(bob)) === 'free');
  });

  it('asks the caller’s page for an offer once it is answered', async () => {
    const callId = await talk();
    const media = await alicesPage.until(() => alicesPage.signals('calls.media')[0], 'the first round');
    expect(media).toEqual({ callId, round: 1, path: 'direct', role: 'offer' });
    await alicesPage.command(hangUpCall, { callId });
  });

  it('is declined, taken back, held, and not answered, and both are told why', async () => {
    const declined = await ring();
    await bobsPage.command(declineCall, { callId: declined });
    await alicesPage.until(() => alicesPage.call(declined)?.reason === 'declined', 'declined');
    const cancelled = await ring();
    await alicesPage.command(hangUpCall, { callId: cancelled });
    await bobsPage.until(() => bobsPage.call(cancelled)?.reason === 'cancelled', 'cancelled');
    const held = await talk();
    await bobsPage.command(holdCall, { callId: held, held: true });
    await alicesPage.until(() => alicesPage.call(held)?.heldByPeer, 'held by the other');
    await bobsPage.command(holdCall, { callId: held, held: false });
    await alicesPage.until(() => alicesPage.call(held)?.heldByPeer === false, 'resumed');
    await alicesPage.command(hangUpCall, { callId: held });
    await until(async () => {
      const { rows } = await get(bob, listCalls, '?limit=3');
      return rows.map((row) => row.reason).join() === 'completed,cancelled,declined';
    });
    const { rows } = await get(bob, listCalls, '?only=missed');
    expect(rows.every((row) => row.missed && row.direction === 'incoming')).toBe(true);
    expect(rows).toHaveLength(
      (await get(bob, listCalls)).rows.filter((row) => row.reason === 'cancelled').length,
    );
  });

  it('lets one more call wait beside the one that is talked in, and answers it once the first is held', async () => {
    const carolsPage = await running.page(carol);
    const first = await talk();
    await until(async () => (await stateOf(bob)) === 'call');
    const { call: second } = await carolsPage.command(startCall, { to: bob.id });
    expect(second).toMatchObject({ state: 'ringing', ringing: { pages: true, telephones: 0 } });
    await bobsPage.until(() => bobsPage.call(second.id)?.state === 'ringing', 'the second call');
    // A third is too many.
    const third = await running.page(carol);
    expect((await third.command(startCall, { to: bob.id })).call).toMatchObject({ reason: 'busy' });
    third.close();

    await bobsPage.command(holdCall, { callId: first, held: true });
    await bobsPage.command(answerCall, { callId: second.id });
    await alicesPage.until(() => alicesPage.call(first)?.heldByPeer, 'the first on hold');
    await carolsPage.until(() => carolsPage.call(second.id)?.state === 'connected', 'the second connected');
    await carolsPage.command(hangUpCall, { callId: second.id });
    await bobsPage.until(() => bobsPage.call(second.id)?.endedBy === 'peer', 'the end of the second');
    await expect.poll(() => bobsPage.call(first)).toMatchObject({ state: 'connected', heldByMe: true });
    await bobsPage.command(holdCall, { callId: first, held: false });
    await alicesPage.until(() => alicesPage.call(first)?.heldByPeer === false, 'resumed');
    await alicesPage.command(hangUpCall, { callId: first });
    await bobsPage.until(() => bobsPage.call(first)?.state === 'ended', 'the end');
    carolsPage.close();
  });

  it('starts a second call from a page only while the first is on hold', async () => {
    const carolsPage = await running.page(carol);
    await until(async () => (await stateOf(carol)) === 'free');
    const first = await talk();
    await expect(alicesPage.command(startCall, { to: carol.id })).rejects.toMatchObject({
      code: 'in-a-call',
    });
    await alicesPage.command(holdCall, { callId: first, held: true });
    const { call: second } = await alicesPage.command(startCall, { to: carol.id });
    await carolsPage.until(() => carolsPage.call(second.id)?.state === 'ringing', 'the second call');
    await alicesPage.command(hangUpCall, { callId: second.id });
    await alicesPage.command(hangUpCall, { callId: first });
    await bobsPage.until(() => bobsPage.call(first)?.state === 'ended', 'the end');
    carolsPage.close();
  });

  it('is busy where no call may wait, and offline when nobody is there', async () => {
    const carolsPage = await running.page(carol);
    const choose = (callWaiting: boolean) =>
      fetch(`${running.url}/api/v1${changeCallSettings.path}`, {
        method: 'PUT',
        headers: { cookie: bob.cookie, origin: running.url, 'content-type': 'application/json' },
        body: JSON.stringify({ callWaiting }),
      });
    await choose(false);
    expect(await get(bob, getCallSettings)).toEqual({ callWaiting: false });
    const callId = await talk();
    await until(async () => (await stateOf(bob)) === 'call');
    const busy = await carolsPage.command(startCall, { to: bob.id });
    expect(busy.call).toMatchObject({ state: 'ended', reason: 'busy' });
    await choose(true);
    await alicesPage.command(hangUpCall, { callId });
    carolsPage.close();
    await until(async () => (await stateOf(carol)) === 'offline' && (await stateOf(alice)) === 'free');
    const offline = await alicesPage.command(startCall, { to: carol.id });
    expect(offline.call).toMatchObject({ state: 'ended', reason: 'offline' });
  });

  it('does not disturb who asked for it', async () => {
    const set = (state: 'dnd' | 'free') =>
      fetch(`${running.url}/api/v1${setMyReachability.path}`, {
        method: 'PUT',
        headers: { cookie: bob.cookie, origin: running.url, 'content-type': 'application/json' },
        body: JSON.stringify({ state }),
      });
    await set('dnd');
    const { call } = await alicesPage.command(startCall, { to: bob.id });
    expect(call).toMatchObject({ state: 'ended', reason: 'do-not-disturb' });
    await set('free');
  });

  it('waits for a page that vanished, and goes on with the one that takes it', async () => {
    const callId = await talk();
    alicesPage.close();
    await bobsPage.until(() => bobsPage.call(callId)?.peerLost, 'the lost page');
    alicesPage = await running.page(alice);
    const { calls } = await alicesPage.command(listMyCalls, {});
    expect(calls).toMatchObject([
      { id: callId, state: 'connected', mine: { kind: 'page', connectionId: null } },
    ]);
    await alicesPage.command(takeCall, { callId });
    await bobsPage.until(() => bobsPage.call(callId)?.peerLost === false, 'the page that came back');
    const media = await alicesPage.until(() => alicesPage.signals('calls.media')[0], 'a new round');
    expect(media).toMatchObject({ callId, role: 'offer' });
    await bobsPage.command(hangUpCall, { callId });
  });

  it('cannot be touched by anybody else', async () => {
    const callId = await ring();
    for (const other of [carol, stranger]) {
      const page = await running.page(other);
      for (const command of [answerCall, declineCall, hangUpCall, takeCall]) {
        await expect(page.command(command, { callId })).rejects.toMatchObject({ code: 'not-found' });
      }
      expect((await page.command(listMyCalls, {})).calls).toEqual([]);
      page.close();
    }
    expect(bobsPage.call(callId)?.state).toBe('ringing');
    await alicesPage.command(hangUpCall, { callId });
  });

  it('refuses to ring oneself, nobody, and another organisation', async () => {
    await expect(alicesPage.command(startCall, { to: alice.extension })).rejects.toMatchObject({
      code: 'own-number',
    });
    await expect(alicesPage.command(startCall, { to: '9999' })).rejects.toMatchObject({
      code: 'nobody-there',
    });
    await expect(alicesPage.command(startCall, { to: stranger.id })).rejects.toMatchObject({
      code: 'nobody-there',
    });
    await expect(alicesPage.command(startCall, { to: stranger.address })).rejects.toMatchObject({
      code: 'nobody-there',
    });
  });
});
