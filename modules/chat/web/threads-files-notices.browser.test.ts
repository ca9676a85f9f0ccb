import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Conversation } from '../contract/index.ts';
import { type ChatTab, until } from './testing/chat-page.ts';
import type { Actor } from './testing/stage.ts';
import { openTwoInConversation, type TwoInConversation } from './testing/two-in-conversation.ts';

let two: TwoInConversation;
let { stage, ines, njeri, team, direct, profile, tab, say, messagesOf } = {} as TwoInConversation;

beforeAll(async () => {
  two = await openTwoInConversation('Port study');
  ({ stage, ines, njeri, team, direct, profile, tab, say, messagesOf } = two);
}, 180_000);
afterEach(() => two.endTest());
afterAll(() => two?.close());

const picture = [
  ...Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
];
const composer = (page: Page) => page.getByRole('textbox', { name: /^Message / });
async function inDirect(who: Actor): Promise<ChatTab> {
  const opened = await tab(await profile(who, { serviceWorkers: 'block' }), `/chat/${direct.id}`);
  await composer(opened.page).waitFor();
  return opened;
}
const row = (page: Page, text: string) => page.locator('main [data-key]').filter({ hasText: text }).last();

test('a mention in a thread leads to the thread and the message, from the list and from the conversation', async () => {
  const root = await say(ines, team, 'Where does the gauge stand');
  for (let at = 1; at <= 70; at += 1) await say(ines, team, `measured ${at}`, root.id);
  const { page } = await tab(await profile(njeri), `/chat/${direct.id}`);
  await composer(page).waitFor();
  const reply = await say(ines, team, `@[${njeri.name}](person:${njeri.id}) which pier`, root.id);
  for (let at = 71; at <= 140; at += 1) await say(ines, team, `measured ${at}`, root.id);
  await page.getByRole('button', { name: 'Mentions 1' }).click();
  await page.getByRole('link', { name: /^Port study/ }).click();
  const thread = page.getByRole('complementary', { name: 'Thread' });
  await thread.locator('[data-marked]').getByText('which pier').waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('m')).toBe(String(reply.seq));
  // Reading the conversation does not make one miss what was said in its thread.
  await say(ines, team, `@[${njeri.name}](person:${njeri.id}) and the buoys`, root.id);
  await page.goto(`${stage.url}/chat/${team.id}`);
  await page.getByRole('button', { name: /^You are named in a thread/ }).click();
  await thread.locator('[data-marked]').waitFor();
});

test('whoever manages the team may remove what others said, asked first, and it is shown as theirs', async () => {
  const a = await tab(await profile(ines), `/chat/${team.id}`);
  const b = await tab(await profile(njeri), `/chat/${team.id}`);
  await composer(a.page).waitFor();
  await composer(b.page).waitFor();
  await b.say('this should not stand here');
  await a.sees('this should not stand here');
  await a.say('this may stand');
  await b.sees('this may stand');
  await row(b.page, 'this may stand').hover();
  await row(b.page, 'this may stand').getByRole('button', { name: 'More for this message' }).click();
  await b.page.getByRole('menuitem', { name: 'Copy the text' }).waitFor();
  expect(await b.page.getByRole('menuitem', { name: 'Delete' }).count()).toBe(0);
  await row(a.page, 'should not stand').hover();
  await row(a.page, 'should not stand').getByRole('button', { name: 'More for this message' }).click();
  await a.page.getByRole('menuitem', { name: 'Delete' }).click();
  await a.page.getByRole('alertdialog').getByText(njeri.name).waitFor();
  await a.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await b.sees(`${ines.name} removed this message.`);
});

const choose = (page: Page, name: string) =>
  page
    .locator('main input[type=file]')
    .setInputFiles({ name, mimeType: 'image/png', buffer: Buffer.from([...picture]) });

test('a chosen file survives a reload while it is on its way, and is sent once', async () => {
  const context = await profile(ines, { serviceWorkers: 'block' });
  let held = true;
  await context.route('**/attachments?*', (route) => (held ? undefined : route.fallback()));
  const { page } = await tab(context, `/chat/${direct.id}`);
  await composer(page).waitFor();
  await choose(page, 'tide.png');
  await page.getByRole('progressbar', { name: 'tide.png' }).waitFor();
  // The bytes are written beside the upload.
  await until(() => kept(page), 'it is kept on the device');
  held = false;
  await page.reload();
  await page.getByText('tide.png').waitFor();
  await until(
    async () => (await page.getByRole('progressbar', { name: 'tide.png' }).count()) === 0,
    'it is on the server',
  );
  await composer(page).fill('the tide');
  await composer(page).press('Enter');
  await page.getByRole('button', { name: 'Show tide.png' }).waitFor();
  await until(async () => (await page.locator('[data-unsent]').count()) === 0, 'it is sent');
  const sent = (await messagesOf(direct)).filter((each) => each.body === 'the tide');
  expect(sent.map((each) => each.attachments.map((file) => file.name))).toEqual([['tide.png']]);
});

test('a message with a file that is written offline waits over a reload, holds its place, and is sent once', async () => {
  const context = await profile(ines, { serviceWorkers: 'block' });
  let away = false;
  await context.route('**/api/**', (route) => (away ? route.abort() : route.fallback()));
  await context.routeWebSocket('**/api/v1/live', (socket) => {
    if (away) void socket.close();
    else socket.connectToServer();
  });
  const { page } = await tab(context, `/chat/${direct.id}`);
  await composer(page).waitFor();
  away = true;
  await choose(page, 'pier.png');
  await page.getByText(/waits for the connection/).waitFor();
  await composer(page).fill('the pier');
  await composer(page).press('Enter');
  await composer(page).fill('and what I think of it');
  await composer(page).press('Enter');
  await page.getByText('and what I think of it').waitFor();
  await until(() => kept(page), 'it is kept on the device');
  await page.reload();
  await page.getByText('and what I think of it').waitFor();
  await page.getByText('pier.png').waitFor();
  away = false;
  await page.getByRole('button', { name: 'Show pier.png' }).waitFor();
  await until(async () => (await page.locator('[data-unsent]').count()) === 0, 'nothing waits');
  const sent = (await messagesOf(direct)).slice(-2);
  expect(sent.map((each) => [each.body, each.attachments.length])).toEqual([
    ['the pier', 1],
    ['and what I think of it', 0],
  ]);
});

test('a pasted picture goes with the message; an upload shows how far it is and can be stopped', async () => {
  const { page } = await inDirect(njeri);
  const paste = (name: string) =>
    composer(page).evaluate(
      (field, [data, named]) => {
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([new Uint8Array(data)], named, { type: 'image/png' }));
        field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
      },
      [picture, name] as const,
    );
  await paste('pasted.png');
  await page.getByText('pasted.png').waitFor();
  await composer(page).press('Enter');
  await page.getByRole('button', { name: 'Show pasted.png' }).waitFor();

  await page.route('**/attachments?*', () => undefined);
  await paste('stopped.png');
  await page.getByRole('progressbar', { name: 'stopped.png' }).waitFor();
  const [broken] = await Promise.all([
    page.waitForEvent('requestfailed', (request) => request.url().includes('stopped.png')),
    page.getByRole('button', { name: /stopped\.png/ }).click(),
  ]);
  expect(broken.failure()?.errorText).toContain('ABORTED');
  await expect.poll(() => page.getByText('stopped.png').count()).toBe(0);
});

test('what is sent is a file of the space: shown in Files, removed there its message says so, until it is back', async () => {
  const a = await tab(await profile(ines, { serviceWorkers: 'block' }), `/chat/${team.id}`);
  const b = await tab(await profile(njeri, { serviceWorkers: 'block' }), `/chat/${team.id}`);
  await composer(b.page).waitFor();
  await composer(a.page).waitFor();
  await b.page
    .locator('main input[type=file]')
    .setInputFiles({ name: 'gauge.txt', mimeType: 'text/plain', buffer: Buffer.from('nine metres') });
  await composer(b.page).fill('what the gauge says');
  await composer(b.page).press('Enter');
  await a.page.getByRole('link', { name: 'Show gauge.txt in Files' }).click();
  await a.page.getByText('nine metres').waitFor();
  await a.page.keyboard.press('Escape');
  await a.page.getByRole('heading', { name: 'Chat' }).waitFor();
  await a.page.getByRole('button', { name: 'More for gauge.txt', exact: true }).click();
  await a.page.getByRole('menuitem', { name: 'Put into the trash' }).click();
  const said = row(b.page, 'what the gauge says');
  await said.getByText('Removed in Files').waitFor();
  expect(await said.getByRole('link', { name: /gauge\.txt/ }).count()).toBe(0);
  await a.page.getByRole('button', { name: 'Undo' }).click();
  await said.getByRole('link', { name: 'Show gauge.txt in Files' }).waitFor();
});

test('notices: asked for after the first message, shown while hidden, lead to it, none for what is read elsewhere', async () => {
  const context = await profile(njeri);
  // What the browser shows lies outside the page: what is asked of it is kept, and it says yes.
  await context.addInitScript(() => {
    const shown: { title: string; closed: boolean; onclick: (() => void) | null }[] = [];
    class Recorded {
      static permission = 'default';
      static async requestPermission() {
        Recorded.permission = 'granted';
        return 'granted';
      }
      title: string;
      closed = false;
      onclick: (() => void) | null = null;
      constructor(title: string) {
        this.title = title;
        shown.push(this);
      }
      close() {
        this.closed = true;
      }
    }
    Object.assign(window, { Notification: Recorded, shownNotices: shown });
  });
  const { page, say: write } = await tab(context, `/chat/${team.id}`);
  await composer(page).waitFor();
  expect(await page.getByRole('button', { name: 'Yes, tell me' }).count()).toBe(0);
  await write('good morning');
  await page.getByRole('button', { name: 'Yes, tell me' }).click();
  await until(async () => (await page.getByRole('button', { name: 'Yes, tell me' }).count()) === 0, 'chosen');
  const notices = () =>
    page.evaluate(() =>
      (window as unknown as { shownNotices: { title: string; closed: boolean }[] }).shownNotices.map(
        ({ title, closed }) => `${title}${closed ? ', closed' : ''}`,
      ),
    );
  await say(ines, direct, 'while you look');
  await page.getByRole('link', { name: /Inês.*while you look/s }).waitFor();
  expect(await notices()).toEqual([]);
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const message = await say(ines, direct, 'while you are away');
  await until(async () => (await notices()).length === 1, 'one notice');
  expect(await notices()).toEqual([ines.name]);
  await page.evaluate(() =>
    (window as unknown as { shownNotices: { onclick: () => void }[] }).shownNotices[0]!.onclick(),
  );
  await page.locator('main [data-marked]').getByText('while you are away').waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('m')).toBe(String(message.seq));
  // Another page of hers has it in view: its read mark arrives before the notice would.
  const { page: beside } = await inDirect(njeri);
  await say(ines, direct, 'seen on the other page');
  await beside.locator('main').getByText('seen on the other page').waitFor();
  await until(async () => {
    const { rows } = (await stage.as(njeri, 'GET', '/chat/conversations')) as { rows: Conversation[] };
    return rows.find((each) => each.id === direct.id)?.unread === 0;
  }, 'it is read');
  await until(async () => (await notices()).every((each) => each.endsWith(', closed')), 'no notice stands');
});

test('a hidden page says nothing of what is never to be told, and nothing in quiet hours', async () => {
  const context = await profile(njeri);
  await context.addInitScript(() => {
    const shown: string[] = [];
    class Recorded {
      static permission = 'granted';
      constructor(_title: string, { body }: NotificationOptions) {
        shown.push(body ?? '');
      }
      close() {}
    }
    Object.assign(window, { Notification: Recorded, shownNotices: shown });
    localStorage.setItem('liaison.chat.notify', 'on');
  });
  const { page } = await tab(context, '/chat');
  await page.getByRole('complementary', { name: 'Chat' }).getByRole('link', { name: /^Inês/ }).waitFor();
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const hear = async (conversation: Conversation, body: string): Promise<unknown> => {
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().includes('/notify/may-tell')),
      say(ines, conversation, body),
    ]);
    return answer.json();
  };
  const mention = (text: string) => `@[${njeri.name}](person:${njeri.id}) ${text}`;
  const chooseDirect = (when: string | null) =>
    stage.as(njeri, 'PUT', '/notify/preferences/kinds/chat.direct-message', { when });
  type Times = { readonly quiet: object };
  const { times } = (await stage.as(njeri, 'GET', '/notify/preferences')) as { times: Times };
  const quiet = { ...times.quiet, on: true, from: '00:00', until: '00:00' };

  await chooseDirect('never');
  expect(await hear(direct, 'never to be told')).toEqual({ may: false });
  expect(await hear(team, mention('named'))).toEqual({ may: true });
  await stage.as(njeri, 'PUT', '/notify/preferences/times', { ...times, quiet });
  expect(await hear(team, mention('in quiet hours'))).toEqual({ may: false });
  await stage.as(njeri, 'PUT', '/notify/preferences/times', times);
  await chooseDirect(null);
  expect(await hear(direct, 'told again')).toEqual({ may: true });
  const notices = () =>
    page.evaluate(() => (window as unknown as { shownNotices: readonly string[] }).shownNotices);
  await until(async () => (await notices()).includes('told again'), 'the last one');
  expect(await notices()).toEqual([`${njeri.name} named`, 'told again']);
});

test('a team is made with its members, and its conversation opens', async () => {
  const { page } = await tab(await profile(ines), '/chat');
  await page
    .getByRole('complementary', { name: 'Chat' })
    .getByRole('button', { name: 'New conversation' })
    .click();
  const form = page.getByRole('dialog');
  await form.getByText('A new team').click();
  await form.getByRole('button', { name: 'Create the team' }).click();
  const name = form.getByRole('textbox', { name: 'Name of the team' });
  expect(await name.evaluate((field) => (field as HTMLInputElement).validity.valueMissing)).toBe(true);
  await name.fill('Buoys of the north');
  await form.getByRole('textbox', { name: 'Who is in it' }).fill('njeri');
  await form.getByRole('checkbox', { name: njeri.name }).check();
  await form.getByRole('button', { name: 'Create the team' }).click();
  await page.getByRole('heading', { name: 'Buoys of the north' }).waitFor();
  await page.getByRole('main').getByText('2 people').waitFor();
  await composer(page).waitFor();
});

test('calls of two people stand between their messages', async () => {
  const before = (await messagesOf(direct)).at(-1)!;
  await stage.sql(
    `insert into calls.call (id, org_id, home_site, caller_person_id, callee_person_id, dialled, started_at, ended_at, reason, missed)
     select gen_random_uuid(), org_id, home_site, $2, $3, 'x', now(), now() + interval '24 seconds', 'no-answer', true
     from chat.conversation where id = $1`,
    [direct.id, ines.id, njeri.id],
  );
  await say(ines, direct, 'I tried to reach you');
  const { page } = await inDirect(njeri);
  await row(page, 'I tried to reach you').getByText(`${ines.name} called you`).waitFor();
  await row(page, 'I tried to reach you')
    .getByText(/Missed/)
    .waitFor();
  await expect.poll(() => page.getByText(`${ines.name} called you`).count()).toBe(1);
  expect(before.seq).toBeGreaterThan(0);
});

/** Whether all files that wait here are in the page's storage. */
const kept = (page: Page): Promise<boolean> =>
  page.evaluate(
    () =>
      new Promise<boolean>((resolve, reject) => {
        const request = indexedDB.open('liaison.chat');
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const count = request.result.transaction('files').objectStore('files').count();
          count.onsuccess = () => {
            request.result.close();
            resolve(count.result > 0);
          };
        };
      }),
  );
