import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wavOf } from '@liaison/rtp/testing';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { type Actor, cookiesOf } from './stage.ts';
import type { Member } from './suite.ts';

export { listenedForLevelMs, listenedForShareMs, type PageSound, shareOf, soundOf } from './page-sound.ts';

export interface ChromiumOptions {
  /** What its microphone hears: a tone that comes and goes, or with 0 nothing at all. */
  readonly microphoneHz?: number;
  readonly flags?: readonly string[];
  /** Instead of Debian's own, such as one that starts it elsewhere. */
  readonly executable?: string;
}

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** A tone that comes and goes, because a steady one is taken for noise and removed: 400 ms of every 600. */
function pulsedTone(hz: number, rate = 48_000): Int16Array {
  return Int16Array.from({ length: rate * 6 }, (_, at) =>
    hz > 0 && (at / rate) % 0.6 < 0.4 ? Math.sin((2 * Math.PI * hz * at) / rate) * 16_000 : 0,
  );
}

/** Debian's Chromium, with a tone instead of a microphone, and silent about itself. Whoever opens it closes it. */
export async function openChromium(options: ChromiumOptions = {}): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-chromium-'));
  const microphone = join(folder, 'microphone.wav');
  await writeFile(microphone, wavOf(pulsedTone(options.microphoneHz ?? 660)));
  const browser = await chromium.launch({
    executablePath: options.executable ?? executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--allow-loopback-in-peer-connection',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphone}`,
      ...(options.flags ?? []),
    ],
  });
  browser.on('disconnected', () => void rm(folder, { recursive: true, force: true }));
  return browser;
}

export interface ProfileOptions {
  readonly scheme?: 'light' | 'dark';
  readonly size?: { readonly width: number; readonly height: number };
  readonly permissions?: readonly string[];
  /** What a page asks for past its worker cannot be held back or refused: block it where that is done. Default: allow. */
  readonly serviceWorkers?: 'allow' | 'block';
}

/** A browser profile in which somebody is signed in; its pages share storage and locks. */
export async function profileOf(
  browser: Browser,
  actor: Pick<Actor, 'cookies'>,
  options: ProfileOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: options.size ?? { width: 1440, height: 900 },
    colorScheme: options.scheme ?? 'light',
    locale: 'en-GB',
    timezoneId: 'Europe/Lisbon',
    reducedMotion: 'reduce',
    hasTouch: (options.size?.width ?? 1440) < 700,
    permissions: [...(options.permissions ?? [])],
    serviceWorkers: options.serviceWorkers ?? 'allow',
  });
  await context.addCookies(
    actor.cookies.map((cookie) => ({ ...cookie, httpOnly: true, sameSite: 'Lax' as const })),
  );
  return context;
}

/** Pages of signed-in people, each in a browser of her own, and what they complain about. */
export interface PeoplesPages {
  /** Opens `path` as somebody; whoever waits for something there waits for a minute at most. */
  of(actor: Pick<Actor, 'cookies'>, path: string, size?: ProfileOptions['size']): Promise<Page>;
  /** Opens `path` as somebody from outside, who is not signed in. */
  ofStranger(path: string, locale: string): Promise<Page>;
  /** Closes them all, and answers their uncaught errors and what the content security policy refused: to be none. */
  close(): Promise<readonly string[]>;
}

export function openPages(
  browser: Browser,
  url: string,
  options: Pick<ProfileOptions, 'serviceWorkers'> = {},
): PeoplesPages {
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  async function open(context: BrowserContext, path: string): Promise<Page> {
    contexts.push(context);
    hearComplaints(context, complaints);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(url + path);
    return page;
  }
  return {
    of: async (actor, path, size) =>
      open(await profileOf(browser, actor, size === undefined ? options : { ...options, size }), path),
    ofStranger: async (path, locale) => open(await browser.newContext({ ...options, locale }), path),
    async close() {
      for (const context of contexts.splice(0)) await context.close();
      return complaints.splice(0);
    },
  };
}

function hearComplaints(context: BrowserContext, complaints: string[]): void {
  context.on('page', (page) => {
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      if (/content security policy|refused to/i.test(message.text()))
        complaints.push(`${page.url()}: ${message.text()}`);
    });
  });
}

/** A Chromium whose profiles may use everything, and that collects what its pages complain about. */
export interface TestBrowser {
  /** A signed-in browser of its own: cookies, storage and all. */
  context(
    member: Member,
    url: string,
    options?: { width?: number; height?: number; dark?: boolean },
  ): Promise<BrowserContext>;
  /** Violations of the content security policy and uncaught errors of all pages so far. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export async function startChromium(options: ChromiumOptions = {}): Promise<TestBrowser> {
  const browser = await openChromium({
    ...options,
    flags: ['--autoplay-policy=no-user-gesture-required', ...(options.flags ?? [])],
  });
  const complaints: string[] = [];
  return {
    complaints,
    async context(member, url, { width = 1440, height = 900, dark = false } = {}) {
      const context = await profileOf(
        browser,
        { cookies: cookiesOf(member, url) },
        {
          size: { width, height },
          scheme: dark ? 'dark' : 'light',
          permissions: ['microphone', 'notifications', 'clipboard-read', 'clipboard-write'],
        },
      );
      hearComplaints(context, complaints);
      return context;
    },
    close: () => browser.close(),
  };
}

/** How much of what the page plays is at `hz` (0 to 1), over about a second from now on. Quicker: `shareOf`. */
export function playedAt(page: Page, hz: number): Promise<number> {
  return page.evaluate(async (wanted) => {
    const audio = [...document.querySelectorAll('audio')].find((each) => each.srcObject && !each.muted);
    if (!audio) return 0;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    analyser.smoothingTimeConstant = 0;
    context.createMediaStreamSource(audio.srcObject as MediaStream).connect(analyser);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    await context.close();
    const energy = (bin: number) => 10 ** ((bins[bin] ?? -200) / 10);
    const at = Math.round((wanted * analyser.fftSize) / context.sampleRate);
    let near = 0;
    let all = 0;
    for (let bin = 1; bin < bins.length; bin++) {
      all += energy(bin);
      if (Math.abs(bin - at) <= 4) near += energy(bin);
    }
    return all < 1e-9 ? 0 : near / all;
  }, hz);
}
