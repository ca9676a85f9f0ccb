import { openChromium } from '@liaison/tests/chromium';
import { type Actor, openStage, type Stage } from '@liaison/tests/stage';
import { expectAccessible } from '@liaison/ui/testing/expect';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** What an administrator sees of the servers, and that nobody else has even the row. */
const pictures = process.env.LIAISON_TEST_PICTURES;

let stage: Stage;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  stage = await openStage({ people: 2 });
  browser = await openChromium();
  page = await openFor(stage.actors[0]!);
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

async function openFor(actor: Actor): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 900 } });
  await context.addCookies([...actor.cookies]);
  const opened = await context.newPage();
  opened.setDefaultTimeout(30_000);
  return opened;
}

/** At both widths and in both colours: without a fault, and where asked for as a picture. */
async function everyLook(name: string): Promise<void> {
  for (const [width, height, colorScheme] of [
    [1440, 900, 'light'],
    [390, 844, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    if (pictures) await page.screenshot({ path: `${pictures}/${name}-${width}-${colorScheme}.png` });
    await expectAccessible(page, `${name} at ${width}, ${colorScheme}`);
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(overflow, `${name} at ${width}`).toBe(0);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
}

test('the servers are seen with their processes, and what deserves a look is said in words', async () => {
  // A process on another machine that went without a word, of an older version, with a certificate that has ended.
  const figures = {
    calls: 2,
    pages: 40,
    memoryBytes: 4e8,
    disk: { freeBytes: 1e9, totalBytes: 1e11 },
    certificateUntil: '2026-01-01T00:00:00.000Z',
  };
  await stage.sql(
    `insert into sites.process (process_id, node, pid, duties, version, started_at, figures)
     values (gen_random_uuid(), 'porto', 4711, '{sip,media}', '0.0.9', now() - interval '3 days', $1)`,
    [JSON.stringify(figures)],
  );
  await page.goto(`${stage.url}/admin/people`);
  await page.getByRole('link', { name: 'Servers', exact: true }).click();
  await page.getByRole('heading', { name: 'Servers', level: 1 }).waitFor();
  await page.getByText('porto (4711) went without a word.').waitFor();
  const porto = page.getByRole('region', { name: 'Node porto', exact: true });
  await porto.getByText('gone', { exact: true }).waitFor();
  await porto.getByText('3 days', { exact: true }).waitFor();
  await page.getByText(/^PostgreSQL 18/).waitFor();
  await page.getByText('none known', { exact: true }).waitFor();
  await page.getByText('can be reached', { exact: true }).waitFor();
  await everyLook('servers');
  // It is looked at again by itself.
  await stage.sql("delete from sites.process where node = 'porto'");
  await porto.waitFor({ state: 'detached' });
}, 120_000);

test('a member has neither the page nor what it shows', async () => {
  const member = await openFor(stage.actors[1]!);
  await member.goto(`${stage.url}/admin/sites`);
  await member.getByText('This is for managers and owners.').waitFor();
  expect(await member.getByRole('link', { name: 'Servers', exact: true }).count()).toBe(0);
  await expect(stage.as(stage.actors[1]!, 'GET', '/sites/installation')).rejects.toThrow('403');
  await member.context().close();
}, 60_000);
