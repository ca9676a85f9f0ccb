import { expectAccessible } from '@liaison/ui/testing/expect';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startStandIn } from './testing/stand-in-server.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

let server: Awaited<ReturnType<typeof startStandIn>>;
let browser: Browser;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  server = await startStandIn();
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
  expect(server?.faults).toEqual([]);
});
beforeEach(() => {
  server.takeConnections();
  server.signIn('Inês Carvalhal');
});
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
});

/** A fresh browser; `troubles` gathers what it complains of, refusals by the page's policy among it. */
async function open(path: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
    ...options,
  });
  contexts.push(context);
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    // That is the test's own doing.
    if (message.text().includes('Service Worker registration blocked')) return;
    if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
  });
  await page.goto(`${server.url}${path}`, { waitUntil: 'networkidle' });
  // All may have come before anything of it is drawn.
  await page.getByRole('main').first().waitFor();
  return { page, context, troubles };
}

const isLive = (page: Page) =>
  page
    .getByRole('status')
    .filter({ hasText: /^live$/ })
    .waitFor();

// The modules' pages are looked at in the other two.
test.each([
  [1440, 'dark'],
  [390, 'light'],
] as const)(
  'the shell at %i px, %s: nothing refused by the policy, nothing that axe finds',
  async (width, scheme) => {
    const { page, troubles } = await open('/', { viewport: { width, height: 860 }, colorScheme: scheme });
    expect(page.url()).toBe(`${server.url}/phone`);
    await expect.poll(() => page.title()).toBe('(4) Port study · Liaison');
    await expect.poll(() => page.getAttribute('link[rel=icon]', 'href')).toBe('/icons/mark-new.svg');
    await expect.poll(() => page.getAttribute('html', 'lang')).toBe('en');
    await expectAccessible(page);
    for (const path of ['/me', '/nowhere']) {
      await page.goto(`${server.url}${path}`, { waitUntil: 'networkidle' });
      await expectAccessible(page);
    }
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await expectAccessible(page, 'its palette');
    expect(troubles).toEqual([]);
  },
);

test('keys: sequences go places, letters in a text stay letters, ? lists them', async () => {
  const { page } = await open('/');
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page.waitForURL('**/chat');
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keys' });
  await help.getByText('Go to People').waitFor();
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'detached' });
  await page.getByLabel('Words').fill('');
  await page.getByLabel('Words').pressSequentially('gp?');
  await expect.poll(() => page.getByLabel('Words').inputValue()).toBe('gp?');
  expect(page.url()).toContain('/chat');
});

test('the palette finds places without their accents, and Enter goes there', async () => {
  const { page } = await open('/');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('CALÉN');
  // At once, while what stood there for nothing typed may still be shown: Enter is for what was typed.
  await page.keyboard.press('Enter');
  await page.waitForURL('**/calendar');
});

test('Enter in the palette is for what stands in its field, when that is known, and never for what was found before', async () => {
  const { page } = await open('/');
  const held = new Map<string, () => void>();
  await page.route('**/held/*', (route) => {
    held.set(new URL(route.request().url()).pathname, () => void route.fulfill({ body: '' }));
  });
  const answer = async (asked: string): Promise<void> => {
    await expect.poll(() => held.has(`/held/${asked}`)).toBe(true);
    held.get(`/held/${asked}`)?.();
  };
  const palette = page.getByRole('dialog', { name: 'Find or call' });
  const field = palette.getByRole('combobox');

  // Letters and Enter that come before the page has drawn again, as from a reader of codes.
  await page.keyboard.press('Control+k');
  await palette.getByRole('option').first().waitFor();
  await field.evaluate((input: HTMLInputElement) => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, 'people');
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  });
  await page.waitForURL('**/people');

  // What is still looked for is opened when it is found.
  await page.keyboard.press('Control+k');
  await field.fill('held one');
  await page.keyboard.press('Enter');
  await answer('one');
  await page.waitForURL('**/files?found=one');

  // What was found before stays in sight, and Enter does not take it; a text that goes on takes its Enter back.
  await page.keyboard.press('Control+k');
  await field.fill('held two');
  await answer('two');
  await palette.getByRole('option', { name: 'two', exact: true }).waitFor();
  await field.fill('held three');
  await page.keyboard.press('Enter');
  await field.fill('held four');
  await answer('three');
  await answer('four');
  await palette.getByRole('option', { name: 'four', exact: true }).waitFor();
  await palette
    .getByRole('listbox', { name: 'Find or call' })
    .and(page.locator('[aria-busy=false]'))
    .waitFor();
  expect(page.url()).toMatch(/found=one$/);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/files?found=four');
});

test('what is typed before the palette has come is in it, and not in the page', async () => {
  const { page } = await open('/');
  const come = Promise.withResolvers<void>();
  await page.route('**/find-palette*', async (route) => {
    await come.promise;
    await route.continue();
  });
  const asked = page.waitForRequest('**/find-palette*');
  await page.keyboard.press('Control+k');
  await asked;
  await page.keyboard.type('filez');
  await page.keyboard.press('Backspace');
  come.resolve();
  const field = page.getByRole('dialog').getByRole('combobox');
  await expect.poll(() => field.inputValue()).toBe('file');
  await page.keyboard.type('s');
  await expect.poll(() => field.inputValue()).toBe('files');
});

test('a telephone has four tabs, and the rest behind More', async () => {
  const { page } = await open('/', { viewport: { width: 390, height: 844 } });
  await page.getByRole('button', { name: 'More' }).click();
  const more = page.getByRole('dialog', { name: 'More' });
  await more.getByRole('link').first().waitFor();
  await expect
    .poll(() => more.getByRole('link').allInnerTexts())
    .toEqual(['Files', 'Manage', 'Find or call', 'Me']);
  await more.getByRole('link', { name: 'Me' }).click();
  await page.getByRole('heading', { name: 'Me', level: 1 }).waitFor();
});

test('my menu: the theme holds after a reload, and focus returns to my face', async () => {
  const { page } = await open('/');
  const face = page.getByRole('button', { name: 'Inês Carvalhal' });
  await face.click();
  const menu = page.getByRole('dialog', { name: 'My menu' });
  await menu.getByRole('button', { name: 'Dark' }).click();
  await expect.poll(() => page.getAttribute('html', 'data-mantine-color-scheme')).toBe('dark');
  await page.keyboard.press('Escape');
  await menu.waitFor({ state: 'detached' });
  await expect.poll(() => face.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.reload({ waitUntil: 'networkidle' });
  await expect.poll(() => page.getAttribute('html', 'data-mantine-color-scheme')).toBe('dark');
});

test('a lost connection is said with its hour, and gone when it is back', async () => {
  const { page } = await open('/');
  await isLive(page);
  server.loseConnections();
  await page.getByText(/^We lost the connection at \d\d:\d\d\.$/).waitFor();
  server.takeConnections();
  await page.getByText('We lost the connection').waitFor({ state: 'detached' });
  await isLive(page);
});

test('a newer build is offered, but not while words are unsent; a draft outlives a reload', async () => {
  const { page } = await open('/');
  await isLive(page);
  await page.getByLabel('Words').fill('half a sentence');
  // It may be back before a look at the page shows that it was away.
  const back = page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
  server.installBuild('two');
  await back;
  await isLive(page);
  expect(await page.getByText('A newer Liaison is there.').count()).toBe(0);
  await page.getByLabel('Words').fill('');
  await page.getByText('A newer Liaison is there.').waitFor();
  await page.getByLabel('Words').fill('kept');
  await page.getByText('A newer Liaison is there.').waitFor({ state: 'detached' });
  await page.reload({ waitUntil: 'networkidle' });
  await expect.poll(() => page.getByLabel('Words').inputValue()).toBe('kept');
});

test('a page that breaks leaves the shell, and the other pages, as they are', async () => {
  const { page } = await open('/chat');
  await page.getByRole('button', { name: 'Break' }).click();
  await page.getByRole('heading', { name: 'This page stopped.' }).waitFor();
  await page.getByRole('link', { name: 'Files' }).click();
  await page.getByLabel('Words').waitFor();
});

test('words that come late keep back what says them, and nothing around it', async () => {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    locale: 'en-GB',
    serviceWorkers: 'block',
  });
  contexts.push(context);
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const come = Promise.withResolvers<void>();
  await page.route('**/late-words*', async (route) => {
    await come.promise;
    await route.continue();
  });
  await page.goto(`${server.url}/chat`);
  // What stands beside the pages waits by itself.
  await page.getByLabel('Words').waitFor();
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('dialog', { name: 'More' }).getByRole('link', { name: 'Me' }).click();
  // The page behind my face has words of every module.
  await page.getByRole('main').getByRole('progressbar', { name: 'Loading' }).waitFor();
  await page.getByRole('button', { name: 'More' }).waitFor();
  await expectAccessible(page);
  come.resolve();
  await page.getByRole('heading', { name: 'Me', level: 1 }).waitFor();
});

test('signing out leaves nothing of the person; the next one sees their own name', async () => {
  const { page } = await open('/files');
  await page.getByLabel('Words').fill('mine alone');
  await page.getByRole('button', { name: 'Inês Carvalhal' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in?back=%2Ffiles');
  const kept = await page.evaluate(() =>
    Object.keys(localStorage).filter((key) => /session|draft/.test(key)),
  );
  expect(kept).toEqual([]);
  await page.goto(`${server.url}/chat`, { waitUntil: 'networkidle' });
  expect(page.url()).toBe(`${server.url}/sign-in?back=%2Fchat`);
  await page.getByRole('button', { name: 'Enter' }).click();
  await page.getByRole('button', { name: 'Tomás Quevedo-Reis' }).waitFor();
  await expect.poll(() => page.getByLabel('Words').inputValue()).toBe('');
});

test('a session that is revoked elsewhere leads out', async () => {
  const { page } = await open('/chat');
  await isLive(page);
  server.revoke();
  await page.waitForURL('**/sign-in?back=%2Fchat');
});

test('without a server and without a session it says what is wrong, and goes on when asked again', async () => {
  const context = await browser.newContext({ locale: 'en-GB', serviceWorkers: 'block' });
  contexts.push(context);
  const page = await context.newPage();
  await page.route('**/api/v1/session', (route) => route.abort());
  await page.goto(`${server.url}/chat`);
  await page.getByRole('heading', { name: 'Liaison cannot be reached' }).waitFor();
  await page.unroute('**/api/v1/session');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByLabel('Words').waitFor();
});

test('the page starts without a network', async () => {
  const { page, context } = await open('/files', { serviceWorkers: 'allow' });
  const active = await page.evaluate(async () => {
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 30_000));
    return (await Promise.race([navigator.serviceWorker.ready, late]))?.active !== undefined;
  });
  expect(active).toBe(true);
  await context.setOffline(true);
  server.loseConnections();
  await page.reload();
  await page.getByText('We lost the connection').waitFor();
  await page.getByLabel('Words').waitFor();
});
