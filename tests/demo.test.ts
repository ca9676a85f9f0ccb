import { countMissedCalls } from '@liaison/calls';
import { listConversations } from '@liaison/chat';
import { countNews, listNews, type NewsCount, type NewsGroup } from '@liaison/notify';
import { fillDemo } from '@liaison/server/demo';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cookieOf } from './testing/page.ts';
import { createAsker } from './testing/request.ts';
import { type RunningSuite, startSuite } from './testing/suite.ts';
import { poll } from './testing/world.ts';

let running: RunningSuite;
let asker: ReturnType<typeof createAsker>;
beforeAll(async () => {
  running = await startSuite();
  asker = createAsker(running.url);
});
afterAll(async () => {
  asker?.close();
  await running?.close();
});

it('tells its people in their news what waits for them in chats and calls, once, however often it starts', async () => {
  const { signIns } = await fillDemo(running.suite, () => {});
  const ines = signIns.find(({ key }) => key === 'ines')!;
  const cookie = await cookieOf(running.url, ines.address, ines.password);
  const get = async <Body>({ path }: { path: string }): Promise<Body> =>
    (await asker.ask({ method: 'GET', path: `/api/v1${path}`, headers: { cookie } })).json as Body;
  const toldOf = async (): Promise<readonly (readonly [string, number])[]> => {
    const { rows } = await get<{ rows: NewsGroup[] }>(listNews);
    return rows
      .filter(({ unread, latest }) => unread > 0 && !latest.kind.startsWith('calendar.'))
      .map(({ latest, unread }) => [latest.kind, unread] as const)
      .sort(([one, many], [other, few]) => one.localeCompare(other) || many - few);
  };
  const waiting = [
    ['calls.missed', 1],
    ['chat.direct-message', 1],
    ['chat.direct-message', 2],
    ['chat.mention', 1],
  ];
  const allHeard = () =>
    poll('that all is heard', async () => (await running.test.core.outbox.backlog()).level);
  await allHeard();
  expect(await toldOf()).toEqual(waiting);
  const { needsMe } = await get<NewsCount>(countNews);
  expect(needsMe).toBeGreaterThanOrEqual(5);

  // What she has read at its own place long ago is no news of today.
  const { rows } = await get<{ rows: { kind: string; unread: number }[] }>(listConversations);
  const direct = rows.filter(({ kind }) => kind === 'direct').reduce((sum, { unread }) => sum + unread, 0);
  expect(direct).toBe(3);
  expect(await get(countMissedCalls)).toMatchObject({ count: 1 });

  await fillDemo(running.suite, () => {});
  await allHeard();
  expect(await get<NewsCount>(countNews)).toMatchObject({ needsMe });
});
