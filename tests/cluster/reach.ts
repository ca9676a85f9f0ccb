import { type NumberMention, setIdle } from '@liaison/reach';
import { expect, test } from 'vitest';
import { conversationOf, say } from './chat.ts';
import { reach, type TwoProcesses } from './two-processes.ts';

/** Claims of both processes make one state. What a killed one leaves is in `modules.test.ts`. */
export function reachability(stage: () => TwoProcesses): void {
  test('somebody is there as long as a page is open at either process, and away when no page is used', async () => {
    const { cluster, a, b, alice, carol } = stage();
    const watcher = await cluster.page(a, alice);
    const [here, there] = [await cluster.page(a, carol), await cluster.page(b, carol)];
    await watcher.until(() => reach(watcher, carol)?.state === 'free', 'Carol is there');
    await here.command(setIdle, { idle: true });
    // Nothing tells of what stays as it is: the state is asked for, at both.
    const stateAt = async (at: typeof a) =>
      (
        await cluster.ask<{ rows: { personId: string; state: string }[] }>(at, alice, 'GET', '/reach')
      ).body.rows.find(({ personId }) => personId === carol.id)?.state;
    for (const at of [a, b]) expect(await stateAt(at)).toBe('free');
    await there.command(setIdle, { idle: true });
    await watcher.until(() => reach(watcher, carol)?.state === 'away', 'nobody at her pages');
    for (const at of [a, b]) expect(await stateAt(at)).toBe('away');
    await there.command(setIdle, { idle: false });
    await watcher.until(() => reach(watcher, carol)?.state === 'free', 'she is back');
    here.close();
    there.close();
    await watcher.until(() => reach(watcher, carol)?.page === false, 'her last page is closed');
    // Who is nowhere is not in the list.
    for (const at of [a, b]) expect(await stateAt(at)).toBeUndefined();
    watcher.close();
  });

  test('a number that is written at one process is found at the other within two seconds, and goes with its message', async () => {
    const { cluster, a, b, alice, bob, carol } = stage();
    const conversationId = await conversationOf(stage(), a);
    const mentions = async (who: typeof bob) =>
      (
        await cluster.ask<{ rows: NumberMention[] }>(
          b,
          who,
          'GET',
          `/reach/numbers/${encodeURIComponent('+33491223344')}/mentions`,
        )
      ).body.rows;
    const { body } = await say(stage(), a, alice, conversationId, 'the pilots: 0033 4 91 22 33 44');
    await expect.poll(async () => (await mentions(bob)).map(({ id }) => id)).toEqual([body.id]);
    expect(await mentions(carol)).toEqual([]);
    await cluster.ask(a, alice, 'DELETE', `/chat/messages/${body.id}`);
    expect(await mentions(bob)).toEqual([]);
  });
}
