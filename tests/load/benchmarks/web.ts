import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { scratchFolder, seedInstallation } from '../measure/installation.ts';
import { atMost, type Benchmark, median } from '../measure/report.ts';
import { startServer } from '../measure/server.ts';

interface FirstLoad {
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

/** No module has this address: the shell stands, and in it the page that says so. */
const pageOfNoModule = '/nothing-here';

const plainNote = (urls: readonly string[]): string[] =>
  urls.length > 0 ? [`Scripts sent without brotli (too small to gain): ${urls.length}`] : [];

/** First load of the signed-in shell over the real server, with an empty cache. */
export const web: Benchmark = async ({ rounds, say }) => {
  const { folder, remove } = await scratchFolder('web');
  try {
    const dataFolder = join(folder, 'data');
    const { people } = await seedInstallation(dataFolder, { people: 12, rooms: [12] });
    const server = await startServer({ dataFolder });
    try {
      const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
        // Chromium's own sandbox does not work for root.
        chromiumSandbox: process.getuid?.() !== 0,
      });
      try {
        const cookie = people[0]!.cookie;
        const measure = async (what: string, path: string): Promise<FirstLoad[]> => {
          const loads: FirstLoad[] = [];
          for (let round = 0; round <= rounds; round++) {
            const load = await firstLoad(browser, `${server.url}${path}`, cookie);
            // The first one also warms the browser itself, which is not ours to measure.
            if (round === 0) continue;
            loads.push(load);
            say(
              `${what}, round ${round}: ${(load.scriptBytes / 1000).toFixed(1)} kB of scripts, largest paint ${load.largestPaintMs.toFixed(0)} ms`,
            );
          }
          return loads;
        };
        const shell = await measure('shell', pageOfNoModule);
        const first = await measure('first page', '/');
        const of = (loads: readonly FirstLoad[], value: (load: FirstLoad) => number) =>
          median(loads.map(value));
        const kB = (bytes: number): number => bytes / 1000;
        const name = first[0]?.page ?? '/';
        return {
          rows: [
            atMost(
              'JavaScript before a module is opened, brotli',
              'kB',
              kB(of(shell, (load) => load.scriptBytes)),
              220,
            ),
            atMost(
              `JavaScript of the first page (${name}), brotli`,
              'kB',
              kB(of(first, (load) => load.scriptBytes)),
            ),
            atMost(
              'largest contentful paint of the first page',
              's',
              of(first, (load) => load.largestPaintMs) / 1000,
              1.5,
            ),
            atMost('first contentful paint of it', 's', of(first, (load) => load.firstPaintMs) / 1000),
            atMost('everything transferred for it', 'kB', kB(of(first, (load) => load.allBytes))),
            atMost(
              'requests for it',
              '',
              of(first, (load) => load.requests),
            ),
            atMost(
              'requests before a module is opened',
              '',
              of(shell, (load) => load.requests),
            ),
          ],
          notes: [
            'A signed-in member (server on a core of its own), empty cache, no throttling; bytes as Chromium counts them on the wire, headers included.',
            `"Before a module is opened" is the shell at an address that no module has (${pageOfNoModule}): everything around the pages, and the page that says so. The first page is what / leads to.`,
            `Largest scripts of ${name}: ${first[0]?.largest.join(', ')}`,
            ...plainNote(first[0]?.uncompressed ?? []),
          ],
        };
      } finally {
        await browser.close();
      }
    } finally {
      await server.stop();
    }
  } finally {
    await remove();
  }
};

async function firstLoad(browser: Browser, url: string, cookie: string): Promise<FirstLoad> {
  const at = cookie.indexOf('=');
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    serviceWorkers: 'block',
  });
  try {
    await context.addCookies([{ name: cookie.slice(0, at), value: cookie.slice(at + 1), url }]);
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
