import { eventOfKey, parseTelephoneEvent } from '@liaison/rtp';
import { codecsOffered } from '@liaison/sdp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createMediaPool, type MediaLog, type MediaPool } from './media.ts';
import { openBrowser, type TestBrowser } from './testing/browser.ts';
import { freeRange, openTelephone, until } from './testing/telephone.ts';

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

test('a telephone rings a browser that offers video too: PCMA both ways, the video is refused', async () => {
  const { relay, telephone, page } = await parts();
  const invite = telephone.offer('18 8 101');
  const browserOffer = await page.offer({ hz: 440, video: true });
  await relay.connect('telephone', 'browser');
  const toTelephone = await relay.rtpAnswer('telephone', invite, '127.0.0.1', {
    codecs: codecsOffered(browserOffer),
  });
  expect(toTelephone.codec).toBe('PCMA');
  expect(toTelephone.answer).not.toContain('G729');
  const { answer } = await relay.webrtcAnswer('browser', browserOffer);
  expect(answer).toContain('m=video 0 ');
  await page.accept(answer);
  telephone.play('PCMA', 660, toTelephone.answer);

  await until(() => telephone.hears(440, 'PCMA') > 0.9, 'the telephone hears 440 Hz');
  await until(async () => (await page.hears(660)) > 0.9, 'the browser hears 660 Hz');
});

test.each([
  ['opus', '96 101'],
  ['G722', '9 8 101'],
  ['PCMA', '8 101'],
] as const)('a browser with Opus alone rings a telephone that speaks %s', async (codec, formats) => {
  const { relay, telephone, page } = await parts();
  const browserOffer = await page.offer({ hz: 440, codecs: ['opus', 'telephone-event'] });
  const { offer } = await relay.rtpOffer('telephone');
  const accepted = await relay.rtpAccept('telephone', telephone.answer(offer, formats), '127.0.0.1');
  expect(accepted).toEqual({ codec });
  await relay.connect('browser', 'telephone');
  const answered = await relay.webrtcAnswer('browser', browserOffer);
  expect(answered.codec).toBe('opus');
  await page.accept(answered.answer);
  telephone.play(codec, 660, offer);
  await until(() => telephone.hears(440, codec) > 0.9, 'the telephone hears 440 Hz');
  await until(async () => (await page.hears(660)) > 0.9, 'the browser hears 660 Hz');
  const { ends } = await relay.stats();
  expect([ends.browser!.transcoded, ends.browser!.unmapped]).toEqual([
    codec === 'opus' ? undefined : true,
    0,
  ]);

  // A key is pressed on Opus's clock and arrives on the telephone's.
  await page.dial('7', 100, 70);
  const events = () =>
    telephone.packets
      .filter((packet) => packet.payloadType === 101)
      .map((packet) => parseTelephoneEvent(packet.payload)!);
  await until(() => events().some(({ event, end }) => event === eventOfKey('7') && end), 'the key');
  expect(events().at(-1)!.duration / 8).toBeGreaterThan(80);
  expect(events().at(-1)!.duration / 8).toBeLessThan(150);
});

test('two browsers hear each other in Opus; one reloads and is heard again', async () => {
  const { relay, page } = await parts();
  const other = await browser.open();
  closing.push(() => other.page.close());
  await relay.connect('a', 'b');
  const first = await relay.webrtcAnswer('a', await page.offer({ hz: 440 }));
  const second = await relay.webrtcAnswer('b', await other.offer({ hz: 660 }));
  expect([first.codec, second.codec]).toEqual(['opus', 'opus']);
  await Promise.all([page.accept(first.answer), other.accept(second.answer)]);
  await until(async () => (await other.hears(440)) > 0.9, 'b hears a');
  await until(async () => (await page.hears(660)) > 0.9, 'a hears b');

  const reloaded = await relay.webrtcAnswer('a', await page.offer({ hz: 880 }));
  await page.accept(reloaded.answer);
  await until(async () => (await other.hears(880)) > 0.9, 'b hears the reloaded a');
  await until(async () => (await page.hears(660)) > 0.9, 'the reloaded a hears b');
  const report = await other.report();
  expect(report.lost).toBe(0);
  expect((await relay.stats()).ends.b).toMatchObject({ kind: 'webrtc', state: 'connected', codec: 'opus' });
});

test('keys pressed in a browser reach the telephone as events on its payload type', async () => {
  const { relay, telephone, page } = await parts();
  const browserOffer = await page.offer({ hz: 440 });
  const { offer } = await relay.rtpOffer('telephone', { codecs: codecsOffered(browserOffer) });
  await relay.rtpAccept('telephone', telephone.answer(offer, '8 121'), '127.0.0.1');
  await relay.connect('browser', 'telephone');
  await page.accept((await relay.webrtcAnswer('browser', browserOffer)).answer);
  await until(() => telephone.hears(440, 'PCMA') > 0.9, 'sound');

  await page.dial('5#', 100, 70);
  const events = () =>
    telephone.packets
      .filter((packet) => packet.payloadType === 121)
      .map((packet) => ({ ...packet, event: parseTelephoneEvent(packet.payload)! }));
  const ended = (key: string) =>
    events().filter(({ event }) => event.event === eventOfKey(key) && event.end).length;
  await until(() => ended('5') >= 1 && ended('#') >= 3, 'both keys ended');

  for (const key of ['5', '#']) {
    const packets = events().filter(({ event }) => event.key === key);
    // RFC 4733 §2.5.1.2: one timestamp for the whole event, durations that grow
    expect(new Set(packets.map((packet) => packet.timestamp)).size).toBe(1);
    const durations = packets.map(({ event }) => event.duration);
    expect(durations).toEqual([...durations].sort((a, b) => a - b));
    expect(durations.at(-1)! / 8).toBeGreaterThan(90);
    expect(durations.at(-1)! / 8).toBeLessThan(140);
  }
  const [five, hash] = ['5', '#'].map((key) => events().find(({ event }) => event.key === key)!.timestamp);
  const apartMs = ((hash! - five!) >>> 0) / 8;
  expect(apartMs).toBeGreaterThan(150);
  expect(apartMs).toBeLessThan(2000);
  // One unbroken stream: every number once, none missing.
  const numbers = telephone.packets.map((packet) => packet.sequence);
  expect(new Set(telephone.packets.map((packet) => packet.ssrc)).size).toBe(1);
  expect(
    numbers.map((number, index) => (number - numbers[0]! - index) & 0xffff).every((gap) => gap === 0),
  ).toBe(true);
});

test('keys on the Opus clock reach a telephone whose events run at 8 kHz', async () => {
  const { relay, telephone, page } = await parts();
  const browserOffer = await page.offer({ hz: 440 });
  const { offer } = await relay.rtpOffer('telephone', { codecs: codecsOffered(browserOffer) });
  await relay.rtpAccept('telephone', telephone.answer(offer, '120 121'), '127.0.0.1');
  await relay.connect('browser', 'telephone');
  const answered = await relay.webrtcAnswer('browser', browserOffer);
  expect(answered.codec).toBe('opus');
  await page.accept(answered.answer);
  await until(() => telephone.packets.filter((packet) => packet.payloadType === 120).length > 25, 'Opus');
  await page.dial('7', 100, 70);
  const last = () =>
    telephone.packets
      .filter((packet) => packet.payloadType === 121)
      .map((packet) => parseTelephoneEvent(packet.payload)!)
      .find((event) => event.end);
  await until(() => last() !== undefined, 'the key ended');
  expect(last()!.key).toBe('7');
  expect(last()!.duration / 8).toBeGreaterThan(90);
  expect(last()!.duration / 8).toBeLessThan(140);
});

test('a browser that was answered with another codec negotiates again on the same connection', async () => {
  const { relay, telephone, page } = await parts();
  await relay.connect('browser', 'telephone');
  const early = await relay.webrtcAnswer('browser', await page.offer({ hz: 440 }));
  expect(early.codec).toBe('opus');
  await page.accept(early.answer);
  await until(async () => (await page.report()).state === 'connected', 'connected');
  const { offer } = await relay.rtpOffer('telephone');
  expect(offer).toMatch(/m=audio \d+ RTP\/AVP 96 /);
  await relay.rtpAccept('telephone', telephone.answer(offer), '127.0.0.1');
  expect(await relay.connect('browser', 'telephone')).toEqual({ codec: 'PCMU', renegotiate: ['browser'] });
  const again = await relay.webrtcAnswer('browser', await page.offerAgain());
  expect(again.codec).toBe('PCMU');
  await page.accept(again.answer);
  telephone.play('PCMU', 660, offer);
  await until(() => telephone.hears(440) > 0.9, 'the telephone hears 440 Hz');
  await until(async () => (await page.hears(660)) > 0.9, 'the browser hears 660 Hz');
});

test('held: nothing flows in either direction; resumed: one unbroken stream', async () => {
  const { relay, telephone, page } = await parts();
  const browserOffer = await page.offer({ hz: 440 });
  const { offer } = await relay.rtpOffer('telephone', { codecs: codecsOffered(browserOffer) });
  await relay.rtpAccept('telephone', telephone.answer(offer), '127.0.0.1');
  await relay.connect('browser', 'telephone');
  await page.accept((await relay.webrtcAnswer('browser', browserOffer)).answer);
  telephone.play('PCMU', 660, offer);
  await until(() => telephone.hears(440) > 0.9, 'sound');
  await until(async () => (await page.hears(660)) > 0.9, 'sound');

  await relay.hold('telephone', true);
  expect((await relay.rtpOffer('telephone')).offer).toContain('a=inactive');
  const heard = await relay.stats();
  await until(async () => {
    const now = await relay.stats();
    return (
      now.ends.browser!.received.packets - heard.ends.browser!.received.packets > 50 &&
      now.ends.telephone!.received.packets - heard.ends.telephone!.received.packets > 50
    );
  }, 'both still send');
  const after = await relay.stats();
  expect(after.ends.telephone!.sent).toEqual(heard.ends.telephone!.sent);
  expect(after.ends.browser!.sent).toEqual(heard.ends.browser!.sent);

  await relay.hold('telephone', false);
  await until(() => telephone.packets.length > after.ends.telephone!.sent.packets + 50, 'sound again');
  const numbers = telephone.packets.map((packet) => packet.sequence);
  expect(
    numbers.map((number, index) => (number - numbers[0]! - index) & 0xffff).every((gap) => gap === 0),
  ).toBe(true);
  const report = await page.report();
  expect(report.lost).toBe(0);
});

test('browsers share one UDP port of the range', async () => {
  const range = await freeRange(40);
  const small = createMediaPool({
    rtpPorts: range,
    advertise: '127.0.0.1',
    bind: '127.0.0.1',
    maxProcesses: 1,
    log,
  });
  closing.push(() => small.stop());
  const relay = await small.createRelay();
  const [one, two] = [await browser.open(), await browser.open()];
  closing.push(
    () => one.page.close(),
    () => two.page.close(),
  );
  await relay.connect('a', 'b');
  const first = await relay.webrtcAnswer('a', await one.offer({ hz: 440 }));
  const second = await relay.webrtcAnswer('b', await two.offer({ hz: 660 }));
  const ports = [first, second].map(({ answer }) => /a=candidate:\S+ 1 udp \d+ \S+ (\d+)/.exec(answer)?.[1]);
  expect(ports[0]).toBe(ports[1]);
  expect(Number(ports[0])).toBeGreaterThanOrEqual(range.min);
  expect(Number(ports[0])).toBeLessThanOrEqual(range.max);
  await Promise.all([one.accept(first.answer), two.accept(second.answer)]);
  await until(async () => (await two.hears(440)) > 0.9, 'b hears a');
  await until(async () => (await one.hears(660)) > 0.9, 'a hears b');
});

test('a page that ends is told of: at once when it says goodbye, in seconds when it vanishes', async () => {
  const { relay, page } = await parts();
  const other = await browser.open();
  const states: string[] = [];
  relay.onEndState((end, state) => states.push(`${end} ${state}`));
  await relay.connect('a', 'b');
  await page.accept((await relay.webrtcAnswer('a', await page.offer({ hz: 440 }))).answer);
  await other.accept((await relay.webrtcAnswer('b', await other.offer({ hz: 660 }))).answer);
  await until(async () => (await page.hears(660)) > 0.9, 'sound');
  await other.page.close();
  await until(() => states.includes('b disconnected'), 'the vanished page is noticed');
  expect(states).not.toContain('a disconnected');
  await page.page.evaluate('window.pc.close()');
  await until(() => states.includes('a failed'), 'the goodbye is heard', 2000);
});

test('a browser that changes its network restarts ICE and goes on', async () => {
  const { relay, telephone, page } = await parts();
  await relay.connect('browser', 'telephone');
  const { answer } = await relay.rtpAnswer('telephone', telephone.offer('0 101'), '127.0.0.1');
  telephone.play('PCMU', 660, answer);
  await page.accept((await relay.webrtcAnswer('browser', await page.offer({ hz: 440 }))).answer);
  await until(() => telephone.hears(440) > 0.9, 'the telephone hears 440 Hz');
  const before = telephone.packets.length;
  const again = await relay.webrtcAnswer('browser', await page.offerAgain(true));
  await page.accept(again.answer);
  await until(() => telephone.packets.length > before + 100 && telephone.hears(440) > 0.9, 'heard again');
  const { received } = await page.report();
  await until(async () => ((await page.report()).received ?? 0) > (received ?? 0) + 50, 'it receives again');
  await until(async () => (await page.hears(660)) > 0.9, 'and hears');
  expect(new Set(telephone.packets.map((packet) => packet.ssrc)).size).toBe(1);
});

test('a telephone holds and resumes by its own offer', async () => {
  const { relay, telephone, page } = await parts();
  await relay.connect('browser', 'telephone');
  const { answer } = await relay.rtpAnswer('telephone', telephone.offer('0 101'), '127.0.0.1');
  await page.accept((await relay.webrtcAnswer('browser', await page.offer({ hz: 440 }))).answer);
  await until(() => telephone.hears(440) > 0.9, 'sound');
  const hold = telephone.offer('0 101').replace('a=sendrecv', 'a=sendonly');
  const held = await relay.rtpAnswer('telephone', hold, '127.0.0.1');
  expect(held.answer).toContain('a=recvonly');
  expect(held.answer.match(/m=audio \d+/)?.[0]).toBe(answer.match(/m=audio \d+/)?.[0]);
  const { sent } = (await relay.stats()).ends.telephone!;
  const { received } = (await relay.stats()).ends.browser!;
  await until(
    async () => (await relay.stats()).ends.browser!.received.packets > received.packets + 50,
    'the browser still sends',
  );
  expect((await relay.stats()).ends.telephone!.sent).toEqual(sent);
  await relay.rtpAnswer('telephone', telephone.offer('0 101'), '127.0.0.1');
  await until(() => telephone.packets.length > sent.packets + 50, 'sound again');
  telephone.packets.reduce((before, packet) => {
    expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
    return packet;
  });
});
