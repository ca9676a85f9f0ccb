import { randomUUID } from 'node:crypto';
import { createTestCore, type TestClient, type TestCore, type TestPerson } from '@liaison/core/testing';
import { createFiles, migrations as filesMigrations } from '@liaison/files/server';
import { type People, type PersonSummary, teamCreated } from '@liaison/people';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listConversations, listMessages, searchMessages, sendMessage } from '../contract/index.ts';
import { createChat, migrations } from './index.ts';

let test: TestCore;
let orgId: string;
let people: TestPerson[];
let alice: TestClient;
let bob: TestClient;
let carol: TestClient;

beforeAll(async () => {
  test = await createTestCore({ sources: [filesMigrations, migrations] });
  const peopleOfTest = {
    find: async (_tx: unknown, id: string) => ({ id, status: 'active' }) as PersonSummary,
    personalSpace: async (_tx: unknown, id: string) => id,
  } as unknown as People;
  createChat({ core: test.core, people: peopleOfTest, files: createFiles({ core: test.core }).sent });
  await test.listen();
  ({ orgId, people } = await test.organisation(['owner', 'member', 'member']));
  [alice, bob, carol] = people.map((person) => test.client(person)) as [TestClient, TestClient, TestClient];
});
afterAll(() => test.close());

/** A team of Alice and Bob, not of Carol. */
async function team(): Promise<{ spaceId: string; conversationId: string }> {
  const spaceId = await test.core.db.transaction(orgId, async (tx) => {
    const members = people.slice(0, 2).map((person) => ({ personId: person.id, role: 'member' as const }));
    const space = await test.core.spaces.create(tx, { kind: 'team', name: 'Tide gauges', members });
    test.core.outbox.emit(tx, teamCreated, { spaceId: space.id, kind: 'team' });
    return space.id;
  });
  await test.core.outbox.drain();
  const { body } = await alice.call(listConversations);
  return { spaceId, conversationId: body.rows.find((row) => row.spaceId === spaceId)!.id };
}

const say = (client: TestClient, conversationId: string, body: string, more: Record<string, unknown> = {}) =>
  client.call(sendMessage, { params: { conversationId }, body: { clientKey: randomUUID(), body, ...more } });

/** Holds the conversation's row until `work` has come to where it waits for it. */
async function whileLocked<T>(conversationId: string, work: () => Promise<T>): Promise<T> {
  let begun: Promise<T> | undefined;
  await test.core.db.transaction(orgId, async (tx) => {
    await tx.query('select 1 from chat.conversation where id = $1 for update', [conversationId]);
    begun = work();
    const deadline = Date.now() + 20_000;
    const waits = async () => {
      const [row] = await test.testDb.admin(
        "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return Number(row!.n) > 0;
    };
    while (!(await waits())) if (Date.now() > deadline) throw new Error('nobody waits for the lock');
    // Those that came after the first one have been parsed and stand in the queue.
    await say(alice, randomUUID(), 'to nowhere');
  });
  return begun!;
}

const rowsOf = (conversationId: string) =>
  test.testDb.admin(
    'select body, seq, xmin::text as writer, author_id from chat.message where conversation_id = $1 order by seq',
    [conversationId],
  );

describe('messages that wait for one another', () => {
  it('are written together, in one dense order, with one event each that names its request', async () => {
    const { spaceId, conversationId } = await team();
    const answers = await whileLocked(conversationId, () =>
      Promise.all(
        Array.from({ length: 12 }, (_, n) => say(n % 2 ? alice : bob, conversationId, `number ${n}`)),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const rows = await rowsOf(conversationId);
    expect(rows.map((row) => Number(row.seq))).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
    // The first one went alone; most of the others shared a transaction.
    expect(new Set(rows.map((row) => row.writer)).size).toBeLessThan(6);
    for (const { body } of answers) {
      const row = rows.find((each) => Number(each.seq) === body.seq)!;
      expect({ body: body.body, authorId: body.authorId }).toEqual({
        body: row.body,
        authorId: row.author_id,
      });
    }
    const listed = await alice.call(listMessages, { params: { conversationId } });
    expect(listed.body.rows.map((row) => ({ ...row }))).toEqual(
      answers.map(({ body }) => body).sort((a, b) => a.seq - b.seq),
    );
    const events = await test.testDb.admin(
      `select person_id, request_id, payload->>'messageId' as message_id from core.outbox
       where stream_id = $1 and name = 'chat.message-sent'`,
      [spaceId],
    );
    expect(new Set(events.map((event) => event.request_id)).size).toBe(12);
    for (const { body } of answers) {
      expect(events.find((event) => event.message_id === body.id)?.person_id).toBe(body.authorId);
    }
    const [conversation] = await test.testDb.admin(
      'select last_message_id, last_seq from chat.conversation where id = $1',
      [conversationId],
    );
    expect(conversation).toMatchObject({
      last_message_id: answers.find(({ body }) => body.seq === 12)!.body.id,
    });
    await test.core.outbox.drain();
    expect(
      (await alice.call(searchMessages, { query: { q: 'number', conversationId } })).body.rows,
    ).toHaveLength(12);
  });

  it('are each refused, resent and checked on their own', async () => {
    const { conversationId } = await team();
    const early = randomUUID();
    const twice = randomUUID();
    const { body: root } = await say(alice, conversationId, 'root', { clientKey: early });
    const [first, stranger, again, one, other, foreignKey, reply, lost, last] = await whileLocked(
      conversationId,
      () =>
        Promise.all([
          say(bob, conversationId, 'first'),
          say(carol, conversationId, 'I am not of this team'),
          say(alice, conversationId, 'root once more', { clientKey: early }),
          say(alice, conversationId, 'twice', { clientKey: twice }),
          say(alice, conversationId, 'twice', { clientKey: twice }),
          say(bob, conversationId, 'a key of Alice', { clientKey: twice }),
          say(bob, conversationId, 'a reply', { threadId: root.id }),
          say(bob, conversationId, 'a reply to nothing', { threadId: randomUUID() }),
          say(alice, conversationId, 'last'),
        ]),
    );
    expect(stranger.status).toBe(404);
    expect(again.body).toMatchObject({ id: root.id, body: 'root' });
    expect(one.body.id).toBe(other.body.id);
    expect(foreignKey.body.id).not.toBe(one.body.id);
    expect(reply.body).toMatchObject({ threadId: root.id });
    expect(lost.status).toBe(404);
    expect([first.status, last.status]).toEqual([200, 200]);
    const rows = await rowsOf(conversationId);
    expect(rows.map((row) => row.body).sort()).toEqual(
      ['root', 'first', 'twice', 'a key of Alice', 'a reply', 'last'].sort(),
    );
    expect(rows.map((row) => Number(row.seq))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('are all refused in a conversation that was closed, but for those that are there', async () => {
    const { conversationId } = await team();
    const key = randomUUID();
    await say(alice, conversationId, 'before', { clientKey: key });
    await test.testDb.admin('update chat.conversation set archived_at = now() where id = $1', [
      conversationId,
    ]);
    const answers = await Promise.all([
      say(alice, conversationId, 'a'),
      say(bob, conversationId, 'b'),
      say(alice, conversationId, 'before', { clientKey: key }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 200]);
  });

  it('of another organisation have no part in it', async () => {
    const { conversationId } = await team();
    const elsewhere = test.client((await test.organisation()).people[0]!);
    const answers = await Promise.all([
      say(elsewhere, conversationId, 'from elsewhere'),
      say(alice, conversationId, 'ours'),
      say(elsewhere, conversationId, 'from elsewhere again'),
      say(bob, conversationId, 'ours too'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 200, 404, 200]);
    expect((await rowsOf(conversationId)).map((row) => row.body).sort()).toEqual(['ours', 'ours too']);
  });
});
