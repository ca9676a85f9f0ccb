import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFaults } from '../testing/axe.ts';
import { type GalleryServer, startGallery } from './gallery-server.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

let gallery: GalleryServer;
let browser: Browser;

beforeAll(async () => {
  gallery = await startGallery();
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await gallery?.close();
});

/** Opens a page of the gallery; `troubles` gathers errors and refusals by the content security policy. */
async function open(page: string, size: { width: number; height: number }, colorScheme: 'light' | 'dark') {
  const context = await browser.newContext({ viewport: size, colorScheme, reducedMotion: 'reduce' });
  const tab = await context.newPage();
  const troubles: string[] = [];
  tab.on('pageerror', (error) => troubles.push(error.message));
  tab.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text());
  });
  await tab.goto(`${gallery.url}?page=${page}`, { waitUntil: 'networkidle' });
  return { tab, troubles, close: () => context.close() };
}

/** A loaded machine draws late. */
const patience = { timeout: 10_000 };

const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };

test.each([
  ['parts', 'wide', 'light'],
  ['parts', 'narrow', 'dark'],
  ['chat', 'wide', 'dark'],
  ['chat', 'narrow', 'light'],
  ['call', 'wide', 'light'],
  ['call', 'narrow', 'dark'],
  ['find', 'wide', 'dark'],
  ['refusal', 'wide', 'light'],
] as const)(
  '%s (%s, %s) has no fault that axe finds, under the strict policy',
  async (page, width, scheme) => {
    const size = width === 'wide' ? wide : narrow;
    const { tab, troubles, close } = await open(page, size, scheme);
    expect(await axeFaults(tab)).toEqual([]);
    expect(troubles).toEqual([]);
    const overflow = await tab.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
    await close();
  },
);

test('targets on a telephone are 44 px', async () => {
  const { tab, close } = await open('chat', narrow, 'light');
  const small = await tab.evaluate(() => {
    const reach = (element: Element) => {
      const box = element.getBoundingClientRect();
      const after = getComputedStyle(element, '::after');
      const grown = after.content === 'none' ? 0 : -Number.parseFloat(after.top) * 2;
      return { height: box.height + (Number.isFinite(grown) ? grown : 0), width: box.width };
    };
    return [...document.querySelectorAll('button, a[href]')]
      .filter((element) => element.checkVisibility() && !element.closest('p, [class*="text"]'))
      .filter((element) => element.getBoundingClientRect().top >= 0)
      .filter((element) => reach(element).height < 43.5)
      .map((element) => element.outerHTML.slice(0, 140));
  });
  expect(small).toEqual([]);
  await close();
});

test('the line keeps its element and its focus below a dialog of the palette', async () => {
  const { tab, close } = await open('find', wide, 'light');
  const field = tab.getByRole('combobox');
  await expect
    .poll(() => field.evaluate((element) => element === document.activeElement), patience)
    .toBe(true);
  await tab.keyboard.press('ArrowDown');
  await expect
    .poll(() => tab.getByRole('option', { selected: true }).textContent(), patience)
    .toContain('Joaquín Salvatierra');
  // The line lies above the palette: a call can be ended from there.
  const above = await tab.getByRole('region', { name: 'Line' }).evaluate((line) => {
    const box = line.getBoundingClientRect();
    return line.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
  });
  expect(above).toBe(true);
  await tab.keyboard.press('Escape');
  await expect.poll(() => tab.getByRole('combobox').count(), patience).toBe(0);
  await close();
});

test('a chip opens its card on hover and closes it on Escape', async () => {
  const { tab, close } = await open('parts', wide, 'light');
  const chip = tab.getByRole('button', { name: /^Claire Aubrieux, .*do not disturb until 15:00$/ });
  await chip.hover();
  const card = tab.getByRole('group', { name: 'Claire Aubrieux, do not disturb until 15:00' });
  await card.waitFor();
  await expect.poll(() => card.getByRole('button').allTextContents(), patience).toContain('Call');
  await chip.focus();
  await tab.keyboard.press('Escape');
  await card.waitFor({ state: 'detached' });
  await close();
});

test('a menu has the keys as soon as it is opened, and gives them back', async () => {
  const { tab, troubles, close } = await open('parts', wide, 'light');
  await tab.emulateMedia({ reducedMotion: 'no-preference' });
  const button = tab.getByRole('button', { name: 'A menu', exact: true });
  await button.focus();
  // Nothing is waited for between the keys: so fast are people.
  for (const key of ['Enter', 'ArrowDown', 'ArrowDown', 'Enter']) await tab.keyboard.press(key);
  await tab.getByText('Sorted by date').waitFor();
  const hasFocus = () => button.evaluate((element) => element === document.activeElement);
  expect(await hasFocus()).toBe(true);
  for (const key of ['Enter', 'ArrowUp']) await tab.keyboard.press(key);
  const last = tab.getByRole('menuitem', { name: 'Delete' });
  expect(await last.evaluate((element) => element === document.activeElement)).toBe(true);
  await tab.keyboard.press('Escape');
  expect(await hasFocus()).toBe(true);
  await expect.poll(() => tab.getByRole('menu').count()).toBe(0);
  // Tab leaves the menu for what comes after the button.
  for (const key of ['Enter', 'ArrowDown', 'Tab']) await tab.keyboard.press(key);
  await expect.poll(() => tab.getByRole('menu').count()).toBe(0);
  expect(await hasFocus()).toBe(false);
  expect(await tab.evaluate('document.activeElement === document.body')).toBe(false);
  await tab.keyboard.press('Shift+Tab');
  expect(await hasFocus()).toBe(true);
  expect(troubles).toEqual([]);
  await close();
});

test('a page that becomes narrow, and wide again, is never without its title and its main part', async () => {
  const context = await browser.newContext({ viewport: wide, reducedMotion: 'reduce' });
  const tab = await context.newPage();
  // A page of the same origin and without a policy, so that the gallery can be put into it.
  const around = new URL('/around', gallery.url).href;
  await tab.route(around, (route) => route.fulfill({ contentType: 'text/html', body: '<body></body>' }));
  await tab.goto(around);
  const looks = await tab.evaluate(async () => {
    const frame = document.createElement('iframe');
    frame.src = '/?page=chat-list';
    document.body.replaceChildren(frame);
    frame.style.cssText = 'width:1100px;height:700px';
    const drawn = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    const look = () => {
      const seen = (selector: string) =>
        [...(frame.contentDocument?.querySelectorAll(selector) ?? [])].filter((each) =>
          each.checkVisibility(),
        ).length;
      return `${seen('h1')} h1, ${seen('main, [role=main]')} main`;
    };
    for (const end = performance.now() + 20_000; look() !== '1 h1, 1 main' && performance.now() < end; )
      await drawn();
    const seen: string[] = [];
    for (const width of ['390px', '1100px', '390px']) {
      frame.style.width = width;
      // Before the page itself has heard of it, and after.
      seen.push(look());
      await drawn();
      seen.push(look());
    }
    return seen;
  });
  expect(looks).toEqual(Array(6).fill('1 h1, 1 main'));
  await context.close();
});

test('between the sizes the list is a drawer and the side closes', async () => {
  const { tab, close } = await open('chat', { width: 900, height: 800 }, 'light');
  await expect.poll(() => tab.getByRole('complementary', { name: 'Chat' }).isVisible()).toBe(false);
  await expect.poll(() => tab.getByRole('complementary', { name: 'Thread' }).isVisible()).toBe(false);
  await tab.getByRole('button', { name: 'Show the list' }).click();
  await tab.getByRole('complementary', { name: 'Chat' }).waitFor();
  await tab.keyboard.press('Escape');
  await expect.poll(() => tab.getByRole('complementary', { name: 'Chat' }).isVisible(), patience).toBe(false);
  await tab
    .getByRole('button', { name: /3 replies/ })
    .first()
    .click();
  await tab.getByRole('complementary', { name: 'Thread' }).waitFor();
  await close();
});
