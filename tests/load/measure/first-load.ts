import { type Browser, chromium } from 'playwright-core';
import { cookiesOf } from '../../testing/stage.ts';

/** A page as it comes into an empty cache. */
export interface FirstLoad {
  readonly scriptBytes: number;
  readonly allBytes: number;
  readonly requests: number;
  readonly firstPaintMs: number;
  readonly largestPaintMs: number;
  readonly uncompressed: readonly string[];
  readonly page: string;
  /** The largest scripts, each with its bytes. */
  readonly largest: readonly string[];
}

/** After the last response of the page no other comes for so long: it is loaded. */
const quietMs = 1500;

/** Chromium as it is installed, without anything of ours. Whoever opens it closes it. */
export const openMeasuredBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    // Chromium's own sandbox does not work for root.
    chromiumSandbox: process.getuid?.() !== 0,
  });

/** Loads an address as somebody who is signed in, with an empty cache, and waits until nothing more comes. */
export async function firstLoad(browser: Browser, url: string, cookie: string): Promise<FirstLoad> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    serviceWorkers: 'block',
  });
  try {
    await context.addCookies([...cookiesOf({ cookie }, url)]);
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.enable');
    const kinds = new Map<string, { script: boolean; brotli: boolean; url: string }>();
    let scriptBytes = 0;
    let allBytes = 0;
    let lastAt = performance.now();
    const uncompressed: string[] = [];
    const scripts: { name: string; bytes: number }[] = [];
    devtools.on('Network.responseReceived', ({ requestId, type, response }) => {
      const encoding = response.headers['content-encoding'] ?? response.headers['Content-Encoding'];
      kinds.set(requestId, { script: type === 'Script', brotli: encoding === 'br', url: response.url });
    });
    devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      lastAt = performance.now();
      allBytes += encodedDataLength;
      const kind = kinds.get(requestId);
      if (!kind?.script) return;
      scriptBytes += encodedDataLength;
      scripts.push({ name: new URL(kind.url).pathname, bytes: encodedDataLength });
      if (!kind.brotli) uncompressed.push(kind.url);
    });
    await page.goto(url, { waitUntil: 'load' });
    while (performance.now() - lastAt < quietMs) await new Promise((resolve) => setTimeout(resolve, 50));
    const largestPaintMs = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? 0)).observe({
            type: 'largest-contentful-paint',
            buffered: true,
          });
        }),
    );
    const firstPaintMs = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    );
    if (page.url().includes('sign-in')) throw new Error(`the page is not signed in: ${page.url()}`);
    const largest = scripts
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, 12)
      .map(({ name, bytes }) => `${(bytes / 1000).toFixed(1)} kB ${name}`);
    return {
      scriptBytes,
      allBytes,
      requests: kinds.size,
      firstPaintMs,
      largestPaintMs,
      uncompressed,
      page: new URL(page.url()).pathname,
      largest,
    };
  } finally {
    await context.close();
  }
}
