import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Actor, Stage } from './stage.ts';

export const openChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--enable-precise-memory-info',
      '--js-flags=--expose-gc',
    ],
  });

export interface ProfileOptions {
  readonly scheme?: 'light' | 'dark';
  readonly size?: { readonly width: number; readonly height: number };
}

/** A browser profile in which somebody is signed in; its pages share storage. */
export async function profileOf(
  browser: Browser,
  actor: Actor,
  options: ProfileOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: options.size ?? { width: 1440, height: 900 },
    colorScheme: options.scheme ?? 'light',
    locale: 'en-GB',
    timezoneId: 'Europe/Lisbon',
    reducedMotion: 'reduce',
    hasTouch: (options.size?.width ?? 1440) < 700,
  });
  await context.addCookies([...actor.cookies]);
  return context;
}

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
    // Calls are not on this stage; everything else that the browser complains about is a fault.
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
    sees: (text) => page.locator('main').getByText(text, { exact: true }).last().waitFor({ timeout: 15_000 }),
  };
  return tab;
}

export async function until(holds: () => Promise<boolean>, what: string, withinMs = 15_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
