import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type BrowserTelephone, openBrowserTelephone, openSecureDoor } from '../testing/browser-telephone.ts';
import { openChromium, playedAt } from '../testing/chromium.ts';
import {
  fallsSilent,
  type LabTelephone,
  openTelephoneLab,
  type TelephoneLab,
} from '../testing/telephone-lab.ts';
import { shown } from '../testing/telephone-rows.ts';

/** A third party's browser client: JsSIP in Chromium, over secure WebSocket, beside Debian's baresip on a desk. */
let lab: TelephoneLab;
let door: Awaited<ReturnType<typeof openSecureDoor>>;
let browser: Browser;
let phone: BrowserTelephone | undefined;
const pageHz = 660;
const { version: jssipVersion } = createRequire(import.meta.url)('jssip/package.json') as { version: string };

beforeAll(async () => {
  lab = await openTelephoneLab();
  door = await openSecureDoor(lab);
  browser = await openChromium({
    microphoneHz: pageHz,
    flags: ['--ignore-certificate-errors', '--autoplay-policy=no-user-gesture-required'],
  });
});
afterEach(async () => {
  await phone?.close();
  await lab.endTelephones();
});
afterAll(async () => {
  await browser?.close();
  await door?.close();
  await lab?.close();
});

const happens = (what: string | RegExp) =>
  expect
    .poll(async () => (await phone?.happened())?.join('; '), { timeout: 20_000 })
    .toMatch(typeof what === 'string' ? new RegExp(`(^|; )${what}($|; )`) : what);

/** Pictures that a desk telephone has received, read and shown. */
async function picturesSeen(desk: LabTelephone): Promise<number> {
  const report = await desk.command('video_debug').catch(() => '');
  return Number(/vidisp: .*frames=(\d+)/.exec(report)?.[1] ?? 0);
}

/** Pictures that the page of JsSIP has read of whom it talks with. */
const picturesRead = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const { telephone } = window as unknown as { telephone: { session?: { connection: RTCPeerConnection } } };
    const reports = (await telephone.session?.connection.getStats()) ?? new Map();
    let read = 0;
    for (const report of reports.values())
      if (report.type === 'inbound-rtp' && report.kind === 'video') read += report.framesDecoded ?? 0;
    return read;
  });

/** Answers with its microphone and a picture that moves. */
const answerWithPicture = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const { telephone } = window as unknown as { telephone: { session: { answer(options: unknown): void } } };
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d')!;
    let drawn = 0;
    setInterval(() => {
      context.fillStyle = `hsl(${(drawn++ * 20) % 360} 80% 50%)`;
      context.fillRect(0, 0, canvas.width, canvas.height);
    }, 60);
    const mediaStream = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of canvas.captureStream(15).getTracks()) mediaStream.addTrack(track);
    telephone.session.answer({ mediaStream, pcConfig: { iceServers: [] } });
  });

const versions = () => `${jssipVersion}, ${browser.version()}`;
const row = {
  client: 'JsSIP in Chromium',
  transport: 'WSS',
  encryption: 'SRTP (DTLS) ↔ none',
  network: 'direct',
  sound: 'both ways',
} as const;

it('registers, calls a desk telephone, holds and hangs up', async () => {
  const desk = await lab.telephone(lab.bob, { hz: 880, answerMode: 'auto' });
  phone = await openBrowserTelephone(lab, browser, door.origin, lab.alice);
  await happens('registered');
  await phone.call(lab.addressOf(lab.bob));
  await happens('confirmed');
  const { page } = phone;
  await expect.poll(() => playedAt(page, 880), { timeout: 20_000 }).toBeGreaterThan(0.8);
  await expect.poll(() => desk.heardSince(pageHz, 0), { timeout: 20_000 }).toBeGreaterThan(0.8);
  expect(await playedAt(page, pageHz)).toBeLessThan(0.05);

  await phone.hold();
  const before = await fallsSilent(desk);
  await phone.resume();
  await expect.poll(() => desk.heardSince(pageHz, before), { timeout: 15_000 }).toBeGreaterThan(0.8);
  await expect.poll(() => playedAt(page, 880), { timeout: 15_000 }).toBeGreaterThan(0.8);

  const from = desk.events.length;
  await phone.hangUp();
  await desk.waitFor('CALL_CLOSED', { from });
  await shown({ ...row, codec: 'PCMU', also: ['calls', 'hold'], version: versions() });
});

it('is rung by a desk telephone, answers, and is hung up', async () => {
  const desk = await lab.telephone(lab.bob, { hz: 880, codecs: ['opus/48000/2'] });
  phone = await openBrowserTelephone(lab, browser, door.origin, lab.alice);
  await happens('registered');
  await desk.dial(lab.addressOf(lab.alice));
  await phone.answer();
  await desk.waitFor('CALL_ESTABLISHED');
  const { page } = phone;
  await expect.poll(() => playedAt(page, 880), { timeout: 20_000 }).toBeGreaterThan(0.8);
  await expect.poll(() => desk.heardSince(pageHz, 0), { timeout: 20_000 }).toBeGreaterThan(0.8);
  await desk.hangup();
  await happens(/ended Terminated/);
  await shown({ ...row, codec: 'Opus', also: ['is called'], version: versions() });
});

it('is shown a video telephone that calls, and shows itself', async () => {
  const desk = await lab.telephone(lab.bob, { hz: 880, video: true });
  phone = await openBrowserTelephone(lab, browser, door.origin, lab.alice);
  await happens('registered');
  await desk.dial(lab.addressOf(lab.alice));
  await happens('ringing');
  const { page } = phone;
  await answerWithPicture(page);
  await desk.waitFor('CALL_ESTABLISHED');
  await expect.poll(() => picturesRead(page), { timeout: 30_000 }).toBeGreaterThan(5);
  await expect.poll(() => picturesSeen(desk), { timeout: 30_000 }).toBeGreaterThan(5);
  await desk.hangup();
  await happens(/ended Terminated/);
}, 120_000);
