import { join } from 'node:path';
import { type FirstLoad, firstLoad, openMeasuredBrowser } from '../measure/first-load.ts';
import { scratchFolder, seedInstallation } from '../measure/installation.ts';
import { atMost, type Benchmark, median } from '../measure/report.ts';
import { startServer } from '../measure/server.ts';

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
      const browser = await openMeasuredBrowser();
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
