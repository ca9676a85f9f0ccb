import { openChromium as openAnyChromium } from '@liaison/tests/chromium';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Stage } from './stage.ts';

export { type ProfileOptions, profileOf } from '@liaison/tests/chromium';

/** Lets a test look at the page's memory. */
export const openChromium = (): Promise<Browser> =>
  openAnyChromium({ flags: ['--enable-precise-memory-info', '--js-flags=--expose-gc'] });

/** One page of chat, with what went wrong in it. */
export interface ChatTab {
  readonly page: Page;
  readonly troubles: string[];
  /** Writes and sends. */
  say(text: string, composer?: string | RegExp): Promise<void>;
  /** Texts of the conversation in their order, as they are drawn. */
  texts(): Promise<string[]>;
  until(holds: () => Promise<boolean>, what: string): Promise<void>;
  sees(text: string): Promise<void>;
}

export async function openChat(context: BrowserContext, stage: Stage, path = '/chat'): Promise<ChatTab> {
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (/content security policy|refused to/i.test(message.text())) troubles.push(message.text());
  });
  await page.goto(stage.url + path);
  const tab: ChatTab = {
    page,
    troubles,
    async say(text, composer = /^Message /) {
      const field = page.getByRole('textbox', { name: composer });
      await field.fill(text);
      await field.press('Enter');
    },
    texts: () =>
      page.evaluate(() =>
        [...document.querySelectorAll('main [data-log] [data-key] article')].map(
          (article) => article.querySelector('[class*="markdown"]')?.textContent ?? article.textContent ?? '',
        ),
      ),
    until: (holds, what) => until(holds, what),
    sees: (text) => page.locator('main').getByText(text, { exact: true }).last().waitFor({ timeout: 60_000 }),
  };
  return tab;
}

export async function until(holds: () => Promise<boolean>, what: string, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
