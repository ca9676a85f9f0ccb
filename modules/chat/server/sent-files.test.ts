import { randomUUID } from 'node:crypto';
import { createTestCore, type TestClient, type TestCore, type TestPerson } from '@liaison/core/testing';
import {
  deleteNodes,
  getNode,
  listFolder,
  listTrees,
  restoreNodes,
  type SentFiles,
  trashNodes,
} from '@liaison/files';
import { createFiles, migrations as filesMigrations } from '@liaison/files/server';
import { type People, type PersonSummary, teamCreated } from '@liaison/people';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  deleteMessage,
  listConversations,
  listMessages,
  openDirect,
  sendMessage,
} from '../contract/index.ts';
import { blobsNamed, createChat, migrations } from './index.ts';
import { letGoOfFiles } from './let-go.ts';
import { createSendQueue } from './send-queue.ts';

let test: TestCore;
let files: SentFiles;
let url: string;
let orgId: string;
let people: TestPerson[];
let [alice, bob, guest, carol] = [] as unknown as [TestClient, TestClient, TestClient, TestClient];
let spaceId: string;
let conversationId: string;

beforeAll(async () => {
  test = await createTestCore({ sources: [filesMigrations, migrations] });
  files = createFiles({ core: test.core }).sent;
  const peopleOfTest = {
    find: async (_tx: unknown, id: string) => ({ id, status: 'active' }) as PersonSummary,
    personalSpace: async (_tx: unknown, id: string) => id,
  } as unknown as People;
  createChat({ core: test.core, people: peopleOfTest, files });
  url = await test.listen();
  ({ orgId, people } = await test.organisation(['owner', 'member', 'guest', 'member']));
  [alice, bob, guest, carol] = people.map((person) => test.client(person)) as [
    TestClient,
    TestClient,
    TestClient,
    TestClient,
  ];
  spaceId = await test.core.db.transaction(orgId, async (tx) => {
    const space = await test.core.spaces.create(tx, {
      kind: 'team',
      name: 'Tide gauges',
      members: people.slice(0, 3).map(({ id }, at) => ({
        personId: id,
        role: (['manager', 'member', 'guest'] as const)[at]!,
      })),
    });
    test.core.outbox.emit(tx, teamCreated, { spaceId: space.id, kind: 'team' });
    return space.id;
  });
  await test.core.outbox.drain();
  const { rows } = (await alice.call(listConversations)).body;
  conversationId = rows.find((row) => row.spaceId === spaceId)!.id;
});
afterAll(() => test.close());

async function uploaded(who: TestClient, name: string, text: string, to = conversationId): Promise<string> {
  const answer = await fetch(
    `${url}/api/v1/chat/conversations/${to}/attachments?name=${encodeURIComponent(name)}&type=text/plain`,
    { method: 'POST', headers: { ...who.headers, 'content-type': 'application/octet-stream' }, body: text },
  );
  return ((await answer.json()) as { id: string }).id;
}
const say = (who: TestClient, body: string, attachmentIds: string[], more: Record<string, unknown> = {}) =>
  who.call(sendMessage, {
    params: { conversationId },
    body: { clientKey: randomUUID(), body, attachmentIds, ...more },
  });
const sent = async (who: TestClient, name: string, text: string, more: Record<string, unknown> = {}) =>
  (await say(who, '', [await uploaded(who, name, text)], more)).body;
const status = async (who: TestClient, attachmentId: string) =>
  (await fetch(`${url}/api/v1/chat/attachments/${attachmentId}`, { headers: who.headers })).status;
const node = (who: TestClient, nodeId: string) => who.call(getNode, { params: { nodeId } });
const newest = async () =>
  (await alice.call(listMessages, { params: { conversationId }, query: {} })).body.rows.at(-1);

it('what is sent is a file of the space, sent again it is the same, and a guest sends too', async () => {
  const clientKey = randomUUID();
  const id = await uploaded(bob, 'tides.txt', 'high at nine');
  const [first, again] = [await say(bob, '', [id], { clientKey }), await say(bob, '', [id], { clientKey })];
  expect(again.body).toEqual(first.body);
  const { nodeId } = first.body.attachments[0]!;
  const { body } = await node(alice, nodeId!);
  expect(body.node).toMatchObject({ name: 'tides.txt', bytes: 12, changedById: people[1]!.id });
  expect((await node(carol, nodeId!)).status).toBe(404);
  const byGuest = await sent(guest, 'tides.txt', 'low at three');
  const rows = await alice.call(listFolder, { params: { nodeId: body.node.parentId! }, query: {} });
  expect(rows.body.rows.map((row) => row.name).sort()).toEqual(['tides (2).txt', 'tides.txt']);
  expect(rows.body.rows.map((row) => row.id)).toContain(byGuest.attachments[0]!.nodeId);
});

it('sent to two processes at once it is one message, with its file', async () => {
  const other = createSendQueue(test.core, files);
  const actor = {
    kind: 'person',
    orgId,
    personId: people[1]!.id,
    sessionId: people[1]!.id,
    role: 'member',
  } as const;
  for (let round = 0; round < 10; round += 1) {
    const clientKey = randomUUID();
    const attachmentIds = [await uploaded(bob, 'once.txt', 'x')];
    const [here, there] = await Promise.all([
      say(bob, '', attachmentIds, { clientKey }),
      other(actor, conversationId, { clientKey, body: '', attachmentIds, threadId: null }),
    ]);
    expect(here.status).toBe(200);
    expect(here.body).toEqual(there);
  }
});

it('in a direct conversation it is a file of both, whose place is not among the places', async () => {
  const { id } = (await alice.call(openDirect, { body: { personId: people[1]!.id } })).body;
  const attachment = await uploaded(alice, 'for you.txt', 'x', id);
  const message = await alice.call(sendMessage, {
    params: { conversationId: id },
    body: { clientKey: randomUUID(), body: '', attachmentIds: [attachment] },
  });
  const { nodeId } = message.body.attachments[0]!;
  expect([(await node(bob, nodeId!)).status, (await node(carol, nodeId!)).status]).toEqual([200, 404]);
  const kinds = (await bob.call(listTrees)).body.rows.map(({ kind }) => kind);
  expect(kinds).not.toContain('direct');
});

it('removed in Files it is not got by its message, until it is restored', async () => {
  const message = await sent(alice, 'removed.txt', 'x');
  const { id, nodeId } = message.attachments[0]!;
  expect(await status(bob, id)).toBe(200);
  const shown = async () => {
    const found = await newest();
    return [found?.version, found?.attachments[0]?.removed];
  };
  await test.core.outbox.drain();
  expect(await shown()).toEqual([1, false]);
  await bob.call(trashNodes, { body: { nodeIds: [nodeId!] } });
  expect(await status(bob, id)).toBe(410);
  expect(await status(carol, id)).toBe(404);
  await test.core.outbox.drain();
  expect(await shown()).toEqual([2, true]);
  await bob.call(restoreNodes, { body: { nodeIds: [nodeId!] } });
  expect(await status(bob, id)).toBe(200);
  await test.core.outbox.drain();
  expect(await shown()).toEqual([3, false]);
});

it('a folder around it that is removed is told of as well', async () => {
  const message = await sent(alice, 'inside.txt', 'x');
  const { nodeId } = message.attachments[0]!;
  const { parentId } = (await node(alice, nodeId!)).body.node;
  const shown = async () => {
    await test.core.outbox.drain();
    const found = await newest();
    return [found?.version, found?.attachments[0]?.removed];
  };
  await alice.call(trashNodes, { body: { nodeIds: [parentId!] } });
  expect(await shown()).toEqual([2, true]);
  await alice.call(restoreNodes, { body: { nodeIds: [parentId!] } });
  expect(await shown()).toEqual([3, false]);
});

it('goes into the trash with its message', async () => {
  const message = await sent(alice, 'taken back.txt', 'x');
  const { nodeId } = message.attachments[0]!;
  expect((await alice.call(deleteMessage, { params: { messageId: message.id } })).status).toBe(200);
  expect((await node(alice, nodeId!)).status).toBe(404);
  await alice.call(restoreNodes, { body: { nodeIds: [nodeId!] } });
  expect((await node(alice, nodeId!)).status).toBe(200);
});

it('deleted for ever it is kept by no message', async () => {
  const message = await sent(alice, 'for ever.txt', 'gone for ever');
  const kept = await sent(alice, 'kept.txt', 'kept for ever');
  const shas = await Promise.all(
    ['gone for ever', 'kept for ever'].map(
      async (text) => (await test.core.blobs.put([Buffer.from(text)], { maxBytes: 100 })).sha256,
    ),
  );
  const named = () => test.core.db.system((tx) => blobsNamed.named(tx, shas));
  expect([...(await named())].sort()).toEqual([...shas].sort());
  const nodeIds = [message.attachments[0]!.nodeId!];
  await alice.call(trashNodes, { body: { nodeIds } });
  await letGoOfFiles(test.core, files, orgId);
  expect([...(await named())].sort()).toEqual([...shas].sort());
  await alice.call(deleteNodes, { body: { nodeIds } });
  await letGoOfFiles(test.core, files, orgId);
  await letGoOfFiles(test.core, files, orgId);
  expect(await named()).toEqual([shas[1]]);
  expect([await status(bob, message.attachments[0]!.id), await status(bob, kept.attachments[0]!.id)]).toEqual(
    [410, 200],
  );
});

it('whoever takes back a message with files and whoever answers it with files do not hold each other up', async () => {
  // PostgreSQL ends one of two that do, and it would be run again: slowly, and unseen.
  const deadlocks = () =>
    test.core.db.systemQuery<{ deadlocks: number }>(
      'select deadlocks::int from pg_stat_database where datname = current_database()',
    );
  const before = await deadlocks();
  for (let round = 0; round < 10; round += 1) {
    const root = await sent(alice, 'root.txt', 'x');
    const file = await uploaded(bob, 'answer.txt', 'x');
    const [taken, answered] = await Promise.all([
      alice.call(deleteMessage, { params: { messageId: root.id } }),
      say(bob, '', [file], { threadId: root.id }),
    ]);
    expect([taken.status, answered.status]).toEqual([200, 200]);
  }
  expect(await deadlocks()).toEqual(before);
});

it('what does not fit is refused, with its message', async () => {
  await test.core.db.transaction(orgId, (tx) =>
    tx.query('update files.tree set quota_bytes = used_bytes where space_id = $1', [spaceId]),
  );
  const before = await newest();
  const id = await uploaded(alice, 'more.txt', 'x');
  const refused = await say(alice, 'too much', [id]);
  expect([refused.status, refused.body.code]).toEqual([413, 'files-quota']);
  expect(await newest()).toEqual(before);
  expect((await say(alice, 'words alone', [])).status).toBe(200);
});
