import { createOutgoing } from '@liaison/core/outgoing';
import { openChromium, openPages, type PeoplesPages } from '@liaison/tests/chromium';
import { type PushService, startPushService } from '@liaison/tests/push-service';
import { type Actor, openStage, type Stage } from '@liaison/tests/stage';
import { expectAccessible } from '@liaison/ui/testing/expect';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { NewsGroup } from '../contract/index.ts';
import { openPushedPage, type ShownNotice, subscribeWith, until } from './testing/pushed-page.ts';

let stage: Stage;
let service: PushService;
let browser: Browser;
let pages: PeoplesPages;
let [ines, njeri] = [] as unknown as [Actor, Actor];
let conversationId: string;

beforeAll(async () => {
  service = await startPushService();
  const outgoing = createOutgoing({ mayReach: (address) => address === '127.0.0.1' });
  stage = await openStage({ people: 2, outgoing });
  [ines, njeri] = stage.actors as [Actor, Actor];
  browser = await openChromium();
  pages = openPages(browser, stage.url);
  await stage.as(ines, 'POST', '/teams', { kind: 'team', name: 'Port study', memberIds: [njeri.id] });
  conversationId = await until('the conversation of the team', async () => {
    const { rows } = (await stage.as(ines, 'GET', '/chat/conversations')) as {
      rows: { id: string; kind: string }[];
    };
    return rows.find(({ kind }) => kind === 'team')?.id;
  });
  // That she is in the team is news too, and not what is tried here.
  await until('the news of the team', async () => (await groupsOf(njeri)).length > 0);
  await readAll();
}, 180_000);
afterEach(async () => {
  expect(await pages.close()).toEqual([]);
  await readAll();
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
  await service?.close();
});

const readAll = () => stage.as(njeri, 'POST', '/notify/read', { allUntil: new Date().toISOString() });

async function groupsOf(who: Actor): Promise<readonly NewsGroup[]> {
  return ((await stage.as(who, 'GET', '/notify/groups')) as { rows: NewsGroup[] }).rows;
}

let keys = 0;
async function mention(text: string): Promise<{ id: string }> {
  keys += 1;
  const message = await stage.as(ines, 'POST', `/chat/conversations/${conversationId}/messages`, {
    clientKey: `55555555-0000-4000-8000-${String(keys).padStart(12, '0')}`,
    body: `@[${njeri.name}](person:${njeri.id}) ${text}`,
    threadId: null,
  });
  return message as { id: string };
}

/** Who is told of it is decided: what is chosen later does not count. */
const decided = ({ id }: { id: string }) =>
  until('the reaction to the message', async () => {
    const cursors = await stage.sql(
      `select from core.outbox o join core.reaction_cursor c on c.stream_id = o.stream_id and c.seq >= o.seq
       where o.name = 'chat.message-sent' and o.payload ->> 'messageId' = $1
         and c.reaction = 'notify.hear-chat.message-sent'`,
      [id],
    );
    return cursors.length > 0;
  });

const bell = (page: Page) => page.getByRole('banner').getByRole('button', { name: /^News/ });
const panel = (page: Page) => page.getByRole('dialog', { name: 'News' });
const titleStarts = (page: Page, start: string) =>
  until(`a title that starts with ${start}`, async () => (await page.title()).startsWith(start));

test('a mention is in the bell, the title and the list at once, and gone from all once it is read in its conversation', async () => {
  const page = await pages.of(njeri, '/people');
  const phone = await pages.of(njeri, '/news', { width: 390, height: 844 });
  await page.getByRole('banner').getByRole('button', { name: 'News', exact: true }).click();
  await panel(page).getByText(`${ines.name} added you to the team`).waitFor();
  await mention('which pier');
  await page.getByRole('button', { name: 'News: 1 needs you' }).waitFor();
  await titleStarts(page, '(1)');
  const row = panel(page).getByRole('link', { name: /mentioned you/ });
  await row.getByText(`${ines.name} mentioned you`).waitFor();
  await phone.getByRole('link', { name: /mentioned you/ }).waitFor();
  await phone
    .getByRole('navigation')
    .getByRole('link', { name: /News.*1 unread/s })
    .waitFor();
  await expectAccessible(page);
  await expectAccessible(phone);
  // By keyboard: down to the first, and into it.
  await page.keyboard.press('ArrowDown');
  await until('the row has the focus', () => row.evaluate((link) => link === document.activeElement));
  await page.keyboard.press('Enter');
  await page.locator('main').getByText('which pier').waitFor();
  await page.getByRole('banner').getByRole('button', { name: 'News', exact: true }).waitFor();
  await until('nothing in the title', async () => !(await page.title()).startsWith('('));
  await until('nothing on the telephone', async () => !(await phone.title()).startsWith('('));
});

test('one group, then all of them are marked as read from the list, on all pages', async () => {
  const page = await pages.of(njeri, '/news');
  const beside = await pages.of(njeri, '/people');
  await page.getByRole('heading', { name: 'News', level: 1 }).waitFor();
  await mention('the buoys');
  await beside.getByRole('button', { name: 'News: 1 needs you' }).waitFor();
  await page
    .getByRole('region', { name: 'Needs you' })
    .getByRole('link', { name: /mentioned you/ })
    .waitFor();
  await page.getByRole('button', { name: 'Mark as read: Port study' }).click();
  await page
    .getByRole('region', { name: 'Newest first' })
    .getByRole('link', { name: /mentioned you/ })
    .waitFor();
  await beside.getByRole('banner').getByRole('button', { name: 'News', exact: true }).waitFor();
  await mention('the tide');
  await bell(beside)
    .and(beside.getByRole('button', { name: 'News: 1 needs you' }))
    .click();
  await panel(beside).getByRole('button', { name: 'Mark all as read' }).click();
  await beside.getByRole('banner').getByRole('button', { name: 'News', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Needs you', exact: true }).click();
  await page.getByText('Nothing waits for you').waitFor();
  await until('all are read', async () => (await groupsOf(njeri)).every(({ unread }) => unread === 0));
  await expectAccessible(page);
});

/** What is not named is refused from then on. */
const grant = (page: Page) =>
  page.context().grantPermissions(['notifications', 'microphone'], { origin: stage.url });

test('the worker shows what it is pushed while no page is seen, by its kind, and takes it back', async () => {
  const page = await pages.of(njeri, '/people');
  await grant(page);
  const pushed = await openPushedPage(page);
  const stands = async (tag: string, as: Partial<ShownNotice> = {}): Promise<void> => {
    const notice = { tag, title: 'Port study', body: 'which pier', stays: false, actions: [] };
    expect(await pushed.nextShown(tag)).toEqual({ ...notice, ...as });
  };
  const callId = '018f7a00-0000-7000-8000-000000000001';
  const shown = { title: 'Port study', body: 'which pier', path: '/news', needsMe: 1 };
  const of = { kind: 'chat.mention', newsId: callId, at: new Date().toISOString() };
  const news = (tag: string) => ({ type: 'news', tag, ...of, ...shown });
  // A page is seen, and says it itself. A test is shown all the same.
  await pushed.deliver(news('seen'));
  await pushed.deliver({ type: 'test', tag: 'test', ...shown });
  await stands('test');

  await pushed.leave();
  await pushed.deliver(news('1'));
  await stands('1');
  const body = 'which pier, and when';
  await pushed.deliver({ ...news('1'), body });
  await stands('1', { body });
  const ring = (tag: string, afterMs: number) => {
    const ends = new Date(Date.now() + afterMs).toISOString();
    const words = { title: 'Inês', answer: 'Answer', refuse: 'Refuse' };
    return { type: 'call', tag, callId, until: ends, ...shown, ...words };
  };
  await pushed.deliver(ring('call', 30_000));
  await stands('call', { title: 'Inês', stays: true, actions: ['answer', 'refuse'] });
  await pushed.deliver({ type: 'withdraw', tags: ['call', '1'], needsMe: 0 });
  await until('the call is taken back', async () =>
    (await pushed.shown()).every(({ tag }) => tag !== 'call' && tag !== '1'),
  );
  // Too late to ring, and what no build of ours says: what comes after them is shown, and they are not.
  await pushed.deliver(ring('late', -1000));
  await pushed.deliver({ type: 'riddle', tag: 'riddle', ...shown });
  await pushed.deliver(news('last'));
  await stands('last');
  const there = (await pushed.shown()).map(({ tag }) => tag);
  expect(there.filter((tag) => tag !== 'test')).toEqual(['last']);
});

test('subscribed from its settings, a closed browser is told of a mention, and rung, and the page that opens takes the call', async () => {
  const receiver = service.subscribe();
  const page = await pages.of(njeri, '/people');
  await grant(page);
  await subscribeWith(page, receiver);
  await page.goto(`${stage.url}/settings/notifications`);
  await page.getByText('This browser is not told while the page is closed.').waitFor();
  const mentions = page.getByRole('group', { name: 'Somebody mentions me' });
  await mentions.waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Tell me in this browser' }).click();
  await page.getByText('This browser is told while the page is closed. Calls ring.').waitFor();
  await page.getByRole('button', { name: /^Send a test to/ }).click();
  const pushed = await openPushedPage(page);
  /** The next of this type, handed to the browser as it came. */
  const came = async (type: string): Promise<Record<string, unknown>> => {
    const find = () => receiver.got.find(({ message }) => message.type === type);
    const { message } = await receiver.until(find, `a message of type ${type}`, 60_000);
    await pushed.deliver(message);
    return message;
  };
  const stands = async (tag: unknown) => expect(await pushed.nextShown(String(tag))).toMatchObject({ tag });
  await stands((await came('test')).tag);

  const chooses = async (name: string, when: string): Promise<void> => {
    await mentions.getByRole('button', { name }).click();
    await until(`${when} is kept`, async () => {
      type Kinds = { readonly kinds: readonly { readonly kind: string; readonly when: string }[] };
      const { kinds } = (await stage.as(njeri, 'GET', '/notify/preferences')) as Kinds;
      return kinds.some((each) => each.kind === 'chat.mention' && each.when === when);
    });
  };
  await chooses('Never', 'never');
  await decided(await mention('nobody is told'));
  await chooses('Now', 'now');

  await pushed.leave();
  await until('no page of hers is open', async () => {
    const held = "select from reach.claim where kind = 'connection' and person_id = $1";
    return (await stage.sql(held, [njeri.id])).length === 0;
  });
  await mention('the gauge reads too high');
  const news = await came('news');
  expect(news).toMatchObject({ tag: `liaison.chat.${conversationId}`, needsMe: 1 });
  await stands(news.tag);
  await readAll();
  expect((await came('withdraw')).tags).toEqual([news.tag]);
  await until('it is taken back', async () => (await pushed.shown()).every(({ tag }) => tag !== news.tag));

  const caller = await pages.of(ines, `/people/${njeri.id}`);
  await caller.getByRole('main').getByRole('button', { name: 'Call', exact: true }).first().click();
  const ring = await came('call');
  await stands(ring.callId);
  await page.goto(`${stage.url}${ring.path}`);
  await page.getByRole('button', { name: 'Answer', exact: true }).first().click();
  const callWhere = (holds: string) =>
    until(`a call of which ${holds}`, async () => {
      const [row] = await stage.sql(`select reason from calls.call where id = $1 and ${holds}`, [
        ring.callId,
      ]);
      return row;
    });
  await callWhere('answered_at is not null');
  await page.getByRole('button', { name: 'Hang up' }).first().click();
  await expect.poll(() => callWhere('ended_at is not null')).toEqual({ reason: 'completed' });
  expect(JSON.stringify(receiver.got.map(({ message }) => message))).not.toContain('nobody is told');
  expect(service.faults).toEqual([]);
});

test('a page is told what was pressed: where to go, and that a call is answered; refusing needs no page', async () => {
  const called = await pages.of(njeri, '/people');
  const caller = await pages.of(ines, `/people/${njeri.id}`);
  const worker = await openPushedPage(called);
  await worker.tellPage({ t: 'liaison.go', path: '/news' });
  await called.waitForURL('**/news');
  const ring = async (): Promise<string> => {
    await caller.getByRole('main').getByRole('button', { name: 'Call', exact: true }).first().click();
    return until('the call', async () => {
      const [row] = await stage.sql('select id from calls.call where ended_at is null');
      return row?.id as string | undefined;
    });
  };
  const ended = (callId: string) =>
    until('the end of the call', async () => {
      const [row] = await stage.sql(
        'select reason, answered_at from calls.call where id = $1 and ended_at is not null',
        [callId],
      );
      return row;
    });
  const first = await ring();
  await called.getByRole('button', { name: 'Refuse' }).first().waitFor();
  await stage.as(njeri, 'POST', `/calls/${first}/decline`);
  await expect.poll(() => ended(first)).toMatchObject({ reason: 'declined', answered_at: null });

  const second = await ring();
  await called.getByRole('button', { name: 'Refuse' }).first().waitFor();
  await worker.tellPage({ t: 'liaison.answer', callId: second });
  await until('the call is answered', async () => {
    const [row] = await stage.sql('select answered_at from calls.call where id = $1', [second]);
    return row?.answered_at !== null;
  });
  // A notification that is pressed late does not hang up what was answered.
  await expect(stage.as(njeri, 'POST', `/calls/${second}/decline`)).rejects.toThrow(/409/);
  await called.getByRole('button', { name: 'Hang up' }).first().click();
  await expect.poll(() => ended(second)).toMatchObject({ reason: 'completed' });
});

test('a press on a notice leads to its place in the page that is there, refuses a call without a page, and answers it in a new one', async () => {
  const receiver = service.subscribe();
  const { endpoint, keys: given } = receiver;
  await stage.as(njeri, 'POST', '/notify/push/subscriptions', { endpoint, keys: given });
  const page = await pages.of(njeri, '/people');
  await grant(page);
  const pushed = await openPushedPage(page);
  const words = { title: 'Port study', body: 'which pier', needsMe: 0 };
  await pushed.deliver({ type: 'test', tag: 'go', path: '/settings/notifications', ...words });
  await pushed.nextShown('go');
  expect(await pushed.press('go')).toEqual([]);
  await page.waitForURL('**/settings/notifications');
  await until('it is gone', async () => (await pushed.shown()).every(({ tag }) => tag !== 'go'));
  // An address of somebody else is none of ours.
  await pushed.deliver({ type: 'test', tag: 'elsewhere', path: '//evil.example/x', ...words });
  await pushed.nextShown('elsewhere');
  await pushed.press('elsewhere');
  await page.waitForURL((url) => url.pathname === '/' || !url.pathname.startsWith('/settings'));
  expect(new URL(page.url()).origin).toBe(stage.url);

  await pushed.leave();
  await until('no page of hers is open', async () => {
    const held = "select from reach.claim where kind = 'connection' and person_id = $1";
    return (await stage.sql(held, [njeri.id])).length === 0;
  });
  const caller = await pages.of(ines, `/people/${njeri.id}`);
  const rung = async (): Promise<string> => {
    const before = receiver.got.length;
    await caller.getByRole('main').getByRole('button', { name: 'Call', exact: true }).first().click();
    const find = () => receiver.got.slice(before).find(({ message }) => message.type === 'call');
    const { message } = await receiver.until(find, 'a call', 60_000);
    await pushed.deliver(message);
    const callId = String(message.callId);
    expect(await pushed.nextShown(callId)).toMatchObject({ actions: ['answer', 'refuse'] });
    return callId;
  };
  const callWhere = (callId: string, holds: string) =>
    until(`a call of which ${holds}`, async () => {
      const [row] = await stage.sql(`select reason from calls.call where id = $1 and ${holds}`, [callId]);
      return row;
    });
  const refused = await rung();
  expect(await pushed.press(refused, 'refuse')).toEqual([]);
  await expect.poll(() => callWhere(refused, 'ended_at is not null')).toEqual({ reason: 'declined' });

  await caller
    .getByText(/Declined/)
    .first()
    .waitFor();
  const answered = await rung();
  const [path] = await pushed.press(answered, 'answer');
  expect(path).toBe(`/phone?call=${answered}`);
  // What the address may not say the page asks the worker for.
  await page.goto(stage.url + path);
  await callWhere(answered, 'answered_at is not null');
  await page.getByRole('button', { name: 'Hang up' }).first().click();
  await expect.poll(() => callWhere(answered, 'ended_at is not null')).toEqual({ reason: 'completed' });
  expect(service.faults).toEqual([]);
});
