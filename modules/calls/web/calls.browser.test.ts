import { openChromium } from '@liaison/tests/chromium';
import { expectAccessible } from '@liaison/ui/testing/expect';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type CallStage,
  claireHz,
  heard,
  hearEachOther,
  inesHz,
  lacks,
  njeriHz,
  openCallStage,
  silent,
  until,
} from './testing/call-stage.ts';
import { type SignedInOptions, signIn, type TelephonePage } from './testing/telephone-page.ts';

let stage: CallStage;
let { ines, njeri, claire, profile, tab } = {} as CallStage;

beforeAll(async () => {
  stage = await openCallStage();
  ({ ines, njeri, claire, profile, tab } = stage);
}, 180_000);
afterEach(() => stage.endTest());
afterAll(() => stage?.close());

/** Both at their telephones. */
async function two(options?: SignedInOptions): Promise<{ a: TelephonePage; b: TelephonePage }> {
  const [a, b] = await stage.pages([ines, njeri], options);
  return { a: a!, b: b! };
}

async function talking(options?: SignedInOptions) {
  const both = await two(options);
  await both.a.dial('Njeri');
  await both.b.until('ringing-in');
  await both.b.press('Answer');
  await both.a.until('call');
  await both.b.until('call');
  return both;
}

const bothHear = (a: TelephonePage, b: TelephonePage): Promise<void> =>
  hearEachOther([a, inesHz], [b, njeriHz]);

describe('a call between two browsers', () => {
  test('rings, is answered, is heard both ways directly, goes on through pages, is hung up by the caller', async () => {
    const { a, b } = await two();
    await a.dial('wambuto');
    await a.until('ringing-out');
    await b.until('ringing-in');
    await b.page.getByRole('region', { name: 'Inês Carvalhal calls you' }).waitFor();
    await b.press('Answer');
    await a.until('call');
    await bothHear(a, b);
    await expect.poll(() => a.paths()).toEqual(['direct']);
    await until(() => lacks(a, inesHz), 'Inês does not hear herself');

    // Another page of the suite: same line element, same sound.
    const line = await a.page.$('[data-line]');
    await a.page.keyboard.press('Escape');
    await a.go('/me');
    expect(await line?.evaluate((element) => element.isConnected)).toBe(true);
    await expect.poll(() => a.line()).toBe('call');
    await until(() => heard(a, njeriHz), 'Inês still hears Njeri');

    await a.press('Hang up');
    await b.until('ended');
    await expect.poll(() => b.page.getByText(/hung up after/).count()).toBeGreaterThan(0);
    await b.until('idle');
    await b.page
      .getByText(/Incoming, \d+ s/)
      .first()
      .waitFor();
  });

  test('goes through the relay when no UDP passes between the browsers', async () => {
    const { a, b } = await talking({ noDirectPath: true });
    await bothHear(a, b);
    await expect.poll(() => a.paths()).toEqual(['direct', 'relay']);
    await b.press('Hang up');
    await a.until('ended');
  });

  test('mute and hold silence it; a reload returns to it; a lost socket leaves the sound alone', async () => {
    const { a, b } = await talking();
    await bothHear(a, b);
    await a.press('Mute');
    await until(() => silent(b), 'Njeri hears nothing while Inês is mute');
    await until(() => heard(a, njeriHz), 'Inês still hears Njeri');
    await a.page.keyboard.press('Control+Shift+M');
    await until(() => heard(b, inesHz), 'Njeri hears Inês again');

    await b.press('Hold');
    await a.until('held');
    await b.until('held');
    await until(() => silent(a), 'Inês hears nothing on hold');
    await until(() => silent(b), 'nor does Njeri');
    await b.press('Resume');
    await bothHear(a, b);

    await b.page.reload();
    await b.until('call');
    await bothHear(a, b);
    await expect.poll(() => a.line()).toBe('call');

    const ofNjeri = b.page.context();
    await ofNjeri.setOffline(true);
    await b.page.evaluate(() => window.dispatchEvent(new Event('offline')));
    await until(() => heard(b, inesHz), 'Njeri hears Inês without a socket');
    await ofNjeri.setOffline(false);
    await b.page.evaluate(() => window.dispatchEvent(new Event('online')));
    await bothHear(a, b);
    await b.page.keyboard.press('Control+Shift+D');
    await a.until('ended');
  });
});

describe('a second call', () => {
  test('waits beside the first; refused with a word, then answered while the first is held; swapped with; one hung up', async () => {
    const { a, b } = await talking();
    const [c] = (await stage.pages([claire])) as [TelephonePage];
    await c.dial('Njeri');
    const card = b.page.getByRole('region', { name: 'Claire Aubrieux calls you' });
    await card.waitFor();
    await expect.poll(() => b.line()).toBe('call');
    await b.press('Refuse with a word');
    await b.press('I’m in a meeting');
    await card.waitFor({ state: 'detached' });
    await c.page.getByText('Appel refusé. Laisser un mot ?').first().waitFor();
    await until(() => heard(a, njeriHz), 'Inês still hears Njeri');

    await c.dial('Njeri');
    await card.waitFor();
    await b.press('Hold and answer');
    await b.until('two');
    await a.until('held');
    await until(() => heard(b, claireHz), 'Njeri hears Claire');
    await until(() => heard(c, njeriHz), 'Claire hears Njeri');
    await until(() => silent(a), 'Inês hears nothing meanwhile');

    await b.press('Swap');
    await a.until('call');
    await c.until('held');
    await bothHear(a, b);
    await until(() => silent(c), 'Claire hears nothing meanwhile');

    await b.press('Hang up');
    await a.until('ended');
    await b.until('held');
    await b.press('Resume');
    await until(() => heard(b, claireHz), 'Njeri hears Claire again');
    await b.press('Hang up');
    await c.until('ended');
  });
});

describe('a microphone that gives nothing', () => {
  test('is said on the line to whom it belongs, until it is muted on purpose', async () => {
    const quiet = await openChromium({ microphoneHz: 0 });
    try {
      const b = await tab(await profile(njeri));
      const a = await tab(await signIn(quiet, ines));
      await a.sees('Njeri Wambuto', 'free');
      await a.dial('Njeri');
      await b.until('ringing-in');
      await b.press('Answer');
      const warning = a.page.getByText('Your microphone gives no sound: nobody hears you');
      await warning.first().waitFor({ timeout: 45_000 });
      expect(await b.page.getByText('Your microphone gives no sound').count()).toBe(0);
      await a.press('Mute');
      await warning.first().waitFor({ state: 'detached' });
      await a.press('Hang up');
      await b.until('ended');
    } finally {
      await quiet.close();
    }
  });
});

describe('who rings', () => {
  test('all pages ring; one answers, the others stop and may bring the call to themselves', async () => {
    const { a, b } = await two();
    const other = await tab(b.page.context());
    await a.dial('4111');
    await b.until('ringing-in');
    await other.until('ringing-in');
    await b.press('Answer');
    await other.until('call');
    await other.page.getByText('On another page of yours').waitFor();
    await expect.poll(() => other.page.getByRole('region', { name: /calls you/ }).count()).toBe(0);
    await bothHear(a, b);

    await other.press('Bring the call here');
    await bothHear(a, other);
    await b.page.getByText('On another page of yours').waitFor();
    await until(() => silent(b), 'the page before it is silent');
    await other.press('Hang up');
    await a.until('ended');
  });

  test('refused, taken back, not answered in time: both know, and what was missed is counted until it is looked at', async () => {
    const { a, b } = await two();
    await a.dial('Njeri');
    await b.until('ringing-in');
    // It stands for some seconds only, so it is waited for from before.
    const told = a.page.getByText('Declined. Leave a word?').first().waitFor();
    // Its whole name: a call that was refused before stands in the list under a longer one.
    await b.press(/^Refuse$/);
    await told;
    await b.until('idle');

    await a.dial('Njeri');
    await b.until('ringing-in');
    await a.press('Hang up');
    await a.until('idle');
    await b.page.getByText('Missed call').first().waitFor();
    const missed = b.page.getByRole('button', { name: /^Missed \d+$/ });
    await missed.click();
    await b.page.getByRole('button', { name: 'Missed', exact: true }).waitFor();
    await b.page
      .getByRole('button', { name: /Inês Carvalhal\s*, Missed/ })
      .first()
      .waitFor();

    const { ringMs } = stage.times;
    stage.times.ringMs = 4000;
    try {
      await a.dial('Njeri');
      await b.until('ringing-in');
      await a.page.getByText('No answer. Leave a word?').first().waitFor();
    } finally {
      stage.times.ringMs = ringMs;
    }
  });

  test('a page that nobody looks at says nothing of a call in quiet hours in which calls are silent, and rings else', async () => {
    type Times = { readonly quiet: object };
    const { times } = (await stage.as(njeri, 'GET', '/notify/preferences')) as { times: Times };
    const choose = (quiet: object) =>
      stage.as(njeri, 'PUT', '/notify/preferences/times', { ...times, quiet: { ...times.quiet, ...quiet } });
    await choose({ on: true, from: '00:00', until: '00:00', calls: 'silent' });
    const ofNjeri = await profile(njeri);
    await ofNjeri.addInitScript(hideAndRecord);
    const a = await tab(await profile(ines));
    const b = await tab(ofNjeri);
    const notices = () => b.page.evaluate(() => (window as unknown as { shown: readonly string[] }).shown);
    await a.sees('Njeri Wambuto', 'free');
    const call = async (): Promise<unknown> => {
      const [answer] = await Promise.all([
        b.page.waitForResponse((response) => response.url().includes('/notify/may-ring')),
        a.dial('Njeri'),
      ]);
      await b.until('ringing-in');
      return answer.json();
    };
    try {
      expect(await call()).toEqual({ may: false });
      await a.press('Hang up');
      await b.until('idle');
      await a.until('idle');
      expect(await notices()).toEqual([]);
      await choose({ calls: 'ring' });
      expect(await call()).toEqual({ may: true });
      await until(async () => (await notices()).includes('Inês Carvalhal calls you'), 'a notice');
      await a.press('Hang up');
      await b.until('idle');
    } finally {
      await stage.as(njeri, 'PUT', '/notify/preferences/times', times);
    }
  });

  test('busy, offline, nobody', async () => {
    await stage.as(njeri, 'PUT', '/calls/settings', { callWaiting: false });
    const { a, b } = await talking();
    const ofClaire = await profile(claire);
    const c = await tab(ofClaire);
    await c.page.keyboard.press('Escape');
    await c.dial('Njeri');
    await c.page.getByText('Déjà en appel. Laisser un mot ?').first().waitFor();
    await stage.as(njeri, 'PUT', '/calls/settings', { callWaiting: true });
    await c.dial('999999');
    await c.page.getByText('Personne ne répond à ce nom ou à ce numéro.').first().waitFor();
    await b.press('Hang up');
    await a.until('ended');
    await ofClaire.close();
    await a.sees('Claire Aubrieux', 'offline');
    await a.dial('Claire');
    await a.page.getByText('Offline everywhere. Leave a word?').first().waitFor();
  });

  test('without a microphone nothing is called, and the page says what helps', async () => {
    const ofInes = await profile(ines, { deaf: true });
    const a = await tab(ofInes);
    await a.dial('Njeri');
    await a.page.getByRole('dialog', { name: 'Liaison may not use the microphone' }).waitFor();
    await expect.poll(() => a.line()).toBe('idle');
    await a.page.keyboard.press('Escape');
    await a.page.getByRole('dialog').waitFor({ state: 'detached' });
  });
});

describe('reachability', () => {
  test('is on every face within a second, and mine is chosen under my face', async () => {
    const { a, b } = await two();
    await b.page.getByRole('button', { name: /^Njeri Wambuto/ }).click();
    await b.page.getByRole('button', { name: 'Do not disturb for 1 h' }).click();
    await a.sees('Njeri Wambuto', 'dnd');
    await a.dial('Njeri');
    await a.page.getByText('Does not want to be disturbed. Leave a word?').first().waitFor();
    await b.page.getByRole('button', { name: /^Njeri Wambuto/ }).click();
    await b.page.getByRole('button', { name: 'Free', exact: true }).click();
    await a.sees('Njeri Wambuto', 'free');
  });
});

describe.each([
  ['wide', 'light', { width: 1440, height: 900 }],
  ['narrow', 'dark', { width: 390, height: 844 }],
] as const)('on a %s, %s screen', (_width, scheme, size) => {
  test('axe finds nothing while idle, ringing, talking and after', async () => {
    const check = async ({ page }: TelephonePage, when: string): Promise<void> => {
      await expectAccessible(page, when);
      expect(
        await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'),
      ).toBeLessThanOrEqual(0);
    };
    const { a, b } = await two({ scheme, size });
    await check(a, 'idle');
    await a.dial('Njeri');
    await b.until('ringing-in');
    await check(a, 'ringing out');
    await check(b, 'ringing in');
    await b.press('Answer');
    await a.until('call');
    await check(a, 'talking');
    await a.press('Hang up');
    await check(a, 'after');
  });
});

/** Runs in the page: it is never seen, and what it shows outside itself is kept. */
function hideAndRecord(): void {
  const shown: string[] = [];
  class Recorded {
    static permission = 'granted';
    constructor(title: string) {
      shown.push(title);
    }
    close() {}
  }
  Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
  Object.assign(window, { Notification: Recorded, shown });
  ServiceWorkerRegistration.prototype.showNotification = async (title) => void shown.push(title);
}
