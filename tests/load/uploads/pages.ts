import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { createRandom } from '../../testing/seeded-damage.ts';
import { contentOf, type PlannedUpload } from './planned.ts';

const atOnce = 6;
/** So that a reload finds them on their way. */
const bytesPerSecond = 6_000_000;
const deadlineMs = 15 * 60_000;

/**
 * Sends files as people do: chosen in a page of Chromium, which is reloaded while they are on their way.
 *
 * @param isThere whether a file of that name is in the folder.
 * @returns how many reloads there were with a file on its way.
 */
export async function sendByPage(options: {
  readonly url: string;
  readonly cookie: string;
  readonly folderId: string;
  readonly seed: number;
  readonly scratch: string;
  readonly uploads: readonly PlannedUpload[];
  isThere(name: string): Promise<boolean>;
}): Promise<number> {
  const { url, cookie, folderId, seed, uploads } = options;
  // Most runs of this folder open no browser.
  const { openChromium, openPages } = await import('../../testing/chromium.ts');
  const random = createRandom(seed);
  const browser = await openChromium();
  const at = cookie.indexOf('=');
  const pages = openPages(browser, url);
  let reloads = 0;
  try {
    const cookies = [{ name: cookie.slice(0, at), value: cookie.slice(at + 1), url }];
    const path = `/files/${folderId}`;
    const page = await whileStarting(() => pages.of({ cookies }, path));
    const input = page.getByLabel('Upload', { exact: true }).and(page.locator('input'));
    /** A page whose server is killed while it comes is reloaded once more, as people do. */
    const reload = () =>
      whileStarting(async () => {
        await page.goto(url + path);
        await input.waitFor({ state: 'attached', timeout: 20_000 });
      });
    await reload();
    const network = await page.context().newCDPSession(page);
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: bytesPerSecond,
    });
    await mkdir(options.scratch, { recursive: true });
    for (let from = 0; from < uploads.length; from += atOnce) {
      const some = uploads.slice(from, from + atOnce);
      const files = await Promise.all(
        some.map(async (upload) => {
          const path = join(options.scratch, upload.name);
          await pipeline(contentOf(seed, upload), createWriteStream(path));
          return path;
        }),
      );
      await page.getByLabel('Upload', { exact: true }).and(page.locator('input')).setInputFiles(files);
      // What is kept on the device is what the next page goes on with.
      await until(async () => {
        const there = await Promise.all(some.map(({ name }) => options.isThere(name)));
        return (await keptBy(page)) + there.filter(Boolean).length >= some.length;
      }, 'the page did not keep its uploads');
      const giveUpMs = performance.now() + deadlineMs;
      for (let left = [...some]; left.length > 0; ) {
        if (performance.now() > giveUpMs) throw new Error(`${left[0]?.name} is not whole`);
        await sleep(300 + random(1500));
        const there = await Promise.all(left.map(({ name }) => options.isThere(name)));
        left = left.filter((_, index) => !there[index]);
        if (left.length === 0 || reloads * atOnce > from + 2 * atOnce) continue;
        await reload();
        reloads += 1;
      }
      // A server that was killed once it had the file is asked by the page, and forgets its bytes then.
      await until(async () => (await keptBy(page)) === 0, 'the page was not told of its files');
    }
  } finally {
    await pages.close();
    await browser.close();
  }
  return reloads;
}

/** A server that was killed is there again soon. */
async function whileStarting<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const giveUpMs = performance.now() + 120_000; ; await sleep(200)) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > giveUpMs) throw error;
    }
  }
}

/** How many the browser keeps until it has been told that they are files. */
const keptBy = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open('liaison.files');
        opening.onsuccess = () => {
          const asking = opening.result.transaction('uploads').objectStore('uploads').count();
          asking.onsuccess = () => {
            opening.result.close();
            resolve(asking.result);
          };
        };
      }),
  );

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (const giveUpMs = performance.now() + 120_000; performance.now() < giveUpMs; await sleep(100)) {
    if (await isSo().catch(() => false)) return;
  }
  throw new Error(`${what} within two minutes`);
}
