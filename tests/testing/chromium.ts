import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tone, wavOf } from '@liaison/rtp/testing';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Member } from './suite.ts';

/** Debian's Chromium, with a tone instead of a microphone. */
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

const executablePath = '/usr/bin/chromium';

export async function startChromium(
  options: { microphoneHz?: number; flags?: readonly string[] } = {},
): Promise<TestBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-chromium-'));
  const microphone = join(folder, 'microphone.wav');
  await writeFile(microphone, wavOf(tone(options.microphoneHz ?? 660, 10)));
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphone}`,
      '--autoplay-policy=no-user-gesture-required',
      ...(options.flags ?? []),
    ],
  });
  const complaints: string[] = [];
  return {
    complaints,
    async context(member, url, { width = 1440, height = 900, dark = false } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: dark ? 'dark' : 'light',
        locale: 'en-GB',
        permissions: ['microphone', 'notifications', 'clipboard-read', 'clipboard-write'],
        reducedMotion: 'reduce',
      });
      await context.addCookies(
        member.cookie.split('; ').map((pair) => {
          const at = pair.indexOf('=');
          return {
            name: pair.slice(0, at),
            value: pair.slice(at + 1),
            url,
            httpOnly: true,
            sameSite: 'Lax' as const,
          };
        }),
      );
      context.on('page', (page) => {
        page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
        page.on('console', (message) => {
          if (/content security policy|refused to/i.test(message.text()))
            complaints.push(`${page.url()}: ${message.text()}`);
        });
      });
      return context;
    },
    async close() {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** How much of what the page plays is at `hz` (0 to 1), over about a second. */
export function playedAt(page: Page, hz: number): Promise<number> {
  return page.evaluate(async (wanted) => {
    const audio = [...document.querySelectorAll('audio')].find((each) => each.srcObject);
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
