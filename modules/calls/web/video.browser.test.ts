import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Baresip, startBaresip } from '@liaison/sip/testing';
import { openChromium } from '@liaison/tests/chromium';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { heard, until } from './testing/call-stage.ts';
import { openMirrorTelephone } from './testing/mirror-telephone.ts';
import { type Actor, openStage, type Stage } from './testing/stage.ts';
import { openTelephonePage, signIn, type TelephonePage } from './testing/telephone-page.ts';

/** The same two pages in every test, in one browser: Inês's and Njeri's; and Claire's video telephone. */
let stage: Stage;
let claire: Actor;
let chromium: Browser;
let a: TelephonePage;
let b: TelephonePage;
let folder: string;
let desk: Baresip;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-video-'));
  [stage, chromium] = await Promise.all([openStage(), openChromium()]);
  claire = stage.actors[2] as Actor;
  const page = async (actor: Actor): Promise<TelephonePage> => {
    // What is painted costs more than what is sent.
    const context = await signIn(chromium, actor, { size: { width: 1000, height: 640 } });
    await context.grantPermissions(['camera', 'microphone']);
    await context.addInitScript(watchCameras);
    return openTelephonePage(context, stage);
  };
  const [ines, njeri] = stage.actors as [Actor, Actor];
  [a, b, desk] = await Promise.all([page(ines), page(njeri), videoTelephone()]);
  await a.sees('Njeri Wambuto', 'free');
}, 180_000);

/** Shows a test picture that stands still and comes again and again. */
async function videoTelephone(): Promise<Baresip> {
  const { username, secret } = await stage.telephone(claire);
  const made = await startBaresip({
    user: username,
    domain: stage.domain,
    password: secret,
    server: { host: '127.0.0.1', port: stage.sipPorts.udp },
    video: true,
    workDir: folder,
  });
  await made.waitFor('REGISTER_OK', { deadlineMs: 30_000 });
  return made;
}

afterEach(async () => {
  for (const { page } of [a, b]) await page.keyboard.press('Control+Shift+D');
  await until(async () => (await stage.claimsOfCalls()) === 0, 'nobody is in a call any more');
  await expect.poll(() => Promise.all([a, b].map(({ page }) => camerasOn(page)))).toEqual([0, 0]);
  expect([...a.troubles, ...b.troubles]).toEqual([]);
});

afterAll(async () => {
  await Promise.all([desk?.stop(), chromium?.close()]);
  await stage?.close();
  await rm(folder, { recursive: true, force: true });
});

async function talking(): Promise<void> {
  await a.dial('Njeri');
  await b.until('ringing-in');
  await b.press('Answer');
  await Promise.all([a.until('call'), b.until('call')]);
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
  // As a network that lets nothing pass between two browsers, from when a test says so.
  const describe: (description: RTCSessionDescriptionInit) => Promise<void> =
    RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (
    this: RTCPeerConnection,
    { type, sdp = '' }: RTCSessionDescriptionInit,
  ) {
    // Chromium's descriptions say so; the relay's do not.
    const isCut = 'noDirectPath' in globalThis && sdp.includes('ice-options:trickle');
    return describe.call(this, { type, sdp: isCut ? sdp.replace(/^a=candidate:.*\r\n/gm, '') : sdp });
  };
}
/** Two pictures, one after another: how bright the second is, and how many of its points changed. */
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
  // A picture that stands still has no next one.
  await new Promise((resolve) => {
    video.requestVideoFrameCallback(() => video.requestVideoFrameCallback(resolve));
    setTimeout(resolve, 1000);
  });
  const second = points();
  let sum = 0;
  let changed = 0;
  for (let at = 0; at < first.length; at += 4) {
    sum += (second[at] ?? 0) + (second[at + 1] ?? 0) + (second[at + 2] ?? 0);
    if (Math.abs((second[at + 1] ?? 0) - (first[at + 1] ?? 0)) > 24) changed += 1;
  }
  return { bright: sum / (3 * 160 * 90), changed };
}

const moves = async ({ page }: TelephonePage, whose: 'mine' | 'theirs'): Promise<boolean> => {
  const seen = await page.evaluate(look, whose);
  return seen !== null && seen.bright > 10 && seen.changed > 5;
};
const isBright = async ({ page }: TelephonePage): Promise<boolean> =>
  ((await page.evaluate(look, 'theirs'))?.bright ?? 0) > 10;
const camerasOn = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      (globalThis as unknown as { cameras: MediaStreamTrack[] }).cameras.filter(
        (track) => track.readyState === 'live',
      ).length,
  );
const camera = ({ page }: TelephonePage) => page.getByRole('button', { name: 'Camera', exact: true });

test('each shows a picture and takes it back, hold ends it, and a camera that is refused is said', async () => {
  await a.dial('Njeri');
  await b.until('ringing-in');
  // Before she answers it is seen here alone.
  await camera(a).click();
  await until(() => moves(a, 'mine'), 'Inês sees herself');
  await b.press('Answer');
  await Promise.all([a.until('call'), b.until('call')]);
  await expect.poll(() => camerasOn(b.page)).toBe(0);
  await until(() => moves(b, 'theirs'), 'Njeri sees Inês');
  await expect.poll(() => camera(a).getAttribute('aria-pressed')).toBe('true');
  await b.page.keyboard.press('Control+Shift+E');
  await until(() => moves(a, 'theirs'), 'Inês sees Njeri');

  // A face takes the place of the last picture, and the device is free.
  await camera(a).click();
  await b.page.locator('[data-picture="face"]').waitFor();
  await expect.poll(() => b.page.locator('video[data-picture="theirs"]').count()).toBe(0);
  await expect.poll(() => camerasOn(a.page)).toBe(0);
  await expect.poll(() => moves(a, 'theirs')).toBe(true);

  await a.press('Hold');
  await b.until('held');
  await until(async () => (await camerasOn(b.page)) === 0, 'hold switches cameras off');
  await a.press('Resume');
  await b.until('call');
  await camera(b).click();
  await until(() => moves(a, 'theirs'), 'Inês sees Njeri after the hold');

  await a.page.evaluate(() => Object.assign(globalThis, { noCamera: true }));
  await camera(a).click();
  await a.page.getByRole('dialog', { name: 'Liaison may not use the camera' }).waitFor();
  await a.page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect.poll(() => a.line()).toBe('call');
  await expect.poll(() => a.paths()).toEqual(['direct']);
  await a.page.evaluate(() => Reflect.deleteProperty(globalThis, 'noCamera'));
}, 120_000);

test('the relay passes pictures on where the pages do not reach each other', async () => {
  for (const { page } of [a, b]) await page.evaluate(() => Object.assign(globalThis, { noDirectPath: true }));
  await talking();
  await until(async () => (await a.paths()).at(-1) === 'relay', 'the call goes through the relay');
  await camera(a).click();
  await camera(b).click();
  await until(() => moves(b, 'theirs'), 'Njeri sees Inês');
  await until(() => moves(a, 'theirs'), 'Inês sees Njeri');
  await camera(a).click();
  await b.page.locator('[data-picture="face"]').waitFor();
  await camera(a).click();
  await until(() => moves(b, 'theirs'), 'Njeri sees Inês again');
}, 120_000);

/** Pictures that it has received, read and shown in its present call. */
const shownBy = async (by: Baresip): Promise<number> =>
  Number(/vidisp: .*frames=(\d+)/.exec((await by.command('video_debug').catch(() => '')) ?? '')?.[1] ?? 0);

test("a video telephone's picture is seen on the page that answers, and the page's on it", async () => {
  await desk.dial(`sip:4110@${stage.domain}`);
  await a.until('ringing-in');
  await a.press('Answer');
  await a.until('call');
  await until(() => isBright(a), 'Inês sees what the telephone shows');
  await camera(a).click();
  await until(async () => (await shownBy(desk)) > 5, 'the telephone shows Inês');
  await desk.hangup();
  await a.until('ended');
}, 120_000);

test('a page that rings a video telephone shows its picture there, asked for when its camera goes on', async () => {
  const from = desk.events.length;
  await a.dial('Claire');
  await desk.waitFor('CALL_INCOMING', { from });
  await desk.accept();
  await a.until('call');
  await expect.poll(() => a.page.locator('[data-picture]').count()).toBe(0);
  await camera(a).click();
  await until(async () => (await shownBy(desk)) > 5, 'the telephone shows Inês');
  await until(() => isBright(a), 'Inês sees what the telephone shows');
  await until(() => moves(a, 'mine'), 'Inês sees herself');
  await until(() => heard(a, 440), 'Inês hears the telephone on');
  // Switched off and on again nobody is asked anything.
  await camera(a).click();
  await expect.poll(() => camerasOn(a.page)).toBe(0);
  const before = await shownBy(desk);
  await camera(a).click();
  await until(async () => (await shownBy(desk)) > before + 5, 'the telephone shows Inês again');
}, 120_000);

test('a telephone with H.264 alone: refused, its sound goes on; taken, the page sees its own picture come back', async () => {
  await desk.stop();
  const mirror = await openMirrorTelephone(stage, claire);
  try {
    mirror.refusing = 488;
    await a.dial('Claire');
    await a.until('call');
    await camera(a).click();
    await a.page.getByRole('dialog', { name: 'The other side takes no picture' }).waitFor();
    await expect.poll(() => camerasOn(a.page)).toBe(0);
    expect([mirror.offers, mirror.seen, await a.line()]).toEqual([[], 0, 'call']);

    mirror.refusing = 0;
    let isTaken = (): void => {};
    mirror.asking = new Promise<void>((resolve) => {
      isTaken = resolve;
    });
    await a.page.getByRole('button', { name: 'Try again', exact: true }).click();
    await a.page.getByText(/Claire Aubrieux's telephone is being asked/).waitFor();
    await until(() => moves(a, 'mine'), 'Inês sees her own picture while it is asked');
    expect(mirror.seen).toBe(0);
    isTaken();
    await until(() => moves(a, 'theirs'), 'Inês sees herself in the mirror');
    expect(mirror.offers).toHaveLength(1);
    await mirror.hangUp();
    await a.until('ended');
  } finally {
    await mirror.close();
  }
}, 120_000);
