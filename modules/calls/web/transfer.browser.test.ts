import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { openChromium } from '@liaison/tests/chromium';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from './testing/stage.ts';
import {
  openTelephonePage,
  type SignedInOptions,
  signIn,
  type TelephonePage,
} from './testing/telephone-page.ts';

/** What each microphone hears. */
const inesHz = 440;
const njeriHz = 660;
const claireHz = 880;

let stage: Stage;
const browsers: Browser[] = [];
const open: BrowserContext[] = [];
const pages: TelephonePage[] = [];

beforeAll(async () => {
  stage = await openStage({ times: { ringMs: 20_000, returnMs: 15_000 } });
  for (const microphoneHz of [inesHz, njeriHz, claireHz]) browsers.push(await openChromium({ microphoneHz }));
}, 180_000);
afterEach(async () => {
  for (const context of open.splice(0)) await context.close();
  expect(pages.splice(0).flatMap((page) => page.troubles)).toEqual([]);
  await until(() => stage.runningCalls() === 0, 'nobody is in a call any more');
});
afterAll(async () => {
  for (const browser of browsers) await browser.close();
  await stage?.close();
});

async function until(
  holds: () => Promise<boolean> | boolean,
  what: string,
  withinMs = 45_000,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function three(options: SignedInOptions = {}): Promise<[TelephonePage, TelephonePage, TelephonePage]> {
  const made = await Promise.all(
    browsers.map(async (browser, at) => {
      const context = await signIn(browser, stage.actors[at]!, options);
      open.push(context);
      const page = await openTelephonePage(context, stage);
      pages.push(page);
      return page;
    }),
  );
  const [a] = made as [TelephonePage, TelephonePage, TelephonePage];
  await a.sees('Njeri Wambuto', 'free');
  await a.sees('Claire Aubrieux', 'free');
  return made as [TelephonePage, TelephonePage, TelephonePage];
}

const heard = async (page: TelephonePage, hz: number): Promise<boolean> => {
  const sound = await page.hears(hz);
  return sound !== null && sound.level > 0.02 && sound.share > 0.3;
};

const press = (page: TelephonePage, name: string): Promise<void> =>
  page.page.getByRole('button', { name, exact: true }).first().click();

/** Inês calls Njeri and they talk. */
async function talking(options?: SignedInOptions) {
  const [a, b, c] = await three(options);
  await a.dial('Njeri');
  await b.until('ringing-in');
  await press(b, 'Answer');
  await a.until('call');
  await until(() => heard(a, njeriHz), 'Inês hears Njeri');
  return { a, b, c };
}

/** Opens the panel by its key and picks somebody. */
async function pick({ page }: TelephonePage, name: string): Promise<void> {
  await page.keyboard.press('Control+Shift+F');
  const panel = page.getByRole('region', { name: /^Hand / });
  const field = panel.getByRole('combobox', { name: 'To whom' });
  await field.waitFor();
  // The field has the focus: one types at once.
  await page.keyboard.type(name);
  await panel.getByRole('option').first().waitFor();
  await field.press('Enter');
  await page.getByRole('button', { name: 'Transfer now', exact: true }).waitFor();
}

test('handed over unasked: refused it comes back, answered the others hear each other', async () => {
  const { a, b, c } = await talking();
  await pick(a, 'Claire');
  const told = a.page.getByText('You handed Njeri Wambuto to Claire Aubrieux').first().waitFor();
  await a.page.keyboard.press('Enter');
  await told;
  await c.until('ringing-in');
  await c.page.getByText('Transféré par Inês Carvalhal').first().waitFor({ state: 'attached' });
  await b.until('ringing-out');
  await c.page.keyboard.press('Control+Shift+D');
  await a.until('ringing-in');
  await a.page.getByText('Back to you: Claire Aubrieux declined').first().waitFor({ state: 'attached' });
  await press(a, 'Answer');
  await a.until('call');
  await until(() => heard(a, njeriHz), 'Inês hears Njeri again');
  await until(() => heard(b, inesHz), 'and Njeri hears her');

  await pick(a, 'Claire');
  await press(a, 'Transfer now');
  await c.until('ringing-in');
  await c.page.keyboard.press('Control+Shift+A');
  await b.until('call');
  await until(() => heard(b, claireHz), 'Njeri hears Claire');
  await until(() => heard(c, njeriHz), 'Claire hears Njeri');
  await a.until('idle');
  await press(b, 'Hang up');
  await c.until('ended');
  await b.page
    .getByText(/Outgoing, \d+ s, by Inês Carvalhal/)
    .first()
    .waitFor();
  await a.page
    .getByText(/, then with Claire Aubrieux/)
    .first()
    .waitFor();
});

test('asked first: thought better of, it goes back; connected, the others go on without her', async () => {
  const { a, b, c } = await talking();
  await pick(a, 'Claire');
  await press(a, 'Ask first');
  await c.until('ringing-in');
  await b.until('held');
  await press(a, 'Hang up');
  await a.until('call');
  await b.until('call');
  await until(() => heard(b, inesHz), 'Njeri hears Inês again');
  await c.until('idle');

  await pick(a, 'Claire');
  await press(a, 'Ask first');
  await c.until('ringing-in');
  await c.page.keyboard.press('Control+Shift+A');
  await a.until('two');
  await until(() => heard(c, inesHz), 'Claire hears Inês');
  await press(a, 'Connect them');
  await b.until('call');
  await until(() => heard(b, claireHz), 'Njeri hears Claire');
  await until(() => heard(c, njeriHz), 'Claire hears Njeri');
  expect(await heard(c, inesHz)).toBe(false);
  // The page that came from the other call comes back to this one after a reload.
  await b.page.reload();
  await b.until('call');
  await until(() => heard(b, claireHz), 'Njeri hears Claire after a reload');
  await c.page.keyboard.press('Control+Shift+D');
  await b.until('ended');
});

test.each([
  ['wide', 'light', { width: 1440, height: 900 }],
  ['narrow', 'dark', { width: 390, height: 844 }],
] as const)('axe finds nothing in the panel on a %s, %s screen', async (_width, scheme, size) => {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const check = async ({ page }: TelephonePage, when: string): Promise<void> => {
    await page.evaluate(axe);
    const found = await page.evaluate<AxeResults>(
      `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], rules: { 'label-content-name-mismatch': { enabled: false } } })`,
    );
    expect(
      found.violations.map(
        (fault) =>
          `${when}: ${fault.id}: ${fault.nodes.map((node) => node.html.slice(0, 200)).join('\n    ')}`,
      ),
    ).toEqual([]);
    expect(
      await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'),
    ).toBeLessThanOrEqual(0);
  };
  const { a, b } = await talking({ scheme, size });
  await a.page.keyboard.press('Control+Shift+F');
  const panel = a.page.getByRole('region', { name: /^Hand / });
  await panel.getByRole('combobox', { name: 'To whom' }).fill('Claire');
  await panel.getByRole('option').first().waitFor();
  await check(a, 'searching');
  await panel
    .getByRole('option', { name: /Claire/ })
    .first()
    .click();
  await a.page.getByRole('button', { name: 'Transfer now', exact: true }).waitFor();
  await check(a, 'chosen');
  if (process.env.LIAISON_SHOTS)
    await a.page.screenshot({ path: `${process.env.LIAISON_SHOTS}/transfer-${size.width}.png` });
  await a.page.keyboard.press('Escape');
  await a.page.getByRole('combobox', { name: 'To whom' }).waitFor({ state: 'detached' });
  await b.page.keyboard.press('Control+Shift+D');
  await a.until('ended');
});
