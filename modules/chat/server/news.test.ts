import { randomUUID } from 'node:crypto';
import type { OutboxEvent } from '@liaison/core/contract';
import type { NewsOutcome } from '@liaison/core/news';
import { createTestCore, type TestCore, type TestPerson } from '@liaison/core/testing';
import { createFiles, migrations as filesMigrations } from '@liaison/files/server';
import type { People, PersonSummary } from '@liaison/people';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  deleteMessage,
  editMessage,
  markRead,
  messageChanged,
  messageSent,
  openDirect,
  readMoved,
  sendMessage,
} from '../contract/index.ts';
import { createChat, migrations, news } from './index.ts';

let test: TestCore;
let orgId: string;
let people: TestPerson[];
beforeAll(async () => {
  test = await createTestCore({ sources: [filesMigrations, migrations] });
  const peopleOfTest = {
    find: async (_tx: unknown, id: string) => ({ id, status: 'active' }) as PersonSummary,
    personalSpace: async (_tx: unknown, id: string) => id,
  } as unknown as People;
  createChat({ core: test.core, people: peopleOfTest, files: createFiles({ core: test.core }).sent });
  await test.core.live.start();
  await test.listen();
  ({ orgId, people } = await test.organisation(['owner', 'member', 'member']));
  await test.core.db.transaction(orgId, async (tx) => {
    for (const { id } of people) {
      const members = [{ personId: id, role: 'manager' as const }];
      await test.core.spaces.create(tx, { id, kind: 'personal', name: '', members });
    }
  });
});
afterAll(() => test.close());

/** What the source says to the events of that name which the outbox has, from `since` on. */
async function outcomeOf(name: string, since: number): Promise<NewsOutcome> {
  const rows = await test.testDb.admin(
    'select name, payload, person_id as "personId", at from core.outbox where name = $1 order by stream_id, seq',
    [name],
  );
  const heard = news.hears.find(({ event }) => event === name);
  return test.core.db.transaction(
    orgId,
    (tx) => heard!.outcome(tx, rows.slice(since) as unknown as OutboxEvent[]) as Promise<NewsOutcome>,
  );
}
const brief = ({ news: items = [] }: NewsOutcome) =>
  items.map((each) => [each.kind, 'membersOf' in each.for ? 'members' : each.for]);

it('offers mentions, direct messages and replies in threads, nearest first, and none to who wrote it', async () => {
  const [alice, bob, carol] = people.map((person) => test.client(person));
  const [aliceId, bobId, carolId] = people.map(({ id }) => id);
  const { body: direct } = await alice!.call(openDirect, { body: { personId: bobId } });
  const say = async (who: typeof alice, conversationId: string, body: string, threadId?: string) =>
    (
      await who!.call(sendMessage, {
        params: { conversationId },
        body: { clientKey: randomUUID(), body, ...(threadId ? { threadId } : {}) },
      })
    ).body;
  const first = await say(alice, direct.id, `hello @[Bob](person:${bobId})`);
  const told = await outcomeOf(messageSent.name, 0);
  expect(brief(told)).toEqual([
    ['chat.mention', [bobId]],
    ['chat.direct-message', 'members'],
  ]);
  expect(told.news![1]!.for).toMatchObject({ except: [aliceId] });
  expect(told.news![0]).toMatchObject({ order: first.seq, group: `chat.conversation:${direct.id}` });

  const item = `chat.message:${first.id}`;
  const asked = [
    { personId: bobId!, item },
    { personId: carolId!, item },
  ];
  const settled = () => test.core.db.read(orgId, (tx) => news.settled!(tx, asked));
  expect([...(await settled())]).toEqual([]);
  await bob!.call(markRead, { params: { conversationId: direct.id }, body: { seq: first.seq } });
  expect([...(await settled())]).toEqual([`${bobId} ${item}`]);
  expect((await outcomeOf(readMoved.name, 0)).read).toEqual([
    { personId: bobId, group: `chat.conversation:${direct.id}`, upTo: first.seq },
  ]);

  const described = await test.core.db.read(orgId, (tx) =>
    news.describe(tx, bobId!, [{ kind: 'chat.mention', item }]),
  );
  expect(described.get(item)).toMatchObject({
    text: 'hello Bob',
    path: `/chat/${direct.id}?m=${first.seq}`,
    tag: `liaison.chat.${direct.id}`,
  });

  // A team's conversation, made as its reaction makes it.
  const { id: spaceId } = await test.core.db.transaction(orgId, (tx) =>
    test.core.spaces.create(tx, {
      kind: 'team',
      name: 'Port',
      members: people.map(({ id }) => ({ personId: id, role: 'member' })),
    }),
  );
  const team = randomUUID();
  await test.testDb.admin(
    "insert into chat.conversation (id, org_id, space_id, home_site, kind, title) values ($1, $2, $3, 0, 'team', 'Port')",
    [team, orgId, spaceId],
  );
  const root = await say(alice, team, 'who comes?');
  await say(bob, team, 'I do', root.id);
  await say(carol, team, 'me too', root.id);
  const sent = brief(await outcomeOf(messageSent.name, 0));
  expect(sent).toContainEqual(['chat.message', 'members']);
  expect(sent).toContainEqual(['chat.thread-reply', [aliceId]]);
  const replies = sent.filter(([kind]) => kind === 'chat.thread-reply');
  expect(replies.map(([, to]) => [...(to as string[])].sort())).toContainEqual([aliceId, bobId].sort());

  await alice!.call(editMessage, {
    params: { messageId: root.id },
    body: { body: `@[Carol](person:${carolId}) who comes?` },
  });
  expect(brief(await outcomeOf(messageChanged.name, 0))).toContainEqual(['chat.mention', [carolId]]);
  await alice!.call(deleteMessage, { params: { messageId: first.id } });
  const gone = await outcomeOf(messageChanged.name, 0);
  expect(gone.gone).toEqual([item]);
  const nothing = await test.core.db.read(orgId, (tx) =>
    news.describe(tx, bobId!, [{ kind: 'chat.mention', item }]),
  );
  expect(nothing.size).toBe(0);
});
