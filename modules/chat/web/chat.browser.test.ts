import { readFile } from 'node:fs/promises';
import { expectAccessible } from '@liaison/ui/testing/expect';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from './testing/chat-page.ts';
import { openTwoInConversation, type TwoInConversation } from './testing/two-in-conversation.ts';

let two: TwoInConversation;
let { stage, ines, njeri, team, direct, profile, tab, both, messagesOf } = {} as TwoInConversation;

beforeAll(async () => {
  two = await openTwoInConversation('Port study, Leixal', 5);
  ({ stage, ines, njeri, team, direct, profile, tab, both, messagesOf } = two);
}, 180_000);
afterEach(() => two.endTest());
afterAll(() => two?.close());

const row = (page: Page, text: string) => page.locator('main [data-key]').filter({ hasText: text }).last();
const verb = async (page: Page, text: string, name: string): Promise<void> => {
  await row(page, text).hover();
  await row(page, text).getByRole('button', { name }).click();
};

test('two people write at once and see the same order; one sees the other write', async () => {
  const [a, b] = await both(direct);
  const writing = b.page.getByRole('textbox', { name: /^Message / });
  // Told to who is there, and to nobody later: she may write before the other page listens.
  await until(async () => {
    await writing.pressSequentially('I am ');
    return a.page.getByText('Njeri is writing').isVisible();
  }, 'one sees the other write');
  await writing.fill('');
  for (let at = 1; at <= 6; at += 1) await Promise.all([a.say(`from Inês ${at}`), b.say(`from Njeri ${at}`)]);
  await until(
    async () => (await a.texts()).length >= 12 && (await b.texts()).length >= 12,
    'all have arrived',
  );
  const bodies = (await messagesOf(direct)).map((message) => message.body);
  expect(new Set(bodies).size).toBe(12);
  // What is not yet confirmed stands last on its own page.
  for (const each of [a, b]) await expect.poll(() => each.texts()).toEqual(bodies);
});

test('edit, history, delete, react and reply are seen by the other at once', async () => {
  const [a, b] = await both(team);
  await a.say('The gauge was moved 40 m **downstream**');
  await b.sees('downstream');
  await a.page.getByRole('textbox', { name: /^Message / }).press('ArrowUp');
  const editor = a.page.getByRole('textbox', { name: 'Edit the message' });
  await until(
    async () => (await editor.inputValue()).includes('downstream'),
    'the words to change are there',
  );
  await editor.fill('The gauge was moved 40 m **upstream**');
  await editor.press('Enter');
  await b.sees('upstream');
  await verb(b.page, 'upstream', 'More for this message');
  await b.page.getByRole('menuitem', { name: 'What it was before' }).click();
  await b.page.getByRole('dialog').getByText('downstream').waitFor();
  await b.page.keyboard.press('Escape');

  await verb(b.page, 'upstream', 'React');
  await b.page.getByRole('button', { name: 'Agreed' }).click();
  await row(a.page, 'upstream').getByRole('button', { name: 'Agreed, 1' }).waitFor();
  await row(a.page, 'upstream').getByRole('button', { name: 'Agreed, 1' }).click();
  await row(b.page, 'upstream').getByRole('button', { name: 'Agreed, 2' }).waitFor();

  await verb(b.page, 'upstream', 'Reply in a thread');
  await b.say('I wrote it up', 'Reply');
  await row(a.page, 'upstream')
    .getByRole('button', { name: /1 reply/ })
    .click();
  await a.page.getByRole('complementary', { name: 'Thread' }).getByText('I wrote it up').waitFor();
  await a.say('Thank you', 'Reply');
  await b.page.getByRole('complementary', { name: 'Thread' }).getByText('Thank you').waitFor();
  await expectAccessible(a.page);

  await a.page.getByRole('button', { name: 'Close' }).click();
  await a.say('to be taken back');
  await b.sees('to be taken back');
  await verb(a.page, 'to be taken back', 'More for this message');
  await a.page.getByRole('menuitem', { name: 'Delete' }).click();
  await a.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await b.sees('This message was deleted.');
  expect((await b.texts()).join()).not.toContain('to be taken back');
});

test('emoji are written by their shortcodes, chosen by keyboard or with a press, and stay words in code', async () => {
  const { page, sees } = await tab(await profile(ines), `/chat/${team.id}`);
  const field = page.getByRole('textbox', { name: /^Message / });
  const list = page.getByRole('listbox', { name: 'Emoji' });
  await field.pressSequentially('Well :tad');
  await list.getByRole('option', { name: ':tada:', selected: true }).waitFor();
  await expectAccessible(page);
  await field.press('Enter');
  await field.pressSequentially('and :hear');
  await list.getByRole('option', { name: ':heart:', exact: true }).click();
  await field.pressSequentially(':rocket');
  await list.waitFor();
  await field.press('Escape');
  await list.waitFor({ state: 'detached' });
  await field.pressSequentially(': done');
  await expect.poll(() => field.inputValue()).toBe('Well 🎉 and ❤️ 🚀 done');
  await field.press('Enter');
  await sees('Well 🎉 and ❤️ 🚀 done');
  await field.fill('run `:x:` :+1:');
  await field.press('Enter');
  const sent = row(page, 'run ');
  await sent.getByText('👍').waitFor();
  await expect.poll(() => sent.locator('code').textContent()).toBe(':x:');
});

test('a mention is completed by keyboard, drawn as a person, and counted', async () => {
  const a = await tab(await profile(ines), `/chat/${team.id}`);
  const b = await tab(await profile(njeri), `/chat/${direct.id}`);
  await b.page.getByRole('textbox', { name: /^Message / }).waitFor();
  const field = a.page.getByRole('textbox', { name: /^Message / });
  await field.pressSequentially('Ask @wam');
  await a.page.getByRole('option', { name: /Njeri Wambuto/ }).waitFor();
  await expectAccessible(a.page);
  await field.press('Enter');
  await field.pressSequentially('please');
  await field.press('Enter');
  await row(a.page, 'please').getByText('Njeri Wambuto').waitFor();
  await b.page.getByRole('button', { name: 'Mentions 1' }).click();
  await b.page
    .getByRole('complementary', { name: 'Chat' })
    .getByRole('link', { name: /Port study/ })
    .click();
  await row(b.page, 'please').locator('[data-you]').waitFor();
  await b.page.getByRole('button', { name: 'Mentions', exact: true }).waitFor();
});

test('whoever chooses to write to somebody types at once', async () => {
  const { page } = await tab(await profile(ines), `/people/${njeri.id}`);
  await page.getByRole('main').getByRole('button', { name: 'Chat', exact: true }).first().click();
  const field = page.getByRole('textbox', { name: 'Message Njeri Wambuto' });
  await field.waitFor();
  await until(
    () => field.evaluate((element) => element === document.activeElement),
    'the field has the focus',
  );
});

test('unread counts are the same on all pages of one person, in the rail and in the title', async () => {
  const context = await profile(njeri);
  const one = await tab(context, '/chat');
  const two = await tab(context, '/people');
  const writer = await tab(await profile(ines), `/chat/${direct.id}`);
  await one.page.getByRole('link', { name: /^Inês/ }).waitFor();
  await writer.say('first');
  await writer.say('second');
  for (const { page } of [one, two]) {
    await until(async () => (await page.title()).startsWith('(2)'), 'two are unread in the title');
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /Chat.*2 unread/ })
      .first()
      .waitFor();
  }
  await one.page.getByRole('button', { name: 'Unread 2' }).waitFor();
  await one.page.getByRole('link', { name: /^Inês.*2 unread/s }).click();
  await one.page.getByText(/^New since/).waitFor();
  for (const { page } of [one, two]) {
    await until(async () => !(await page.title()).startsWith('('), 'nothing is unread in the title');
  }
});

test('files: dropped, sent with progress, a picture is shown with its place kept, others are only saved', async () => {
  const [a, b] = await both(direct);
  const picture = await readFile(
    new URL('../../../apps/web/public/icons/icon-192.png', import.meta.url),
  ).catch(() => null);
  const bytes = [...(picture ?? Buffer.from(onePixel, 'base64'))];
  const transfer = await a.page.evaluateHandle((data) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([new Uint8Array(data)], 'tide.png', { type: 'image/png' }));
    dropped.items.add(new File(['<script>alert(1)</script>'], 'page.html', { type: 'text/html' }));
    return dropped;
  }, bytes);
  const page = a.page.locator('main > div').first();
  await page.dispatchEvent('dragenter', { dataTransfer: transfer });
  await a.page.getByText(/^Drop files/).waitFor();
  await page.dispatchEvent('drop', { dataTransfer: transfer });
  await a.page.getByText('tide.png').waitFor();
  const send = a.page.getByRole('button', { name: 'Send' });
  await until(() => send.isEnabled(), 'the files are there');
  await send.click();
  const shown = b.page.getByRole('button', { name: 'Show tide.png' });
  await shown.waitFor();
  await until(
    () => shown.locator('img').evaluate((image) => (image as HTMLImageElement).naturalWidth > 0),
    'drawn',
  );
  const link = b.page.getByRole('link', { name: 'Download page.html' });
  const [download] = await Promise.all([b.page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toBe('page.html');
  await expectAccessible(b.page);
});

test('what is written offline waits, survives a reload, and is sent once and in order', async () => {
  const context = await profile(ines, { serviceWorkers: 'block' });
  // The page itself can be loaded while the server is away: what is tried here is chat's part, not the offline start.
  let away = false;
  await context.route('**/api/**', (route) => (away ? route.abort() : route.fallback()));
  await context.routeWebSocket('**/api/v1/live', (socket) => {
    if (away) void socket.close();
    else socket.connectToServer();
  });
  const a = await tab(context, `/chat/${direct.id}`);
  const b = await tab(await profile(njeri), `/chat/${direct.id}`);
  await a.page.getByRole('textbox', { name: /^Message / }).waitFor();
  await b.page.getByRole('textbox', { name: /^Message / }).waitFor();
  await context.setOffline(true);
  await a.say('written offline 1');
  await a.say('written offline 2');
  await a.page.getByText('Waiting for the connection').first().waitFor();
  away = true;
  await context.setOffline(false);
  await a.page.reload();
  await a.page.getByText('written offline 2').waitFor();
  away = false;
  await b.sees('written offline 2');
  await until(
    async () => (await a.page.getByText('Waiting for the connection').count()) === 0,
    'nothing waits',
  );
  const rows = await messagesOf(direct);
  expect(rows.map((each) => each.body).filter((body) => body.startsWith('written offline'))).toEqual([
    'written offline 1',
    'written offline 2',
  ]);
  await expect
    .poll(async () => (await a.texts()).slice(-2), { timeout: 10_000 })
    .toEqual(['written offline 1', 'written offline 2']);
});

test('a lost answer is asked for again with the same key', async () => {
  const context = await profile(ines, { serviceWorkers: 'block' });
  const a = await tab(context, `/chat/${direct.id}`);
  await a.page.getByRole('textbox', { name: /^Message / }).waitFor();
  let lost = 0;
  await context.route('**/messages', async (route) => {
    if (route.request().method() !== 'POST' || lost > 0) return route.fallback();
    lost += 1;
    await route.fetch();
    await route.abort();
  });
  await a.say('the answer to this is lost');
  await a.sees('the answer to this is lost');
  await a.say('and this follows');
  await a.sees('and this follows');
  await until(async () => (await a.page.locator('[data-unsent]').count()) === 0, 'all is confirmed');
  const rows = await messagesOf(direct);
  expect(rows.filter((each) => each.body === 'the answer to this is lost')).toHaveLength(1);
  expect(lost).toBe(1);
});

test('a refused message says why, and can be taken back', async () => {
  const context = await profile(ines, { serviceWorkers: 'block' });
  const a = await tab(context, `/chat/${direct.id}`);
  await a.page.getByRole('textbox', { name: /^Message / }).waitFor();
  await context.route('**/messages', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({
          status: 409,
          contentType: 'application/problem+json',
          body: JSON.stringify({ status: 409, code: 'archived', title: 'Closed' }),
        })
      : route.fallback(),
  );
  await a.say('nobody will have this');
  await a.page.getByText(/Not sent\. This conversation is closed/).waitFor();
  await a.page.getByRole('button', { name: 'Discard' }).click();
  await until(async () => !(await a.texts()).includes('nobody will have this'), 'it is gone');
});

test('search finds words here and everywhere, and leads to the message', async () => {
  const a = await tab(await profile(ines), `/chat/${team.id}`);
  await a.page.getByRole('textbox', { name: /^Message / }).waitFor();
  await a.say('The Séries de niveaux are ready');
  await a.page.getByRole('main').getByText('niveaux').waitFor();
  await until(async () => {
    const { rows } = (await stage.as(ines, 'GET', '/chat/search?q=series%20niv')) as { rows: unknown[] };
    return rows.length > 0;
  }, 'it is in the index, a moment after it was sent');
  await a.page.locator('main [data-log]').focus();
  await a.page.keyboard.press('/');
  await a.page.getByRole('searchbox', { name: 'Search here' }).fill('series niv');
  const found = a.page.getByRole('complementary', { name: 'Search here' }).getByRole('link');
  await found.first().waitFor();
  await expectAccessible(a.page);
  await found.first().click();
  await a.page.locator('main [data-marked]').waitFor();
});

test('a telephone shows one pane at a time, with nothing beyond its edge', async () => {
  const cells = (of: string) => `| ${Array.from({ length: 8 }, (_, at) => `${of} ${at}`).join(' | ')} |`;
  const body = `- [x] levels read\n- [ ] report written\n\n${cells('Gauge')}\n${'|--'.repeat(8)}|\n${cells('reading')}`;
  await two.say(ines, team, body);
  for (const scheme of ['light', 'dark'] as const) {
    const context = await profile(ines, { size: { width: 390, height: 844 }, scheme });
    const a = await tab(context, '/chat');
    await a.page.getByRole('link', { name: /Port study/ }).click();
    await a.page.getByRole('textbox', { name: /^Message / }).waitFor();
    await expect
      .poll(() => a.page.getByRole('heading', { name: 'Chat', exact: true }).isVisible())
      .toBe(false);
    const table = a.page.getByRole('group', { name: 'Table' });
    await table.getByRole('columnheader', { name: 'Gauge 7' }).waitFor();
    await expect.poll(() => table.evaluate((box) => box.scrollWidth - box.clientWidth)).toBeGreaterThan(100);
    await a.page.getByRole('img', { name: 'To do:' }).waitFor();
    await expect
      .poll(() => a.page.evaluate('document.documentElement.scrollWidth - window.innerWidth'))
      .toBeLessThanOrEqual(0);
    await expectAccessible(a.page);
    await a.page.getByRole('button', { name: 'Show the list' }).click();
    await a.page.getByRole('main', { name: 'Chat' }).waitFor();
    await expectAccessible(a.page);
  }
});

test('100,000 messages are gone through in both directions, with the place kept and memory bounded', async () => {
  await stage.sql(
    `insert into chat.message (id, org_id, conversation_id, seq, author_id, client_key, body, sent_at)
     select gen_random_uuid(), c.org_id, c.id, c.last_seq + n,
            case when (n / 3) % 2 = 0 then $2::uuid else $3::uuid end, gen_random_uuid(),
            'Reading ' || n || repeat(' of the gauge at **Leixal**, in centimetres', 1 + n % 5),
            now() - interval '1 second' * (100000 - n)
     from chat.conversation c, generate_series(1, 100000) n where c.id = $1`,
    [team.id, ines.id, njeri.id],
  );
  await stage.sql(
    `update chat.conversation c set last_seq = m.seq, last_message_id = m.id, last_at = m.sent_at
     from (select id, seq, sent_at from chat.message where conversation_id = $1 order by seq desc limit 1) m where c.id = $1`,
    [team.id],
  );
  await stage.sql(
    `insert into chat.read_state (org_id, conversation_id, person_id, read_seq)
     select org_id, id, $2, last_seq from chat.conversation where id = $1
     on conflict (conversation_id, person_id) do update set read_seq = excluded.read_seq`,
    [team.id, ines.id],
  );
  const a = await tab(await profile(ines), `/chat/${team.id}`);
  // In the list the same words stand alone until it is known whose they are.
  const last = a.page.getByRole('article').getByText(/^Reading 100000 /);
  await last.waitFor();
  const measured = await a.page.evaluate(goThrough, { pages: 96 });
  process.stdout.write(
    `chat: 100,000 messages, ${measured.seen} passed: frames ${JSON.stringify(measured.frames)}, heap ${measured.heapMb.join(' -> ')} MB, rows at most ${measured.mostRows}\n`,
  );
  expect(measured.broken).toEqual([]);
  expect(measured.mostRows).toBeLessThanOrEqual(260);
  expect(measured.heapMb[1]! - measured.heapMb[0]!).toBeLessThan(80);
  const newest = a.page.getByRole('button', { name: 'To the newest' });
  if (await newest.isVisible()) await newest.click();
  await last.waitFor();
  // A link into the middle.
  const { rows } = (await stage.as(ines, 'GET', `/chat/conversations/${team.id}/messages?limit=1`)) as {
    rows: { seq: number }[];
  };
  await a.page.goto(`${stage.url}/chat/${team.id}?m=${rows[0]!.seq - 50_000}`);
  await a.page.getByText(/^Reading 50000 /).waitFor();
});

/** Runs in the page: scrolls up and down again, and looks at each frame whether rows jump. */
async function goThrough({ pages }: { pages: number }) {
  const view = document.querySelector<HTMLElement>('main [data-log]')!;
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  const task = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  const heap = (): number => {
    (globalThis as { gc?: () => void }).gc?.();
    return Math.round(
      (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize / 1e6,
    );
  };
  const times: number[] = [];
  const broken: string[] = [];
  const seen = new Set<string>();
  let mostRows = 0;
  const before = heap();
  let last = await frame();
  for (const by of [-1, 1]) {
    for (let at = 0; at < pages; at += 1) {
      for (let part = 0; part < 4; part += 1) {
        const rows = [...view.querySelectorAll<HTMLElement>('[data-seq]')];
        mostRows = Math.max(mostRows, rows.length);
        const top = view.getBoundingClientRect().top;
        const held = rows.find((row) => row.getBoundingClientRect().bottom > top + 300);
        const was = held?.getBoundingClientRect().top ?? 0;
        const scrolled = view.scrollTop;
        view.scrollTop += by * 220;
        const moved = view.scrollTop - scrolled;
        // Also between frames: answers arrive there, before the browser has told of the scrolling.
        if (part % 2 === 1) await task();
        else {
          const now = await frame();
          times.push(now - last);
          last = now;
        }
        if (held?.isConnected) {
          const jump = held.getBoundingClientRect().top - (was - moved);
          if (Math.abs(jump) > 2) broken.push(`row ${held.dataset.seq} jumped by ${Math.round(jump)} px`);
        }
        for (const row of rows) seen.add(row.dataset.seq!);
      }
    }
  }
  const sorted = times.toSorted((x, y) => x - y);
  const share = (part: number): number =>
    Math.round(sorted[Math.floor((sorted.length - 1) * part)]! * 10) / 10;
  return {
    seen: seen.size,
    broken,
    mostRows,
    frames: { median: share(0.5), p95: share(0.95), p99: share(0.99), longest: share(1) },
    heapMb: [before, heap()],
  };
}

const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
