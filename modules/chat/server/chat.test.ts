import { randomUUID } from 'node:crypto';
import { createTestCore, type TestClient, type TestCore, type TestPerson } from '@liaison/core/testing';
import { createFiles, migrations as filesMigrations } from '@liaison/files/server';
import type { People, PersonSummary } from '@liaison/people';
import { teamCreated } from '@liaison/people';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  deleteMessage,
  editMessage,
  getConversation,
  listAttachments,
  listConversations,
  listMessages,
  listMessageVersions,
  listThread,
  listWordsWith,
  markRead,
  openDirect,
  searchMessages,
  sendMessage,
  setReaction,
} from '../contract/index.ts';
import { content, createChat, migrations } from './index.ts';
import { personalData } from './personal-data.ts';

let test: TestCore;
let url: string;
let orgId: string;
let people: TestPerson[];
let alice: TestClient;
let bob: TestClient;
let carol: TestClient;

/** Chat asks people for two things only; members of the test's organisation answer them. */
const known = new Set<string>();
const peopleOfTest = {
  find: async (_tx: unknown, id: string) =>
    known.has(id) ? ({ id, status: 'active' } as PersonSummary) : null,
  personalSpace: async (_tx: unknown, id: string) => id,
} as unknown as People;

beforeAll(async () => {
  test = await createTestCore({ sources: [filesMigrations, migrations] });
  createChat({ core: test.core, people: peopleOfTest, files: createFiles({ core: test.core }).sent });
  await test.core.live.start();
  url = await test.listen();
  ({ orgId, people } = await test.organisation(['owner', 'member', 'member', 'guest']));
  for (const person of people) known.add(person.id);
  [alice, bob, carol] = people.map((person) => test.client(person)) as [TestClient, TestClient, TestClient];
});
afterAll(() => test.close());

const direct = async (): Promise<string> =>
  (await alice.call(openDirect, { body: { personId: people[1]!.id } })).body.id;
const say = (client: TestClient, conversationId: string, body: string, more: Record<string, unknown> = {}) =>
  client.call(sendMessage, { params: { conversationId }, body: { clientKey: randomUUID(), body, ...more } });

async function team(members: TestPerson[]): Promise<string> {
  const spaceId = await test.core.db.transaction(orgId, async (tx) => {
    const space = await test.core.spaces.create(tx, {
      kind: 'team',
      name: 'Port study',
      members: members.map((person, at) => ({ personId: person.id, role: at === 0 ? 'manager' : 'member' })),
    });
    test.core.outbox.emit(tx, teamCreated, { spaceId: space.id, kind: 'team' });
    return space.id;
  });
  await test.core.outbox.drain();
  await test.core.outbox.drain();
  const { body } = await alice.call(listConversations);
  return body.rows.find((row) => row.spaceId === spaceId)!.id;
}

describe('a direct conversation', () => {
  it('is one, whoever opens it and however often', async () => {
    const [one, two, three] = await Promise.all([
      direct(),
      direct(),
      bob.call(openDirect, { body: { personId: people[0]!.id } }).then(({ body }) => body.id),
    ]);
    expect(new Set([one, two, three]).size).toBe(1);
  });

  it('is not there for a third, in any route', async () => {
    const conversationId = await direct();
    const { body: message } = await say(alice, conversationId, 'for Bob');
    const params = { messageId: message.id };
    const answers = await Promise.all([
      carol.call(getConversation, { params: { conversationId } }),
      carol.call(listMessages, { params: { conversationId } }),
      say(carol, conversationId, 'hello'),
      carol.call(editMessage, { params, body: { body: 'x' } }),
      carol.call(deleteMessage, { params }),
      carol.call(setReaction, { params, body: { emoji: '👍', on: true } }),
      carol.call(listThread, { params }),
      carol.call(listMessageVersions, { params }),
      carol.call(markRead, { params: { conversationId }, body: { seq: 1 } }),
    ]);
    const missing = await carol.call(getConversation, { params: { conversationId: randomUUID() } });
    for (const answer of answers) {
      expect(answer.status).toBe(404);
      expect({ ...answer.body, title: '', requestId: '' }).toEqual({
        ...missing.body,
        title: '',
        requestId: '',
      });
    }
    await test.core.outbox.drain();
    expect((await carol.call(searchMessages, { query: { q: 'Bob' } })).body.rows).toEqual([]);
  });

  it('cannot be opened by a guest, with oneself or with a stranger', async () => {
    const guest = test.client(people[3]);
    expect((await guest.call(openDirect, { body: { personId: people[0]!.id } })).status).toBe(403);
    expect((await alice.call(openDirect, { body: { personId: people[0]!.id } })).status).toBe(409);
    const stranger = (await test.organisation()).people[0]!;
    expect((await alice.call(openDirect, { body: { personId: stranger.id } })).status).toBe(404);
  });
});

describe('messages', () => {
  it('have one dense order, however many write at once, and a resend is the same message', async () => {
    const conversationId = await team(people.slice(0, 3));
    const key = randomUUID();
    const sent = await Promise.all([
      ...Array.from({ length: 20 }, (_, n) => say(n % 2 ? alice : bob, conversationId, `number ${n}`)),
      ...Array.from({ length: 5 }, () => say(alice, conversationId, 'once', { clientKey: key })),
    ]);
    expect(sent.map((answer) => answer.status).every((status) => status === 200)).toBe(true);
    const { body } = await carol.call(listMessages, { params: { conversationId }, query: { limit: 100 } });
    expect(body.rows.map((row) => row.seq)).toEqual(Array.from({ length: 21 }, (_, n) => n + 1));
    expect(body.rows.filter((row) => row.body === 'once')).toHaveLength(1);
  });

  it('are paged in both directions and around a place', async () => {
    const conversationId = await team(people.slice(0, 2));
    for (let n = 1; n <= 30; n++) await say(alice, conversationId, `m${n}`);
    const page = async (query: Record<string, unknown>) => {
      const { body } = await alice.call(listMessages, { params: { conversationId }, query });
      return { seqs: body.rows.map((row) => row.seq), older: body.older, newer: body.newer };
    };
    expect(await page({ limit: 5 })).toEqual({ seqs: [26, 27, 28, 29, 30], older: true, newer: false });
    expect(await page({ limit: 5, before: 6 })).toEqual({ seqs: [1, 2, 3, 4, 5], older: false, newer: true });
    expect(await page({ limit: 5, after: 27 })).toEqual({ seqs: [28, 29, 30], older: true, newer: false });
    expect(await page({ limit: 4, around: 10 })).toEqual({ seqs: [9, 10, 11, 12], older: true, newer: true });
  });

  it('keep what they were before an edit, and nothing after they are deleted', async () => {
    const conversationId = await team(people.slice(0, 3));
    const { body: message } = await say(bob, conversationId, 'frist');
    const params = { messageId: message.id };
    expect((await alice.call(editMessage, { params, body: { body: 'mine' } })).status).toBe(403);
    const edited = await bob.call(editMessage, { params, body: { body: 'first' } });
    expect(edited.body).toMatchObject({ body: 'first', version: 2 });
    expect((await alice.call(listMessageVersions, { params })).body.rows).toMatchObject([{ body: 'frist' }]);
    expect((await carol.call(deleteMessage, { params })).status).toBe(403);
    const deleted = await alice.call(deleteMessage, { params });
    expect(deleted.body).toMatchObject({ body: '', deleted: true, seq: 1 });
    expect((await alice.call(listMessageVersions, { params })).body.rows).toEqual([]);
    expect((await bob.call(editMessage, { params, body: { body: 'again' } })).status).toBe(409);
  });

  it('carry threads, reactions and mentions', async () => {
    const conversationId = await team(people.slice(0, 3));
    const { body: root } = await say(alice, conversationId, `@[Bob](person:${people[1]!.id}) look`);
    expect(root.mentions).toEqual([people[1]!.id]);
    const { body: reply } = await say(bob, conversationId, 'I see', { threadId: root.id });
    expect((await say(bob, conversationId, 'deeper', { threadId: reply.id })).status).toBe(400);
    const params = { messageId: root.id };
    await bob.call(setReaction, { params, body: { emoji: '👍', on: true } });
    const { body } = await carol.call(setReaction, { params, body: { emoji: '👍', on: true } });
    expect(body.reactions).toEqual([{ emoji: '👍', personIds: [people[1]!.id, people[2]!.id] }]);
    const thread = await carol.call(listThread, { params });
    expect(thread.body.root).toMatchObject({ replies: 1, repliers: [people[1]!.id] });
    expect(thread.body.rows.map((row) => row.body)).toEqual(['I see']);
    const timeline = await alice.call(listMessages, { params: { conversationId } });
    expect(timeline.body.rows.map((row) => row.body)).toHaveLength(1);
  });

  it('count as unread until they are read, and the mark never goes back', async () => {
    const conversationId = await team(people.slice(0, 2));
    for (let n = 0; n < 3; n++) await say(alice, conversationId, 'news');
    await say(alice, conversationId, `@[Bob](person:${people[1]!.id})`);
    const mine = async (client: TestClient) =>
      (await client.call(getConversation, { params: { conversationId } })).body;
    expect(await mine(bob)).toMatchObject({ unread: 4, unreadMentions: 1, canManage: false });
    expect(await mine(bob)).toMatchObject({ firstMention: { seq: 4, threadId: null } });
    expect(await mine(alice)).toMatchObject({ unread: 0 });
    const mark = (seq: number) => bob.call(markRead, { params: { conversationId }, body: { seq } });
    expect((await mark(3)).body.readSeq).toBe(3);
    expect((await mark(1)).body.readSeq).toBe(3);
    expect((await mark(99)).body.readSeq).toBe(4);
    expect(await mine(bob)).toMatchObject({ unread: 0, unreadMentions: 0, firstMention: null });
    const { body: root } = await say(bob, conversationId, 'and a thread');
    const named = `@[Bob](person:${people[1]!.id})`;
    const { body: reply } = await say(alice, conversationId, named, { threadId: root.id });
    expect(await mine(bob)).toMatchObject({
      unread: 0,
      unreadMentions: 1,
      firstMention: { seq: reply.seq, threadId: root.id },
    });
  });

  it('in a thread are read in stretches of their own', async () => {
    const conversationId = await team(people.slice(0, 2));
    const { body: root } = await say(alice, conversationId, 'where are we');
    const seqs: number[] = [];
    for (let n = 0; n < 6; n++) {
      seqs.push((await say(bob, conversationId, `reply ${n}`, { threadId: root.id })).body.seq);
      await say(alice, conversationId, 'beside it');
    }
    const read = async (query: Record<string, number>) => {
      const { body } = await alice.call(listThread, { params: { messageId: root.id }, query });
      return [body.rows.map((row) => row.seq), body.older, body.newer];
    };
    expect(await read({ limit: 2 })).toEqual([seqs.slice(4), true, false]);
    expect(await read({ limit: 2, before: seqs[4]! })).toEqual([seqs.slice(2, 4), true, true]);
    expect(await read({ limit: 4, around: seqs[2]! })).toEqual([seqs.slice(1, 5), true, true]);
    expect(await read({ limit: 9, after: seqs[3]! })).toEqual([seqs.slice(4), true, false]);
  });

  it('of others are taken away by a manager, and shown as hers', async () => {
    const conversationId = await team(people.slice(0, 3));
    const { body: word } = await say(bob, conversationId, 'too much');
    const params = { messageId: word.id };
    expect((await carol.call(deleteMessage, { params })).status).toBe(403);
    const { body: own } = await say(bob, conversationId, 'mine');
    const taken = await alice.call(deleteMessage, { params });
    expect(taken.body).toMatchObject({ deleted: true, body: '', removedById: people[0]!.id });
    const back = await bob.call(deleteMessage, { params: { messageId: own.id } });
    expect(back.body).toMatchObject({ deleted: true, removedById: null });
    const mine = await alice.call(getConversation, { params: { conversationId } });
    expect(mine.body.canManage).toBe(true);
  });

  it('in a thread belong to the conversation of its first message, and a thread has no threads', async () => {
    const conversationId = await team(people.slice(0, 2));
    const { body: elsewhere } = await say(alice, await direct(), 'another place');
    const { body: root } = await say(alice, conversationId, 'where are we');
    expect((await say(alice, conversationId, 'x', { threadId: elsewhere.id })).status).toBe(404);
    const { body: reply } = await say(bob, conversationId, 'here', { threadId: root.id });
    expect((await say(alice, conversationId, 'x', { threadId: reply.id })).status).toBe(400);
  });

  it('are found by word beginnings without accents, by those who may read them', async () => {
    const conversationId = await team(people.slice(0, 2));
    await say(alice, conversationId, 'La houle passe sous 0,8 m dès mardi');
    await test.core.outbox.drain();
    const find = async (client: TestClient, q: string) =>
      (await client.call(searchMessages, { query: { q } })).body.rows.map((row) => row.body);
    expect(await find(bob, 'des mard')).toHaveLength(1);
    expect(await find(bob, "houle & ! ( ' : *")).toHaveLength(1);
    expect(await find(carol, 'houle')).toEqual([]);
  });

  it('are refused when empty, too long, or not what they should be', async () => {
    const conversationId = await direct();
    expect((await say(alice, conversationId, '   ')).status).toBe(400);
    expect((await say(alice, conversationId, 'x'.repeat(20_001))).status).toBe(400);
    const lapsed = await say(alice, conversationId, 'x', { attachmentIds: [randomUUID()] });
    expect([lapsed.status, lapsed.body.code]).toEqual([404, 'file-lapsed']);
    const odd = await alice.call(sendMessage, {
      params: { conversationId },
      body: { clientKey: { $ne: 1 }, body: ['x'] },
    });
    expect(odd.status).toBe(400);
    expect(odd.body.errors?.map((error) => error.path)).toContain('body.clientKey');
  });
});

describe('attachments', () => {
  const upload = async (
    headers: Record<string, string>,
    conversationId: string,
    bytes: Uint8Array,
    name: string,
  ) => {
    const answer = await fetch(
      `${url}/api/v1/chat/conversations/${conversationId}/attachments?name=${encodeURIComponent(name)}&type=text/html`,
      {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/octet-stream' },
        body: bytes as BodyInit,
      },
    );
    return { status: answer.status, body: (await answer.json()) as { id: string; width: number | null } };
  };
  const get = (client: TestClient, path: string) =>
    fetch(`${url}/api/v1${path}`, { headers: client.headers });

  it('come back byte for byte as a download that cannot run, for members alone', async () => {
    const conversationId = await direct();
    const page = Buffer.from('<svg onload="alert(1)"></svg><script>alert(1)</script>');
    const { body: file } = await upload(alice.headers, conversationId, page, '../évil".html');
    // Not sent yet: nobody else's.
    expect((await get(bob, `/chat/attachments/${file.id}`)).status).toBe(404);
    await say(alice, conversationId, '', { attachmentIds: [file.id] });
    const answer = await get(bob, `/chat/attachments/${file.id}`);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(page);
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="_vil_.html"; filename\*=UTF-8''/,
    );
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    const part = async (client: TestClient, headers: Record<string, string>) => {
      const got = await fetch(`${url}/api/v1/chat/attachments/${file.id}`, {
        headers: { ...client.headers, ...headers },
      });
      return [got.status, got.headers.get('content-range'), got.ok ? await got.text() : null];
    };
    const range = { range: 'bytes=1-3' };
    expect(await part(bob, range)).toEqual([206, `bytes 1-3/${page.length}`, 'svg']);
    expect(await part(bob, { range: 'bytes=-9' })).toEqual([
      206,
      `bytes ${page.length - 9}-${page.length - 1}/${page.length}`,
      '</script>',
    ]);
    // Of another content than the browser has, all of it comes.
    expect(await part(bob, { ...range, 'if-range': '"another"' })).toEqual([200, null, String(page)]);
    expect(await part(bob, { range: 'bytes=9999-' })).toEqual([416, `bytes */${page.length}`, null]);
    expect(await part(carol, range)).toEqual([404, null, null]);
    expect((await get(bob, `/chat/attachments/${file.id}/preview`)).status).toBe(404);
    expect((await get(carol, `/chat/attachments/${file.id}`)).status).toBe(404);
    expect((await upload(carol.headers, conversationId, page, 'x')).status).toBe(404);
    expect((await upload(alice.headers, conversationId, new Uint8Array(), 'empty')).status).toBe(400);
  });

  it('are sent by whoever uploaded them, in that conversation, once', async () => {
    const conversationId = await direct();
    const sendFile = async (client: TestClient, to: string, id: string) =>
      (await say(client, to, '', { attachmentIds: [id] })).status;
    const { body: file } = await upload(alice.headers, conversationId, Buffer.from('tides'), 'tides.txt');
    expect(await sendFile(bob, conversationId, file.id)).toBe(404);
    expect(await sendFile(alice, await team(people.slice(0, 2)), file.id)).toBe(404);
    expect(await sendFile(alice, conversationId, file.id)).toBe(200);
    expect(await sendFile(alice, conversationId, file.id)).toBe(404);
  });

  it('are listed with their conversation for whoever reads it, until their message is taken back', async () => {
    const conversationId = await direct();
    const { body: before } = await bob.call(listAttachments, { params: { conversationId } });
    const ids: string[] = [];
    const messages: string[] = [];
    for (const name of ['first.txt', 'second.txt', 'unsent.txt']) {
      ids.push((await upload(alice.headers, conversationId, Buffer.from(name), name)).body.id);
      if (name !== 'unsent.txt') {
        const sent = await say(alice, conversationId, '', { attachmentIds: [ids.at(-1) as string] });
        messages.push(sent.body.id);
      }
    }
    const params = { conversationId };
    const names = (rows: readonly { name: string }[]) => rows.map(({ name }) => name);
    const first = await bob.call(listAttachments, { params, query: { limit: 1 } });
    expect(first.body.rows).toMatchObject([
      { name: 'second.txt', messageId: messages[1], authorId: people[0]?.id, conversationId },
    ]);
    const rest = await bob.call(listAttachments, {
      params,
      query: { limit: 1, cursor: first.body.next ?? '' },
    });
    expect(names(rest.body.rows)).toEqual(['first.txt']);
    expect((await carol.call(listAttachments, { params })).status).toBe(404);
    const answer = await get(bob, `/chat/attachments/${ids[0]}`);
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    const again = { headers: { ...bob.headers, 'if-none-match': answer.headers.get('etag') ?? '' } };
    expect((await fetch(`${url}/api/v1/chat/attachments/${ids[0]}`, again)).status).toBe(304);
    await alice.call(deleteMessage, { params: { messageId: messages[0] as string } });
    expect((await fetch(`${url}/api/v1/chat/attachments/${ids[0]}`, again)).status).toBe(404);
    const { body: after } = await bob.call(listAttachments, { params });
    expect(names(after.rows)).toEqual(['second.txt', ...names(before.rows)]);
  });

  it('have a preview when they are pictures', async () => {
    const { default: sharp } = await import('sharp');
    const conversationId = await direct();
    const picture = await sharp({ create: { width: 2000, height: 500, channels: 3, background: '#0b6379' } })
      .png()
      .toBuffer();
    const { body: file } = await upload(alice.headers, conversationId, picture, 'wide.png');
    expect(file.width).toBe(2000);
    const preview = await get(alice, `/chat/attachments/${file.id}/preview`);
    expect(preview.headers.get('content-type')).toBe('image/webp');
    const drawn = await sharp(Buffer.from(await preview.arrayBuffer())).metadata();
    expect([drawn.width, drawn.height]).toEqual([1280, 320]);
  });
});

it('is offered to whoever looks through all content, as it is now', async () => {
  const conversationId = await team(people.slice(0, 2));
  const { body: kept } = await say(alice, conversationId, 'the **tide** gauge');
  const { body: reply } = await say(bob, conversationId, 'seen', { threadId: kept.id });
  const { body: gone } = await say(alice, conversationId, 'never mind');
  await alice.call(deleteMessage, { params: { messageId: gone.id } });
  const source = content.find(({ kind }) => kind === 'chat.message')!;
  const { spaceId } = (await alice.call(getConversation, { params: { conversationId } })).body;
  const documents = await test.core.db.read(orgId, async (tx) => {
    const listed = await source.list(tx, { after: null, limit: 200 });
    expect(listed).toEqual([...listed].sort());
    expect(await source.list(tx, { after: listed.at(-2) ?? null, limit: 200 })).toEqual(listed.slice(-1));
    return source.read(tx, [kept.id, reply.id, gone.id]);
  });
  expect([...documents].sort((one, other) => (one.id < other.id ? -1 : 1))).toMatchObject([
    {
      id: kept.id,
      place: { spaceId, containerId: conversationId },
      text: 'the tide gauge',
      personIds: [people[0]!.id],
      container: 'Port study',
      path: `/chat/${conversationId}?m=${kept.seq}`,
    },
    { id: reply.id, path: `/chat/${conversationId}?m=${reply.seq}&thread=${kept.id}` },
  ]);
  const concerned = await test.core.db.read(orgId, (tx) =>
    source.changes
      .find(({ event }) => event === 'chat.conversation-changed')!
      .idsOf(tx, { spaceId, conversationId }, { after: kept.id, limit: 200 }),
  );
  expect(concerned).toEqual([reply.id]);
});

it('a person erased twice leaves her words without a name', async () => {
  const conversationId = await team(people.slice(0, 3));
  await say(carol, conversationId, 'I was here');
  for (let run = 0; run < 2; run++) {
    await test.core.db.transaction(orgId, (tx) => personalData.erase(tx, people[2]!.id));
  }
  const { body } = await alice.call(listMessages, { params: { conversationId } });
  expect(body.rows).toMatchObject([{ body: 'I was here', authorId: null }]);
});

describe('the last words with somebody', () => {
  const words = async (who: TestClient, at: number, limit = 6) =>
    (await who.call(listWordsWith, { params: { personId: people[at]!.id }, query: { limit } })).body.rows.map(
      ({ body }) => body,
    );

  it('are both’s of their direct conversation, and hers where both are, newest first', async () => {
    const conversationId = await direct();
    const three = await team(people.slice(0, 3));
    await say(alice, conversationId, 'mine, between us');
    await say(bob, conversationId, 'his, between us');
    await say(alice, three, 'mine, to the team');
    const said = await say(bob, three, 'his, to the team');
    await say(carol, three, 'hers, to the team');
    const reply = await say(bob, three, 'his, in a thread', { threadId: said.body.id });
    expect((await words(alice, 1)).slice(0, 4)).toEqual([
      'his, in a thread',
      'his, to the team',
      'his, between us',
      'mine, between us',
    ]);
    expect(await words(alice, 1, 1)).toEqual(['his, in a thread']);
    await bob.call(deleteMessage, { params: { messageId: reply.body.id } });
    expect((await words(alice, 1))[0]).toBe('his, to the team');
    // Carol is not between them, and who has left a place reads nothing of it any more.
    expect((await words(carol, 1)).slice(0, 1)).toEqual(['his, to the team']);
    expect(await words(carol, 1)).not.toContain('his, between us');
    const spaceId = (await alice.call(getConversation, { params: { conversationId: three } })).body.spaceId;
    await test.core.db.transaction(orgId, (tx) => test.core.spaces.removeMember(tx, spaceId, people[2]!.id));
    expect(await words(carol, 1)).not.toContain('his, to the team');
    expect(await words(test.client(people[3]!), 1)).toEqual([]);
  });

  it('of somebody in another organisation are none', async () => {
    const elsewhere = await test.organisation(['owner']);
    const stranger = test.client(elsewhere.people[0]!);
    expect(await words(stranger, 1)).toEqual([]);
    const { body } = await alice.call(listWordsWith, {
      params: { personId: elsewhere.people[0]!.id },
      query: {},
    });
    expect(body.rows).toEqual([]);
  });
});
