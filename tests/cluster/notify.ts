import { setTimeout as pause } from 'node:timers/promises';
import { grantChanged } from '@liaison/core/spaces';
import type { FileTree, ListedNode } from '@liaison/files';
import { type NewsChanged, type NewsCount, type NewsGroup, newsChanged } from '@liaison/notify';
import type { SearchAnswer } from '@liaison/search';
import { expect, test } from 'vitest';
import type { Node } from '../testing/cluster.ts';
import type { Page } from '../testing/page.ts';
import { conversationOf, say } from './chat.ts';
import type { TwoProcesses } from './two-processes.ts';

/** News are where they belong within this. */
const newsTakeMs = 2000;

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
    const count = async (at: Node) => (await cluster.ask<NewsCount>(at, bob, 'GET', '/notify/count')).body;
    // What was done here before may still be on its way to him: nothing comes any more once nothing came for as long as news may take.
    for (let heardAt = Date.now(); Date.now() - heardAt < newsTakeMs; await pause(50)) {
      if ((await count(b)).unread === 0) continue;
      await cluster.ask(b, bob, 'POST', '/notify/read', { allUntil: new Date().toISOString() });
      heardAt = Date.now();
    }
    const asked = performance.now();
    const { body: message } = await say(stage(), a, alice, conversationId, 'the pilot is aboard');
    for (const page of [here, there]) {
      await page.until(() => countAt(page)?.needsMe === 1, 'the news');
    }
    expect(performance.now() - asked).toBeLessThan(newsTakeMs);
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

  test('a right that ends by its time is gone from pages, search and news at the other within 5 s', async () => {
    const { cluster, a, b, alice, dora } = stage();
    const trees = await cluster.ask<{ rows: FileTree[] }>(a, alice, 'GET', '/files/trees');
    const tree = trees.body.rows.find(({ kind }) => kind === 'personal') as FileTree;
    const { body: folder } = await cluster.ask<ListedNode>(
      a,
      alice,
      'POST',
      `/files/nodes/${tree.rootId}/folders`,
      { name: 'Bathymetry' },
    );
    const found = async () =>
      (await cluster.ask<SearchAnswer>(b, dora, 'GET', '/search?q=bathymetry')).body.rows.length;
    const groups = async () =>
      (await cluster.ask<{ rows: NewsGroup[] }>(b, dora, 'GET', '/notify/groups')).body.rows.filter(
        ({ latest }) => latest.title === 'Bathymetry',
      ).length;
    await cluster.ask(b, dora, 'POST', '/notify/read', { allUntil: new Date().toISOString() });
    const [alices, doras] = await Promise.all([cluster.page(b, alice), cluster.page(b, dora)]);
    const give = (until: Date) =>
      cluster.ask(a, alice, 'PUT', `/files/nodes/${folder.id}/grants`, {
        principal: { kind: 'person', id: dora.id },
        right: 'read',
        until: until.toISOString(),
      });
    const told = () => alices.got.filter(isGrantChanged).length;
    await give(new Date(Date.now() + 3_600_000));
    await doras.until(() => countAt(doras)?.unread === 1, 'the news of it');
    await expect.poll(found).toBe(1);
    expect(await groups()).toBe(1);
    await alices.until(() => told() === 1, 'the gift');

    // Its end comes near only now, when all that was to be seen of it has been seen.
    const until = new Date(Date.now() + 3000);
    expect((await give(until)).status).toBeLessThan(300);
    await doras.until(() => countAt(doras)?.unread === 0, 'that the news is gone', 12_000);
    // Whose folder it is hears of the end as she heard of the gift, and of its new time.
    await alices.until(() => told() === 3, 'the end');
    expect(Date.now() - until.getTime()).toBeLessThan(5000);
    expect([await found(), await groups()]).toEqual([0, 0]);
    const { status } = await cluster.ask(b, dora, 'GET', `/files/nodes/${folder.id}`);
    expect(status).toBe(404);
    alices.close();
    doras.close();
  });
}

const isGrantChanged = (each: Page['got'][number]): boolean =>
  each.t === 'event' && each.name === grantChanged.name;
