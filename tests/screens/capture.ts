import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Language } from '@liaison/people';
import { axeFaults } from '@liaison/ui/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { cookiesOf } from '../testing/stage.ts';
import type { Looker, Organisation } from './organisations.ts';
import { faultsOfTexts, lookOver, type WordsByLanguage, watchForBlank } from './page-faults.ts';
import { type Caller, letRing } from './ringing.ts';
import type { Screen } from './screens.ts';

export const widths = [1440, 390] as const;
export type Width = (typeof widths)[number];
export const schemes = ['light', 'dark'] as const;
export type Scheme = (typeof schemes)[number];

/** One picture of one screen, and what is wrong with it. */
export interface Shot {
  readonly screen: string;
  readonly content: string;
  readonly language: Language;
  readonly width: Width;
  readonly scheme: Scheme;
  /** Below the folder of pictures. */
  readonly file: string;
  readonly faults: readonly string[];
  /** What is worth a look, and may well be right: words that are cut, targets that are small. */
  readonly notes: readonly string[];
  /** Addresses of the app that it leads to. */
  readonly links: readonly string[];
}

/** One load of a screen; it is pictured in each scheme. */
export interface Load {
  readonly screen: Screen;
  readonly organisation: Organisation;
  readonly language: Language;
  readonly width: Width;
}

export interface Camera {
  take(load: Load): Promise<Shot[]>;
  close(): Promise<void>;
}

const heights: Readonly<Record<Width, number>> = { 1440: 900, 390: 844 };
const settleMs = 15_000;
const quietMs = 250;

/** Takes pictures one after another, in one page for each looker, width and language. */
export function openCamera(
  browser: Browser,
  options: { folder: string; schemes: readonly Scheme[]; words: WordsByLanguage; axe: boolean },
): Camera {
  let opened:
    | {
        key: string;
        context: BrowserContext;
        page: Page;
        settles: () => Promise<void>;
        ring: ((caller: Caller) => Promise<void>) | undefined;
      }
    | undefined;
  let said: string[] = [];

  async function pageFor({
    screen,
    organisation,
    language,
    width,
  }: Load): Promise<NonNullable<typeof opened>> {
    const looker: Looker = screen.as ?? 'owner';
    // Where somebody rings she goes on ringing.
    const key = `${organisation.content} ${looker} ${language} ${width} ${screen.rings ? screen.name : ''}`;
    if (opened?.key === key) return opened;
    await opened?.context.close();
    const context = await browser.newContext({
      viewport: { width, height: heights[width] },
      locale: language,
      timezoneId: 'Europe/Lisbon',
      reducedMotion: 'reduce',
      hasTouch: width < 700,
      permissions: ['microphone', 'notifications'],
    });
    const cookie = organisation.cookie(looker);
    if (cookie) await context.addCookies([...cookiesOf({ cookie }, organisation.url)]);
    await context.addInitScript(watchForBlank);
    const ring = screen.rings ? await letRing(context) : undefined;
    const page = await context.newPage();
    page.on('pageerror', (error) => said.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') said.push(message.text());
    });
    page.setDefaultTimeout(10_000);
    opened = { key, context, page, settles: settled(page), ring };
    return opened;
  }

  return {
    async take(load) {
      const { screen, organisation, language, width } = load;
      const address =
        typeof screen.address === 'string' ? screen.address : await screen.address(organisation);
      const caller = await screen.rings?.(organisation);
      if (address === undefined || (screen.rings && !caller)) return [];
      const { page, settles, ring } = await pageFor(load);
      said = [];
      const loading: string[] = [];
      const words = (key: string): string => {
        const word = options.words[language]?.get(key);
        if (word === undefined) throw new Error(`there is no word ${key} in ${language}`);
        return word;
      };
      await page.emulateMedia({ colorScheme: options.schemes[0] ?? 'light' });
      try {
        // The same address with another fragment would not be loaded anew.
        await page.goto('about:blank');
        await page.goto(organisation.url + address);
        await settles();
        if (ring && caller) {
          await ring(caller);
          await page.getByRole('region').filter({ hasText: caller.name }).first().waitFor();
          await settles();
        }
        if (screen.act) {
          await screen.act(page, words);
          await settles();
        }
      } catch (error) {
        loading.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
      }
      const shots: Shot[] = [];
      for (const scheme of options.schemes) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.evaluate(
          () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
        );
        const file = join(organisation.content, language, `${width}-${scheme}`, `${screen.name}.png`);
        await mkdir(dirname(join(options.folder, file)), { recursive: true });
        await writeFile(join(options.folder, file), await page.screenshot());
        const seen = await lookOver(page);
        const faults = [
          ...loading,
          ...said.filter((line) => !isExpected(line, screen)).map((line) => `console: ${line.slice(0, 200)}`),
          ...seen.wide.map((what) => `overflows sideways: ${what}`),
          ...faultsOfTexts(seen.texts, options.words, language),
          ...(seen.headings === 1 ? [] : [`${seen.headings} first headings`]),
          ...(seen.mains === 1 ? [] : [`${seen.mains} mains`]),
          ...((await page.evaluate(() => window.wentBlank ?? 0)) > 0
            ? ['went blank after it was drawn']
            : []),
          ...(options.axe ? (await axeFaults(page)).map((fault) => `axe: ${fault.slice(0, 300)}`) : []),
        ];
        shots.push({
          screen: screen.name,
          content: organisation.content,
          language,
          width,
          scheme,
          file,
          faults,
          notes: [
            ...seen.cut.map((what) => `cut: ${what}`),
            ...seen.small.map((what) => `small target: ${what}`),
          ],
          links: await page.evaluate(() => [
            ...new Set(
              [...document.querySelectorAll<HTMLAnchorElement>('a[href]')]
                .filter((link) => link.origin === location.origin)
                .map((link) => link.pathname),
            ),
          ]),
        });
      }
      return shots;
    },
    async close() {
      await opened?.context.close();
    },
  };
}

/** A browser itself says that an answer was a refusal; on a page about something that is not there it is one. */
const isExpected = (line: string, { name }: Screen): boolean =>
  /status of (404|403|409|410|401)/.test(line) && /missing|dead|over|refused/.test(name);

/** A wait until the page is drawn, asks nothing more and shows no work; throws when that never comes. */
function settled(page: Page): () => Promise<void> {
  const asked = new Set<unknown>();
  let changedAt = performance.now();
  const change = (): void => {
    changedAt = performance.now();
  };
  page.on('request', (request) => {
    asked.add(request);
    change();
  });
  const end = (request: unknown): void => {
    asked.delete(request);
    change();
  };
  page.on('requestfinished', end);
  page.on('requestfailed', end);
  return async () => {
    change();
    for (const deadline = performance.now() + settleMs; performance.now() < deadline; ) {
      const isQuiet = asked.size === 0 && performance.now() - changedAt > quietMs;
      if (isQuiet && (await page.evaluate(isDrawn))) return;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    throw new Error(`does not settle within ${settleMs / 1000} s: ${asked.size} requests open`);
  };
}

const isDrawn = (): boolean =>
  document.querySelector('h1') !== null &&
  document.fonts.status === 'loaded' &&
  document.querySelector('[role=progressbar]:not([aria-valuenow]), [aria-busy=true]') === null &&
  [...document.images].every((image) => image.complete || image.loading === 'lazy');
