import { setTimeout as sleep } from 'node:timers/promises';
import { answerCall, type CallRecord, hangUpCall, holdCall, startCall } from '@liaison/calls';
import { expect, test } from 'vitest';
import { openPage, type Page } from '../testing/page.ts';
import { logged, until } from '../testing/program.ts';
import { startTwoWayProxy } from '../testing/two-way-proxy.ts';
import { conversationOf } from './chat.ts';
import type { TwoProcesses } from './two-processes.ts';

/** A page as its screen keeps it: when its socket closes it opens another one, soon. */
async function keptPage(url: string, cookie: string) {
  let page: Page = await openPage(url, cookie);
  const backAfterMs: number[] = [];
  let isOver = false;
  const keeping = (async () => {
    while (!isOver) {
      if (page.closed === null) {
        await sleep(20);
        continue;
      }
      const closedAt = performance.now();
      for (;;) {
        await sleep(Math.random() * 500);
        const again = await openPage(url, cookie).catch(() => null);
        if (!again) continue;
        page = again;
        break;
      }
      backAfterMs.push(performance.now() - closedAt);
    }
    page.close();
  })();
  return {
    backAfterMs,
    async close() {
      isOver = true;
      await keeping;
    },
  };
}

/** A process that is told to end behind a proxy: what it has goes on, what is new goes to the others, and nothing fails. */
export function draining(stage: () => TwoProcesses): void {
  test('a process that ends while people work loses no request, no page for long, and no call', async () => {
    const { cluster, a, alice, bob, carol, dora } = stage();
    const leaving = await cluster.start('leaving', { LIAISON_DRAIN_LIMIT: '60s' });
    const proxy = await startTwoWayProxy([a.url, leaving.url]);
    const through = { ...a, url: proxy.url };
    const conversationId = await conversationOf(stage(), a);
    const [carols, doras] = [await cluster.page(leaving, carol), await cluster.page(leaving, dora)];
    const { call } = await carols.command(startCall, { to: dora.extension });
    await doras.until(() => doras.call(call.id)?.state === 'ringing', 'ringing');
    await doras.command(answerCall, { callId: call.id });
    await carols.until(() => carols.call(call.id)?.state === 'connected', 'connected');
    const kept = await Promise.all([1, 2, 3, 4].map(() => keptPage(proxy.url, alice.cookie)));

    let isOver = false;
    const statuses: number[] = [];
    const work = [alice, bob].map(async (who) => {
      for (let n = 0; !isOver; n++) {
        const body = { clientKey: crypto.randomUUID(), body: `${who.name} at the tide gauge ${n}` };
        const path = `/chat/conversations/${conversationId}/messages`;
        for (const asked of [
          cluster.ask(through, who, 'POST', path, body),
          cluster.ask(through, who, 'GET', '/session'),
        ]) {
          statuses.push(await asked.then(({ status }) => status).catch(() => 0));
        }
        await sleep(10);
      }
    });
    const readiness = async () => (await fetch(`${leaving.url}/readyz`)).json();
    await until(() => statuses.length > 10, 'people at work', 60_000);

    const left = leaving.leave();
    await until(async () => (await readiness()).missing?.process === 'draining', 'not ready any more');
    await until(() => kept.some(({ backAfterMs }) => backAfterMs.length > 0), 'pages that move');
    // The call goes on, at the pages that carry it; another one is not begun here.
    await carols.command(holdCall, { callId: call.id, held: true });
    await doras.until(() => doras.call(call.id)?.heldByPeer === true, 'held');
    await expect(carols.command(startCall, { to: bob.extension })).rejects.toMatchObject({
      code: 'draining',
    });
    await carols.command(holdCall, { callId: call.id, held: false });
    await doras.until(() => doras.call(call.id)?.heldByPeer === false, 'on again');
    expect([carols.closed, doras.closed]).toEqual([null, null]);
    const sofar = statuses.length;
    await until(() => statuses.length > sofar + 10, 'people who go on working', 60_000);
    await doras.command(hangUpCall, { callId: call.id });
    await carols.until(() => carols.call(call.id)?.state === 'ended', 'ended');

    expect(await left).toBe(0);
    expect(logged(leaving.program, 'error', 'fatal')).toEqual([]);
    isOver = true;
    await Promise.all(work);
    await Promise.all(kept.map((page) => page.close()));
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    const backAfterMs = kept.flatMap((page) => page.backAfterMs);
    expect(Math.max(...backAfterMs), backAfterMs.join(' ')).toBeLessThan(3000);
    const history = await cluster.ask<{ rows: CallRecord[] }>(a, carol, 'GET', '/calls?limit=1');
    expect(history.body.rows[0]).toMatchObject({ id: call.id, reason: 'completed' });
    await proxy.close();
  });
}
