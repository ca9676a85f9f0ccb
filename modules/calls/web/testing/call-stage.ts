import { listenedForLevelMs, listenedForShareMs, openChromium } from '@liaison/tests/chromium';
import type { Browser, BrowserContext } from 'playwright-core';
import { expect } from 'vitest';
import { type Actor, openStage, type Stage } from './stage.ts';
import { openTelephonePage, type SignedInOptions, signIn, type TelephonePage } from './telephone-page.ts';

/** What each microphone hears. */
export const inesHz = 440;
export const njeriHz = 660;
export const claireHz = 880;

/** Two or three people in calls, each in a browser of her own, because a browser has one microphone. */
export interface CallStage extends Stage {
  readonly ines: Actor;
  readonly njeri: Actor;
  readonly claire: Actor;
  /** Of the calls that begin from now on: a test that waits for the end of one sets it. */
  readonly times: { ringMs: number; returnMs: number };
  /** A profile that `endTest` closes. */
  profile(actor: Actor, options?: SignedInOptions): Promise<BrowserContext>;
  /** A page of a profile at its telephone; what goes wrong in it fails the test. */
  tab(context: BrowserContext, path?: string): Promise<TelephonePage>;
  /** These people at their telephones, the first of whom sees that the others are there. */
  pages(actors: readonly Actor[], options?: SignedInOptions): Promise<TelephonePage[]>;
  /** Closes what the test opened, and waits until nobody is in a call any more. */
  endTest(): Promise<void>;
}

/** Whoever opens it closes it. */
export async function openCallStage(): Promise<CallStage> {
  const times = { ringMs: 20_000, returnMs: 15_000 };
  const stage = await openStage({ times });
  const [ines, njeri, claire] = stage.actors as [Actor, Actor, Actor];
  const microphones = new Map([
    [ines, inesHz],
    [njeri, njeriHz],
    [claire, claireHz],
  ]);
  const browsers = new Map<Actor, Promise<Browser>>();
  const contexts: BrowserContext[] = [];
  const tabs: TelephonePage[] = [];

  /** Opened for whoever first needs it. */
  function browserOf(actor: Actor): Promise<Browser> {
    const browser = browsers.get(actor) ?? openChromium({ microphoneHz: microphones.get(actor) ?? 0 });
    browsers.set(actor, browser);
    return browser;
  }

  const made: CallStage = {
    ...stage,
    ines,
    njeri,
    claire,
    times,
    async profile(actor, options) {
      const context = await signIn(await browserOf(actor), actor, options);
      contexts.push(context);
      return context;
    },
    async tab(context, path) {
      const page = await openTelephonePage(context, stage, path);
      tabs.push(page);
      return page;
    },
    async pages(actors, options) {
      const pages = await Promise.all(
        actors.map(async (actor) => made.tab(await made.profile(actor, options))),
      );
      for (const { name } of actors.slice(1)) await pages[0]!.sees(name, 'free');
      return pages;
    },
    async endTest() {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
      expect(tabs.splice(0).flatMap((page) => page.troubles)).toEqual([]);
      await until(async () => (await stage.claimsOfCalls()) === 0, 'nobody is in a call any more');
    },
    async close() {
      await Promise.all([...browsers.values()].map(async (browser) => (await browser).close()));
      await stage.close();
    },
  };
  return made;
}

export async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (const end = Date.now() + 45_000; !(await holds()); ) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A stall of the machine may leave a gap in a sound, so whoever expects it looks until it is there. */
export async function heard(page: TelephonePage, hz: number): Promise<boolean> {
  const sound = await page.hears(hz);
  return sound !== null && sound.level > 0.02 && sound.share > 0.3;
}

export async function silent(page: TelephonePage): Promise<boolean> {
  const sound = await page.hears(inesHz);
  return sound === null || (sound.listenedMs >= listenedForLevelMs && sound.level < 0.002);
}

/** Of what is heard on a page nothing is at this frequency, while something is heard. */
export async function lacks(page: TelephonePage, hz: number): Promise<boolean> {
  const sound = await page.hears(hz);
  return sound !== null && sound.listenedMs >= listenedForShareMs && sound.level > 0.02 && sound.share < 0.05;
}

/** Each of two pages hears what is said at the other one. */
export async function hearEachOther(
  [one, oneHz]: readonly [TelephonePage, number],
  [other, otherHz]: readonly [TelephonePage, number],
): Promise<void> {
  await Promise.all([
    until(() => heard(one, otherHz), `${otherHz} Hz is heard where ${oneHz} Hz is said`),
    until(() => heard(other, oneHz), `${oneHz} Hz is heard where ${otherHz} Hz is said`),
  ]);
}
