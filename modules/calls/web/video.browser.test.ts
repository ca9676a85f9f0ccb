import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Baresip, startBaresip } from '@liaison/sip/testing';
import { openChromium } from '@liaison/tests/chromium';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Actor, openStage, type Stage } from './testing/stage.ts';
import {
  openTelephonePage,
  type SignedInOptions,
  signIn,
  type TelephonePage,
} from './testing/telephone-page.ts';

let stage: Stage;
let ines: Actor;
let njeri: Actor;
let chromium: Browser;
const open: BrowserContext[] = [];

beforeAll(async () => {
  stage = await openStage({ people: 2 });
  [ines, njeri] = stage.actors as [Actor, Actor];
  chromium = await openChromium();
}, 180_000);

afterEach(async () => {
  for (const context of open.splice(0)) await context.close();
  await until(() => stage.runningCalls() === 0, 'nobody is in a call any more');
});

afterAll(async () => {
  await chromium?.close();
  await stage?.close();
});

async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const end = Date.now() + 45_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function pageOf(actor: Actor, options: SignedInOptions): Promise<TelephonePage> {
  const context = await signIn(chromium, actor, options);
  open.push(context);
  await context.grantPermissions(['camera', 'microphone']);
  await context.addInitScript(watchCameras);
  return await openTelephonePage(context, stage);
}

async function talking(options: SignedInOptions = {}): Promise<[TelephonePage, TelephonePage]> {
  const both = await Promise.all([pageOf(ines, options), pageOf(njeri, options)]);
  const [a, b] = both;
  await a.sees('Njeri Wambuto', 'free');
  await a.dial('Njeri');
  await b.until('ringing-in');
  await b.press('Answer');
  await Promise.all([a.until('call'), b.until('call')]);
  return both;
}

/* These two run in the page, so each is whole in itself. */
function watchCameras(): void {
  const cameras: MediaStreamTrack[] = [];
  Object.assign(globalThis, { cameras });
  const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (wanted?.video && 'noCamera' in globalThis) throw new DOMException('no', 'NotAllowedError');
    // Small and slow: what is shown here is that it arrives, on machines that do other things too.
    const small = { width: 320, height: 180, frameRate: 10 };
    const stream = await original(wanted?.video ? { video: small } : wanted);
    cameras.push(...stream.getVideoTracks());
    return stream;
  };
}
/** Two looks at a picture: how bright it is, and how many of its points changed between them. */
async function look(whose: string): Promise<{ bright: number; changed: number } | null> {
  const video = document.querySelector<HTMLVideoElement>(`video[data-picture="${whose}"]`);
  if (!video || video.videoWidth === 0) return null;
  const canvas = document.createElement('canvas');
  canvas.width = 160;
  canvas.height = 90;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return null;
  const points = (): Uint8ClampedArray => {
    context.drawImage(video, 0, 0, 160, 90);
    return context.getImageData(0, 0, 160, 90).data;
  };
  const first = points();
  await new Promise((resolve) => setTimeout(resolve, 400));
  const second = points();
  let sum = 0;
  let changed = 0;
  for (let at = 0; at < first.length; at += 4) {
    sum += (second[at] ?? 0) + (second[at + 1] ?? 0) + (second[at + 2] ?? 0);
    if (Math.abs((second[at + 1] ?? 0) - (first[at + 1] ?? 0)) > 24) changed += 1;
  }
  return { bright: sum / (3 * 160 * 90), changed };
}

const moves = async (page: Page, whose: 'mine' | 'theirs'): Promise<boolean> => {
  const seen = await page.evaluate(look, whose);
  return seen !== null && seen.bright > 10 && seen.changed > 5;
};
const camerasOn = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      (globalThis as unknown as { cameras: MediaStreamTrack[] }).cameras.filter(
        (track) => track.readyState === 'live',
      ).length,
  );
const camera = (page: Page) => page.getByRole('button', { name: 'Camera', exact: true });

test('each shows a picture and takes it back, hold ends it, and a camera that is refused is said', async () => {
  const [a, b] = await talking();
  expect(await camerasOn(a.page)).toBe(0);

  await camera(a.page).click();
  await until(() => moves(b.page, 'theirs'), 'Njeri sees Inês');
  await until(() => moves(a.page, 'mine'), 'Inês sees herself');
  expect(await camera(a.page).getAttribute('aria-pressed')).toBe('true');
  expect(await camerasOn(b.page)).toBe(0);
  await b.page.keyboard.press('Control+Shift+E');
  await until(() => moves(a.page, 'theirs'), 'Inês sees Njeri');

  // A face takes the place of the last picture, and the device is free.
  await camera(a.page).click();
  await b.page.locator('[data-picture="face"]').waitFor();
  expect(await b.page.locator('video[data-picture="theirs"]').count()).toBe(0);
  expect(await camerasOn(a.page)).toBe(0);
  expect(await moves(a.page, 'theirs')).toBe(true);

  await a.press('Hold');
  await b.until('held');
  await until(async () => (await camerasOn(b.page)) === 0, 'hold switches cameras off');
  await a.press('Resume');
  await b.until('call');
  await camera(b.page).click();
  await until(() => moves(a.page, 'theirs'), 'Inês sees Njeri after the hold');

  await a.page.evaluate(() => Object.assign(globalThis, { noCamera: true }));
  await camera(a.page).click();
  await a.page.getByRole('dialog', { name: 'Liaison may not use the camera' }).waitFor();
  await a.page.getByRole('button', { name: 'Cancel', exact: true }).click();
  expect(await a.line()).toBe('call');
  expect(await a.paths()).toEqual(['direct']);
  expect([...a.troubles, ...b.troubles]).toEqual([]);
}, 120_000);

test('the relay passes pictures on where the pages do not reach each other', async () => {
  const [a, b] = await talking({ noDirectPath: true });
  await until(async () => (await a.paths()).at(-1) === 'relay', 'the call goes through the relay');
  await camera(a.page).click();
  await until(() => moves(b.page, 'theirs'), 'Njeri sees Inês');
  await camera(b.page).click();
  await until(() => moves(a.page, 'theirs'), 'Inês sees Njeri');
  await camera(a.page).click();
  await b.page.locator('[data-picture="face"]').waitFor();
  await camera(a.page).click();
  await until(() => moves(b.page, 'theirs'), 'Njeri sees Inês again');
  expect([...a.troubles, ...b.troubles]).toEqual([]);
}, 120_000);

test("a video telephone's picture is seen on the page that answers, and the page's on it", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-video-'));
  const { username, secret } = await stage.telephone(njeri);
  let telephone: Baresip | undefined;
  try {
    telephone = await startBaresip({
      user: username,
      domain: stage.domain,
      password: secret,
      server: { host: '127.0.0.1', port: stage.sipPorts.udp },
      video: true,
      workDir: folder,
    });
    await telephone.waitFor('REGISTER_OK', { deadlineMs: 30_000 });
    const a = await pageOf(ines, {});
    await telephone.dial(`sip:4110@${stage.domain}`);
    await a.until('ringing-in');
    await a.press('Answer');
    await a.until('call');
    // Its test picture stands still, and comes again and again.
    await until(
      async () => ((await a.page.evaluate(look, 'theirs'))?.bright ?? 0) > 10,
      'Inês sees what the telephone shows',
    );
    await camera(a.page).click();
    const seen = async () =>
      Number(
        /vidisp: .*frames=(\d+)/.exec((await telephone?.command('video_debug').catch(() => '')) ?? '')?.[1] ??
          0,
      );
    await until(async () => (await seen()) > 5, 'the telephone shows Inês');
    expect(a.troubles).toEqual([]);
    await telephone.hangup();
    await a.until('ended');
  } finally {
    await telephone?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
