import { openOrganisation } from '../../screens/organisations.ts';
import { type FirstLoad, firstLoad, openMeasuredBrowser } from '../measure/first-load.ts';
import { atMost, type Benchmark, median, type Row } from '../measure/report.ts';

/** The first page of each module, and those of its pages that people open first from elsewhere. */
const firstPages = [
  '/phone',
  '/chat',
  '/calendar',
  '/people',
  '/contacts',
  '/files',
  '/news',
  '/search',
  '/settings',
  '/admin/people',
] as const;

/** No module has this address: the shell stands, and in it the page that says so. */
const shellAlone = '/nothing-here';

/** What the first page of each module brings beyond the shell, in the organisation of the demo. */
export const pages: Benchmark = async ({ rounds, say }) => {
  const organisation = await openOrganisation('much', { pinned: true });
  try {
    await organisation.setUp();
    await organisation.speak('en');
    const cookie = organisation.cookie('owner') ?? '';
    const browser = await openMeasuredBrowser();
    try {
      const measure = async (path: string): Promise<FirstLoad[]> => {
        const loads: FirstLoad[] = [];
        for (let round = 0; round < rounds; round++)
          loads.push(await firstLoad(browser, organisation.url + path, cookie));
        return loads;
      };
      const of = (loads: readonly FirstLoad[], value: (load: FirstLoad) => number): number =>
        median(loads.map(value));
      const kB = (loads: readonly FirstLoad[]): number => of(loads, (load) => load.scriptBytes) / 1000;
      // The first load also warms the browser itself, which is not ours to measure.
      await firstLoad(browser, organisation.url + shellAlone, cookie);
      const shell = kB(await measure(shellAlone));
      say(`the shell alone: ${shell.toFixed(1)} kB of scripts`);
      const rows: Row[] = [];
      const notes = [
        'The owner of the demo (server on a core of its own), empty cache, no throttling, 1440 px wide; bytes as Chromium counts them on the wire, brotli, headers included.',
        `The shell alone (${shellAlone}) loads ${shell.toFixed(1)} kB of JavaScript, which each page has too.`,
      ];
      for (const path of firstPages) {
        const loads = await measure(path);
        const more = kB(loads) - shell;
        const paintS = of(loads, (load) => load.largestPaintMs) / 1000;
        say(`${path}: ${more.toFixed(1)} kB more, largest paint ${paintS.toFixed(2)} s`);
        rows.push(atMost(`JavaScript of ${path} beyond the shell`, 'kB', more, 150));
        rows.push(atMost(`largest contentful paint of ${path}`, 's', paintS, 1.5));
        notes.push(`Largest scripts of ${path}: ${loads[0]?.largest.slice(0, 6).join(', ')}`);
      }
      return { rows, notes };
    } finally {
      await browser.close();
    }
  } finally {
    await organisation.stop();
  }
};
