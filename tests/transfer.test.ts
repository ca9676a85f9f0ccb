import {
  answerCall,
  type CallRecord,
  type CallView,
  declineCall,
  hangUpCall,
  holdCall,
  joinCalls,
  listMyCalls,
  startCall,
  transferCall,
} from '@liaison/calls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Member, type Page, type RunningSuite, startSuite } from './testing/suite.ts';
import { noClaims, poll } from './testing/world.ts';

/** Calls handed over between pages: what each page is told, and what each person's history says. */
let running: RunningSuite;
let ines: Member;
let njeri: Member;
let claire: Member;
const open: Page[] = [];

beforeAll(async () => {
  running = await startSuite({ callTimes: { ringMs: 4000, returnMs: 2000 } });
  const { members } = await running.organisation('estuaria', [
    { name: 'Inês Carvalhal', extension: '4110' },
    { name: 'Njeri Wambuto', extension: '4111' },
    { name: 'Claire Aubrieux', extension: '4112' },
  ]);
  [ines, njeri, claire] = members as [Member, Member, Member];
}, 120_000);
afterEach(async () => {
  for (const page of open.splice(0)) page.close();
  await noClaims(running, ['call', 'ringing', 'connection']);
});
afterAll(() => running?.close());

async function pageOf(who: Member): Promise<Page> {
  const page = await running.page(who);
  open.push(page);
  return page;
}

const ringingAt = (page: Page): Promise<CallView> =>
  page.until(() => {
    const view = page.call();
    return view?.direction === 'incoming' && view.state === 'ringing' ? view : null;
  }, 'it rings');

async function talk(from: Page, to: Page, whom: Member): Promise<string> {
  const { call } = await from.command(startCall, { to: whom.id });
  await to.until(() => to.call(call.id)?.state === 'ringing', 'it rings');
  await to.command(answerCall, { callId: call.id });
  await from.until(() => from.call(call.id)?.state === 'connected', 'connected');
  return call.id;
}

/** Of that many calls, once all of them have ended. */
const history = (who: Member, count: number): Promise<CallRecord[]> =>
  poll(`the history of ${who.name}`, async () => {
    const answer = await fetch(`${running.url}/api/v1/calls?limit=${count}`, {
      headers: { cookie: who.cookie },
    });
    const { rows } = (await answer.json()) as { rows: CallRecord[] };
    return rows.length === count && rows.every((row) => row.endedAt) && rows;
  });

describe('handed over without asking', () => {
  test.each(['the caller', 'the callee'])(
    'by %s: the others talk, and three histories tell it',
    async (who) => {
      const [a, b, c] = [await pageOf(ines), await pageOf(njeri), await pageOf(claire)];
      const callId = who === 'the caller' ? await talk(a, b, njeri) : await talk(b, a, ines);
      await a.command(transferCall, { callId, to: claire.extension });
      const ringing = await ringingAt(c);
      expect(ringing).toMatchObject({
        id: callId,
        peer: { name: njeri.name },
        transferredBy: { name: ines.name },
      });
      await expect
        .poll(() => a.call(callId))
        .toMatchObject({
          state: 'ended',
          reason: 'transferred',
          transferredTo: { name: claire.name },
        });
      await expect
        .poll(() => b.call(callId))
        .toMatchObject({
          state: 'ringing',
          direction: 'outgoing',
          peer: { name: claire.name },
        });
      expect((await a.command(listMyCalls, {})).calls).toEqual([]);
      await c.command(answerCall, { callId });
      await b.until(() => b.call(callId)?.state === 'connected', 'the others talk');
      await c.command(hangUpCall, { callId });
      await b.until(() => b.call(callId)?.state === 'ended', 'over');
      expect(await history(ines, 1)).toMatchObject([
        {
          direction: who === 'the caller' ? 'outgoing' : 'incoming',
          peer: { name: njeri.name },
          reason: 'transferred',
          transferredTo: { name: claire.name },
          missed: false,
        },
      ]);
      expect(await history(njeri, 2)).toMatchObject([
        {
          direction: 'outgoing',
          peer: { name: claire.name },
          transferredBy: { name: ines.name },
          reason: 'completed',
        },
        { peer: { name: ines.name }, reason: 'transferred', transferredTo: { name: claire.name } },
      ]);
      expect(await history(claire, 1)).toMatchObject([
        {
          direction: 'incoming',
          peer: { name: njeri.name },
          transferredBy: { name: ines.name },
          reason: 'completed',
        },
      ]);
    },
  );

  test('declined: it rings back, says why, and goes on; nobody missed it', async () => {
    const [a, b, c] = [await pageOf(ines), await pageOf(njeri), await pageOf(claire)];
    const callId = await talk(a, b, njeri);
    await a.command(transferCall, { callId, to: claire.id });
    await ringingAt(c);
    await c.command(declineCall, { callId });
    const back = await ringingAt(a);
    expect(back).toMatchObject({
      id: callId,
      peer: { name: njeri.name },
      returned: { from: { name: claire.name }, reason: 'declined' },
    });
    await expect.poll(() => c.call(callId)).toMatchObject({ state: 'ended', reason: 'declined' });
    await expect.poll(() => b.call(callId)).toMatchObject({ state: 'ringing', peer: { name: ines.name } });
    await a.command(answerCall, { callId });
    await b.until(() => b.call(callId)?.state === 'connected', 'as before');
    await b.command(hangUpCall, { callId });
    expect(await history(ines, 2)).toMatchObject([
      { direction: 'incoming', reason: 'completed', returnedFrom: { name: claire.name } },
      { direction: 'outgoing', reason: 'transferred' },
    ]);
    expect(await history(claire, 1)).toMatchObject([{ reason: 'declined', missed: false }]);
  });

  test('not answered, and who handed it over is gone: it ends and says why', async () => {
    const [a, b, c] = [await pageOf(ines), await pageOf(njeri), await pageOf(claire)];
    const callId = await talk(a, b, njeri);
    await a.command(transferCall, { callId, to: claire.id });
    await ringingAt(c);
    a.close();
    await b.until(() => b.call(callId)?.state === 'ended', 'the end', 20_000);
    await expect
      .poll(() => b.call(callId))
      .toMatchObject({ peer: { name: claire.name }, reason: 'no-answer' });
    expect(await history(claire, 1)).toMatchObject([{ missed: true, peer: { name: njeri.name } }]);
  });

  test('refused while that person cannot be rung, oneself, or the one on the line: the call stays', async () => {
    const [a, b] = [await pageOf(ines), await pageOf(njeri)];
    const callId = await talk(a, b, njeri);
    for (const [to, code] of [
      [claire.id, 'transfer-offline'],
      [ines.id, 'own-number'],
      [njeri.id, 'talks-already'],
      ['999999', 'nobody-there'],
    ]) {
      await expect(a.command(transferCall, { callId, to: to! })).rejects.toMatchObject({ code });
    }
    expect(a.call(callId)?.state).toBe('connected');
    const c = await pageOf(claire);
    await expect(c.command(transferCall, { callId, to: ines.id })).rejects.toMatchObject({
      code: 'not-found',
    });
    await a.command(hangUpCall, { callId });
  });

  test('whom it leaves hangs up while it rings: a missed call, and nothing comes back', async () => {
    const [a, b, c] = [await pageOf(ines), await pageOf(njeri), await pageOf(claire)];
    const callId = await talk(a, b, njeri);
    await a.command(transferCall, { callId, to: claire.id });
    await ringingAt(c);
    await b.command(hangUpCall, { callId });
    await c.until(() => c.call(callId)?.state === 'ended', 'it stops');
    await expect.poll(() => c.call(callId)).toMatchObject({ reason: 'cancelled' });
    expect(await history(claire, 1)).toMatchObject([{ missed: true, reason: 'cancelled' }]);
    expect((await a.command(listMyCalls, {})).calls).toEqual([]);
  });
});

describe('asked first', () => {
  async function asked() {
    const [a, b, c] = [await pageOf(ines), await pageOf(njeri), await pageOf(claire)];
    const first = await talk(b, a, ines);
    await a.command(holdCall, { callId: first, held: true });
    await b.until(() => b.call(first)?.heldByPeer, 'held');
    return { a, b, c, first };
  }

  test('the two are joined; one page goes on with its sound in the other call', async () => {
    const { a, b, c, first } = await asked();
    const second = await talk(a, c, claire);
    await a.command(joinCalls, { callId: first, withId: second });
    await b.until(() => b.call(second)?.state === 'connected', 'in the other call');
    await expect
      .poll(() => b.call(first))
      .toMatchObject({ state: 'ended', reason: 'transferred', continuesAs: second });
    await expect
      .poll(() => b.call(second))
      .toMatchObject({ peer: { name: claire.name }, transferredBy: { name: ines.name } });
    await expect
      .poll(() => c.call(second))
      .toMatchObject({
        state: 'connected',
        peer: { name: njeri.name },
        heldByPeer: false,
      });
    await expect
      .poll(() => a.call(first))
      .toMatchObject({ state: 'ended', transferredTo: { name: claire.name } });
    await expect
      .poll(() => a.call(second))
      .toMatchObject({ state: 'ended', transferredTo: { name: njeri.name } });
    // Its media goes on with a higher round than any that the page knew.
    const rounds = b.signals('calls.media') as { callId: string; round: number }[];
    const mine = rounds.filter((round) => round.callId === second).map(({ round }) => round);
    expect(Math.min(...mine)).toBeGreaterThan(
      Math.max(...rounds.filter((each) => each.callId === first).map(({ round }) => round), 0),
    );
    await c.command(hangUpCall, { callId: second });
    await b.until(() => b.call(second)?.state === 'ended', 'over');
    expect(await history(ines, 2)).toMatchObject([
      { peer: { name: claire.name }, reason: 'transferred', transferredTo: { name: njeri.name } },
      { peer: { name: njeri.name }, reason: 'transferred', transferredTo: { name: claire.name } },
    ]);
    expect(await history(claire, 2)).toMatchObject([
      { direction: 'incoming', peer: { name: njeri.name }, transferredBy: { name: ines.name } },
      { direction: 'incoming', peer: { name: ines.name }, transferredTo: { name: njeri.name } },
    ]);
  });

  test('joined while it still rings: who asked is gone, and it rings back to her when declined', async () => {
    const { a, b, c, first } = await asked();
    const { call } = await a.command(startCall, { to: claire.id });
    await ringingAt(c);
    await a.command(joinCalls, { callId: first, withId: call.id });
    await c.until(() => c.call(call.id)?.peer.name === njeri.name, 'another caller is shown');
    await expect.poll(() => b.call(call.id)).toMatchObject({ state: 'ringing', direction: 'outgoing' });
    await c.command(declineCall, { callId: call.id });
    expect(await ringingAt(a)).toMatchObject({ id: call.id, returned: { reason: 'declined' } });
    await a.command(answerCall, { callId: call.id });
    await b.until(() => b.call(call.id)?.state === 'connected', 'back');
    await a.command(hangUpCall, { callId: call.id });
  });

  test('one that has ended is not joined, nor with itself, nor with another’s', async () => {
    const { a, b, c, first } = await asked();
    const second = await talk(a, c, claire);
    await expect(a.command(joinCalls, { callId: first, withId: first })).rejects.toMatchObject({
      code: 'same-person',
    });
    await expect(b.command(joinCalls, { callId: first, withId: second })).rejects.toMatchObject({
      code: 'not-found',
    });
    await c.command(hangUpCall, { callId: second });
    await a.until(() => a.call(second)?.state === 'ended', 'she hung up');
    await expect(a.command(joinCalls, { callId: first, withId: second })).rejects.toMatchObject({
      code: 'call-gone',
    });
    expect(a.call(first)?.state).toBe('connected');
    await a.command(hangUpCall, { callId: first });
  });
});
