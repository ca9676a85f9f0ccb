import { type Conversation, type Message, sayTyping } from '@liaison/chat';
import { expect, test } from 'vitest';
import type { Colleague, Node } from '../testing/cluster.ts';
import type { Page } from '../testing/page.ts';
import { reach, type TwoProcesses } from './two-processes.ts';

/** Alice's direct conversation with Bob. */
export async function conversationOf({ cluster, alice, bob }: TwoProcesses, at: Node): Promise<string> {
  const made = await cluster.ask<{ id: string }>(at, alice, 'POST', '/chat/direct', { personId: bob.id });
  expect(made.status).toBe(200);
  return made.body.id;
}
export const say = (
  { cluster }: TwoProcesses,
  at: Node,
  who: Colleague,
  conversationId: string,
  body: string,
) =>
  cluster.ask<Message>(at, who, 'POST', `/chat/conversations/${conversationId}/messages`, {
    clientKey: crypto.randomUUID(),
    body,
  });
const events = (page: Page, name: string) =>
  page.got.flatMap((each) =>
    each.t === 'event' && each.name === name && each.data ? [each.data as Message] : [],
  );
export const heard = (page: Page, body: string): Message | undefined =>
  events(page, 'chat.message-sent').find((message) => message.body === body);

const secondMs = 1000;
/**
 * How long it takes, in milliseconds, up to three times: each must come to pass, and of their times the shortest counts, because
 * the machine too stands still now and then.
 */
async function quickest(cross: (time: number) => Promise<void>): Promise<number> {
  let leastMs = Number.POSITIVE_INFINITY;
  for (let time = 0; time < 3 && leastMs >= secondMs; time++) {
    const asked = performance.now();
    await cross(time);
    leastMs = Math.min(leastMs, performance.now() - asked);
  }
  return leastMs;
}

/** A conversation is one, wherever its people's pages are. */
export function chat(stage: () => TwoProcesses): void {
  test('a message, a typing signal and a changed reachability cross within a second', async () => {
    const { cluster, a, b, alice, bob } = stage();
    const [alices, bobs] = await Promise.all([cluster.page(a, alice), cluster.page(b, bob)]);
    const conversationId = await conversationOf(stage(), a);
    await bobs.until(() => bobs.got.some((each) => each.t === 'joined'), 'the new conversation');
    await say(stage(), a, alice, conversationId, 'before');
    await bobs.until(() => heard(bobs, 'before'), 'the first message');

    const said = await quickest(async (time) => {
      await say(stage(), a, alice, conversationId, `the tide is in ${time}`);
      await bobs.until(() => heard(bobs, `the tide is in ${time}`), 'the message at the other process');
    });
    expect(said).toBeLessThan(secondMs);

    const typed = await quickest(async (time) => {
      await alices.command(sayTyping, { conversationId });
      await bobs.until(() => bobs.signals('chat.typing').length > time, 'typing');
    });
    expect(typed).toBeLessThan(secondMs);

    const seen = await quickest(async (time) => {
      const state = time % 2 === 0 ? 'dnd' : 'free';
      await cluster.ask(a, alice, 'PUT', '/reach/me', { state });
      await bobs.until(() => reach(bobs, alice)?.state === state, `${state} at the other process`);
    });
    expect(seen).toBeLessThan(secondMs);
    await cluster.ask(a, alice, 'PUT', '/reach/me', { state: 'free' });
    for (const page of [alices, bobs]) page.close();
  });

  test('an edit, a mention and how far somebody has read are the same at both', async () => {
    const { cluster, a, b, alice, bob } = stage();
    const conversationId = await conversationOf(stage(), a);
    const [bobsHere, bobsThere] = await Promise.all([cluster.page(a, bob), cluster.page(b, bob)]);
    const first = (await say(stage(), a, alice, conversationId, 'high water at nine')).body;
    await cluster.ask(a, alice, 'PATCH', `/chat/messages/${first.id}`, { body: 'high water at ten' });
    await bobsThere.until(
      () => events(bobsThere, 'chat.message-changed').find(({ body }) => body === 'high water at ten'),
      'the edited message',
    );
    const naming = (await say(stage(), b, alice, conversationId, `@[Bob](person:${bob.id}) bring the charts`))
      .body;
    expect(naming.mentions).toEqual([bob.id]);
    const unread = async (at: Node) =>
      (await cluster.ask<Conversation>(at, bob, 'GET', `/chat/conversations/${conversationId}`)).body;
    for (const at of [a, b]) expect(await unread(at)).toMatchObject({ unreadMentions: 1 });

    const read = await cluster.ask(b, bob, 'PUT', `/chat/conversations/${conversationId}/read`, {
      seq: naming.seq,
    });
    expect(read.status).toBe(200);
    // His page at the other process takes the mark away too.
    await bobsHere.until(
      () => bobsHere.got.some((each) => each.t === 'event' && each.name === 'chat.read-moved'),
      'the read mark',
    );
    for (const at of [a, b]) expect(await unread(at)).toMatchObject({ unread: 0, unreadMentions: 0 });
    for (const page of [bobsHere, bobsThere]) page.close();
  });

  test('with writers on both, every page has every message once, in one order without gaps', async () => {
    const { cluster, a, b, alice, bob } = stage();
    const conversationId = await conversationOf(stage(), a);
    const pages = await Promise.all([cluster.page(a, alice), cluster.page(b, bob)]);
    const many = 30;
    const write = async (at: Node, who: Colleague) => {
      const sent: Message[] = [];
      for (let n = 0; n < many; n++) {
        sent.push((await say(stage(), at, who, conversationId, `${who.name} ${n}`)).body);
      }
      return sent;
    };
    const sent = (await Promise.all([write(a, alice), write(b, bob)])).flat();
    const inOrder = sent.toSorted((one, other) => one.seq - other.seq);
    const [lowest = 0] = inOrder.map(({ seq }) => seq);
    expect(inOrder.map(({ seq }) => seq)).toEqual(sent.map((_, index) => lowest + index));
    for (const page of pages) {
      await page.until(() => events(page, 'chat.message-sent').length >= 2 * many, 'all of them');
      expect(events(page, 'chat.message-sent').map(({ id }) => id)).toEqual(inOrder.map(({ id }) => id));
      page.close();
    }
  });

  test('what is sent at one is a file at the other, and its removal there is told to pages of the first', async () => {
    const { cluster, a, b, alice, bob } = stage();
    const conversationId = await conversationOf(stage(), a);
    const alices = await cluster.page(a, alice);
    const uploaded = await fetch(
      `${a.url}/api/v1/chat/conversations/${conversationId}/attachments?name=chart.txt&type=text%2Fplain`,
      {
        method: 'POST',
        headers: { cookie: alice.cookie, origin: a.url, 'content-type': 'application/octet-stream' },
        body: 'nine metres',
      },
    );
    const { id } = (await uploaded.json()) as { id: string };
    const { body: message } = await cluster.ask<Message>(
      a,
      alice,
      'POST',
      `/chat/conversations/${conversationId}/messages`,
      { clientKey: crypto.randomUUID(), body: 'the chart', attachmentIds: [id] },
    );
    const nodeId = message.attachments[0]?.nodeId;
    expect((await cluster.ask(b, bob, 'GET', `/files/nodes/${nodeId}`)).body).toMatchObject({
      node: { name: 'chart.txt', bytes: 11 },
    });
    expect((await cluster.ask(b, bob, 'POST', '/files/trash', { nodeIds: [nodeId] })).status).toBe(200);
    await alices.until(
      () =>
        events(alices, 'chat.message-changed').some(
          (each) => each.id === message.id && each.attachments[0]?.removed === true,
        ),
      'the removal',
    );
    const read = await fetch(`${a.url}/api/v1/chat/attachments/${id}`, { headers: { cookie: alice.cookie } });
    expect(read.status).toBe(410);
    alices.close();
  });
}
