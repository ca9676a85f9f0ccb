import { openChromium, openPages, type PeoplesPages } from '@liaison/tests/chromium';
import { type Actor, openStage, type Stage } from '@liaison/tests/stage';
import { axeFaults } from '@liaison/ui/testing';
import { expectAccessible } from '@liaison/ui/testing/expect';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

let stage: Stage;
let browser: Browser;
let ines: Actor;
let njeri: Actor;
let claire: Actor;
let pages: PeoplesPages;
let conversationId: string;

beforeAll(async () => {
  stage = await openStage({ people: 3 });
  [ines, njeri, claire] = stage.actors as [Actor, Actor, Actor];
  browser = await openChromium();
  pages = openPages(browser, stage.url);
  await stage.as(njeri, 'PATCH', `/people/${njeri.id}`, {
    numbers: [{ number: '+254 711 000 001', label: 'mobile' }],
  });
  const team = (await stage.as(ines, 'POST', '/teams', {
    kind: 'team',
    name: 'Port study',
    memberIds: [njeri.id, claire.id],
  })) as { id: string };
  const theirs = async () =>
    (
      (await stage.as(ines, 'GET', '/chat/conversations')) as { rows: { id: string; spaceId: string }[] }
    ).rows.find(({ spaceId }) => spaceId === team.id)?.id;
  conversationId = await vi.waitFor(
    async () => {
      const id = await theirs();
      if (!id) throw new Error('the team has no conversation yet');
      return id;
    },
    { timeout: 10_000 },
  );
}, 240_000);
afterEach(async () => {
  expect(await pages.close()).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

const say = (who: Actor, body: string): Promise<unknown> =>
  stage.as(who, 'POST', `/chat/conversations/${conversationId}/messages`, {
    clientKey: crypto.randomUUID(),
    body,
  });
const chip = (page: Page, name: RegExp) => page.locator('main').getByRole('button', { name }).last();
/** An open menu floats beside the landmarks of its page, and its library puts something focusable before its items: so do all here. */
const faultsBesideMenu = async (page: Page): Promise<string[]> =>
  (await axeFaults(page)).filter(
    (fault) => !/^region: |^aria-required-children: .*\brole="menu"/.test(fault),
  );
const inMenu = 'document.activeElement?.closest("[role=menu]") != null';
const item = (page: Page, name: string) => page.getByRole('menuitem', { name, exact: true });

test('a number in an odd spelling is the colleague whose it is, and rings her', async () => {
  const hers = await pages.of(njeri, '/chat');
  const his = await pages.of(ines, `/chat/${conversationId}`);
  // Written by Njeri as it is dialled in Nairobi, and by Inês from abroad.
  await say(njeri, 'I am on 0711-000.001 until **six**, room 204, 23/11/2026');
  const chipOfNjeri = chip(his, /^Njeri Wambuto, free.*\+254/);
  await chipOfNjeri.waitFor();
  await expectAccessible(his);
  await say(ines, 'or [her](tel:+254711000001), or 00 254 (0)711 000 001');
  await expect
    .poll(() =>
      his
        .locator('main')
        .getByRole('button', { name: /^Njeri Wambuto, free.*\+254/ })
        .count(),
    )
    .toBe(2);
  // What Inês called her stays.
  await expect.poll(() => chip(his, /^her, Njeri Wambuto, free.*\+254/).textContent()).toBe('her');
  // The keyboard alone opens the menu and rings.
  await chipOfNjeri.focus();
  await his.keyboard.press('Enter');
  await item(his, 'Call Njeri Wambuto').waitFor();
  expect(await faultsBesideMenu(his)).toEqual([]);
  await his.keyboard.press('Escape');
  await expect.poll(() => chipOfNjeri.evaluate((it) => it === document.activeElement)).toBe(true);
  await his.keyboard.press('Enter');
  await item(his, 'Call Njeri Wambuto').waitFor();
  // A menu is seen before it has the keys.
  await expect.poll(() => his.evaluate<boolean>(inMenu)).toBe(true);
  await his.keyboard.press('ArrowDown');
  await expect
    .poll(() => item(his, 'Call Njeri Wambuto').evaluate((it) => it === document.activeElement))
    .toBe(true);
  await his.keyboard.press('Enter');
  await hers.getByRole('button', { name: 'Refuse', exact: true }).waitFor();
  // Her state is on the chip while it rings.
  await chip(his, /^Njeri Wambuto, ringing/).waitFor();
  await hers.getByRole('button', { name: 'Refuse', exact: true }).click();
  await chip(his, /^Njeri Wambuto, free/).waitFor();
});

test('a card of one’s own book names a number for oneself alone, at once; on a telephone too', async () => {
  await say(claire, 'The pilots answer on +33 4 91 22 33 44, ext. 12, at all hours.');
  const size = { width: 390, height: 844 };
  const his = await pages.of(ines, `/chat/${conversationId}`, size);
  const hers = await pages.of(njeri, `/chat/${conversationId}`);
  const plain = /^\+33 4 91 22 33 44, extension 12$/;
  await chip(his, plain).waitFor();
  const { rows } = (await stage.as(ines, 'GET', '/contacts/books')) as {
    rows: { id: string; kind: string }[];
  };
  const own = rows.find(({ kind }) => kind === 'personal');
  await stage.as(ines, 'POST', `/contacts/books/${own?.id}/cards`, {
    name: 'Pilot station',
    numbers: [{ label: 'work', number: '+33 4 91 22 33 44' }],
  });
  await chip(his, /^Pilot station, \+33 4 91 22 33 44/).click();
  await item(his, 'Call Pilot station').waitFor();
  expect(await faultsBesideMenu(his)).toEqual([]);
  const overflow = await his.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  await item(his, 'Open Pilot station').click();
  await his.getByRole('heading', { name: 'Pilot station' }).first().waitFor();
  // Njeri, whose books do not name it, may make a card of it.
  await chip(hers, plain).click();
  await hers.getByRole('menuitem', { name: /^Call \+33/ }).waitFor();
  await item(hers, 'New contact').click();
  await expect
    .poll(() => hers.getByRole('textbox', { name: 'Telephone number', exact: true }).inputValue())
    .toContain('+33491223344');
});
