import { type NewsChanged, type NewsCount, type NewsGroup, newsChanged } from '@liaison/notify';
import { expect, test } from 'vitest';
import type { Node } from '../testing/cluster.ts';
import type { Page } from '../testing/page.ts';
import { conversationOf, say } from './chat.ts';
import type { TwoProcesses } from './two-processes.ts';

/** The newest count that a page was told. */
const countAt = (page: Page): NewsCount | undefined =>
  page.got
    .flatMap((each) =>
      each.t === 'event' && each.name === newsChanged.name ? [(each.data as NewsChanged).count] : [],
    )
    .at(-1);

/** What somebody is told of is one list with one count, at whichever process her pages are. */
export function notify(stage: () => TwoProcesses): void {
  test('a message at one is news at the other within two seconds, and read at its place it is read at both', async () => {
    const { cluster, a, b, alice, bob } = stage();
    const conversationId = await conversationOf(stage(), a);
    const [here, there] = await Promise.all([cluster.page(a, bob), cluster.page(b, bob)]);
    await cluster.ask(b, bob, 'POST', '/notify/read', { allUntil: new Date().toISOString() });
    const count = async (at: Node) => (await cluster.ask<NewsCount>(at, bob, 'GET', '/notify/count')).body;
    const asked = performance.now();
    const { body: message } = await say(stage(), a, alice, conversationId, 'the pilot is aboard');
    for (const page of [here, there]) {
      await page.until(() => countAt(page)?.needsMe === 1, 'the news');
    }
    expect(performance.now() - asked).toBeLessThan(2000);
    expect(await Promise.all([count(a), count(b)])).toEqual([
      { unread: 1, needsMe: 1 },
      { unread: 1, needsMe: 1 },
    ]);
    const { body } = await cluster.ask<{ rows: NewsGroup[] }>(b, bob, 'GET', '/notify/groups?only=unread');
    expect(body.rows).toMatchObject([
      { unread: 1, latest: { kind: 'chat.direct-message', text: 'the pilot is aboard', personId: alice.id } },
    ]);

    await cluster.ask(b, bob, 'PUT', `/chat/conversations/${conversationId}/read`, { seq: message.seq });
    for (const page of [here, there]) {
      await page.until(() => countAt(page)?.unread === 0, 'that it is read');
    }
    expect(await count(a)).toEqual({ unread: 0, needsMe: 0 });
    here.close();
    there.close();
  });
}
