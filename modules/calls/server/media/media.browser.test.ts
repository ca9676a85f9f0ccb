import { codecsOffered } from '@liaison/sdp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createMediaPool, type MediaLog, type MediaPool } from './media.ts';
import { openBrowser, type TestBrowser } from './testing/browser.ts';
import { openTelephone, until } from './testing/telephone.ts';

const log: MediaLog = { info() {}, warn: console.warn, error: console.error };
let browser: TestBrowser;
let pool: MediaPool;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  browser = await openBrowser();
  pool = createMediaPool({
    rtpPorts: { min: 0, max: 0 },
    advertise: '127.0.0.1',
    bind: '127.0.0.1',
    maxProcesses: 1,
    log,
  });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  await pool?.stop();
  await browser?.close();
});

async function parts() {
  const relay = await pool.createRelay();
  closing.push(() => relay.close());
  const telephone = await openTelephone();
  closing.push(() => telephone.close());
  const page = await browser.open();
  closing.push(() => page.page.close());
  return { relay, telephone, page };
}

test('a browser rings a telephone: a tone is heard at the other end, both ways', async () => {
  const { relay, telephone, page } = await parts();
  const browserOffer = await page.offer({ hz: 440 });
  const { offer } = await relay.rtpOffer('telephone', { codecs: codecsOffered(browserOffer) });
  const accepted = await relay.rtpAccept('telephone', telephone.answer(offer), '127.0.0.1');
  expect(accepted).toEqual({ codec: 'PCMU' });
  expect(await relay.connect('browser', 'telephone')).toEqual({ codec: 'PCMU', renegotiate: [] });
  const answered = await relay.webrtcAnswer('browser', browserOffer);
  expect(answered.codec).toBe('PCMU');
  await page.accept(answered.answer);
  telephone.play('PCMU', 660, offer);

  await until(() => telephone.hears(440) > 0.9, 'the telephone hears 440 Hz');
  await until(async () => (await page.hears(660)) > 0.9, 'the browser hears 660 Hz');
  expect(telephone.hears(660)).toBeLessThan(0.05);
  expect(await page.hears(440)).toBeLessThan(0.05);
});
