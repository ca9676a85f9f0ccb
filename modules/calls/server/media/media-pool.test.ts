import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildRtp } from '@liaison/rtp';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { createMediaPool, type MediaLog, type MediaPoolOptions } from './media.ts';
import { sharesOf } from './media-pool.ts';
import { freeRange, openTelephone, until } from './testing/telephone.ts';

const quiet = () => {};
const log: MediaLog = { info: quiet, warn: console.warn, error: quiet };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function pool(more: Partial<MediaPoolOptions> = {}) {
  const made = createMediaPool({
    rtpPorts: { min: 0, max: 0 },
    advertise: '127.0.0.1',
    bind: '127.0.0.1',
    maxProcesses: 1,
    log,
    ...more,
  });
  closing.push(() => made.stop());
  return made;
}

async function telephone(address?: string) {
  const made = await openTelephone(address === undefined ? {} : { address });
  closing.push(() => made.close());
  return made;
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('no process runs before the first relay, none after the stop', async () => {
  const media = pool();
  expect(media.stats()).toEqual({ processes: [], relays: 0, crashes: 0 });
  await media.createRelay();
  const { processes, relays } = media.stats();
  expect([processes.length, relays]).toEqual([1, 1]);
  await media.stop();
  expect(isAlive(processes[0]!)).toBe(false);
  expect(media.stats()).toMatchObject({ processes: [], crashes: 0 });
  await expect(media.createRelay()).rejects.toMatchObject({ code: 'closed' });
});

test('two telephones hear each other, on their own payload types, with figures', async () => {
  const relay = await pool().createRelay();
  const states: string[] = [];
  relay.onEndState((end, state) => states.push(`${end} ${state}`));
  const [caller, called] = [await telephone(), await telephone()];
  await relay.connect('caller', 'called');
  const { offer } = await relay.rtpOffer('called', { codecs: ['PCMA', 'G729', 'PCMU'] });
  expect(offer).toMatch(/m=audio \d+ RTP\/AVP 8 0 101\r\n/);
  await relay.rtpAccept('called', called.answer(offer, '0 101'), '127.0.0.1');
  const { answer, codec } = await relay.rtpAnswer('caller', caller.offer('8 0 101'), '127.0.0.1');
  expect(codec).toBe('PCMU');
  expect(await relay.headers()).toEqual({ packets: [], places: [], missed: 0 });
  caller.play('PCMU', 440, answer);
  called.play('PCMU', 660, offer);
  await until(() => called.hears(440) > 0.9 && caller.hears(660) > 0.9, 'both hear');

  // Each packet once as it came, and once as it went on, without what is said.
  const { packets, places } = await relay.headers();
  expect(new Set(packets.map(({ end, direction }) => `${end} ${direction}`)).size).toBe(4);
  expect(packets.every(({ bytes, header }) => bytes === 172 && header.length === 16)).toBe(true);
  const itsPlace = { address: '127.0.0.1', port: Number(/m=audio (\d+)/.exec(caller.offer('0'))![1]) };
  expect(places.find(({ end }) => end === 'caller')).toMatchObject({ remote: itsPlace });

  const { ends } = await relay.stats();
  expect(ends.caller).toMatchObject({ kind: 'rtp', state: 'connected', peer: 'called', codec: 'PCMU' });
  expect(ends.caller!.received.packets).toBeGreaterThan(20);
  expect(ends.caller!.received.lost).toBe(0);
  expect(ends.caller!.received.jitterMs).toBeLessThan(50);
  expect(ends.called!.sent.packets).toBeGreaterThan(20);
  expect(states.sort()).toEqual(['called connected', 'caller connected']);
  expect(ends.caller!.quality!.said).toMatchObject({
    loss: 0,
    mos: expect.toSatisfy((mos: number) => mos > 4),
  });

  // One of four packets of the called telephone is lost on its way, and it says that it hears all of ours.
  const lossy = called.packets.length;
  called.silence();
  for (let sequence = 2000; sequence < 2200; sequence++)
    if (sequence % 4 !== 0)
      called.send(
        buildRtp({
          payloadType: 0,
          sequence,
          timestamp: sequence * 160,
          ssrc: 9,
          payload: Buffer.alloc(160),
        }),
        offer,
      );
  await until(() => called.packets.length > lossy + 10, 'it still hears');
  await relay.removeEnd('called');
  const report = await relay.close();
  expect(report.ends.map(({ end }) => end)).toEqual(['called', 'caller']);
  const [first] = report.ends;
  expect(first!.quality!.said!.loss).toBeGreaterThan(0.05);
  expect(first!.quality!.said!.mos).toBeLessThan(ends.caller!.quality!.said!.mos);
  expect(first!.durationMs).toBeGreaterThan(400);
  expect(await relay.close()).toEqual({ ends: [] });
});

test('a telephone is replaced by another in the middle of a call: its peer hears one stream', async () => {
  const relay = await pool().createRelay();
  const [caller, desk, mobile] = [await telephone(), await telephone(), await telephone()];
  await relay.connect('caller', 'desk');
  const { answer } = await relay.rtpAnswer('caller', caller.offer('0'), '127.0.0.1');
  const toDesk = await relay.rtpOffer('desk');
  await relay.rtpAccept('desk', desk.answer(toDesk.offer), '127.0.0.1');
  desk.play('PCMU', 660, toDesk.offer);
  caller.play('PCMU', 440, answer);
  await until(() => caller.hears(660) > 0.9, 'the desk is heard');

  const toMobile = await relay.rtpOffer('mobile', { codecs: ['PCMU'] });
  await relay.rtpAccept('mobile', mobile.answer(toMobile.offer), '127.0.0.1');
  mobile.play('PCMU', 880, toMobile.offer);
  await relay.connect('caller', 'mobile');
  await relay.removeEnd('desk');
  await until(() => caller.hears(880) > 0.9 && mobile.hears(440) > 0.9, 'the mobile is heard, and hears');
  expect(new Set(caller.packets.map((packet) => packet.ssrc)).size).toBe(1);
  caller.packets.reduce((before, packet) => {
    expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
    expect((packet.timestamp - before.timestamp) >>> 0).toBeLessThan(8000 * 5);
    return packet;
  });
  expect(Object.keys((await relay.stats()).ends).sort()).toEqual(['caller', 'mobile']);
});

test('only the expected address is latched', async () => {
  const relay = await pool({ bind: '0.0.0.0' }).createRelay();
  const [caller, called] = [await telephone(), await telephone()];
  const stranger = await telephone('127.0.0.2');
  await relay.connect('caller', 'called');
  const { offer } = await relay.rtpOffer('called');
  await relay.rtpAccept('called', called.answer(offer), '127.0.0.1');
  const { answer } = await relay.rtpAnswer('caller', caller.offer('0'), '127.0.0.1');

  stranger.play('PCMU', 440, answer);
  await until(async () => (await relay.stats()).ends.caller!.refused > 20, 'the stranger is refused');
  expect(called.packets).toEqual([]);
  expect((await relay.stats()).ends.caller).toMatchObject({ state: 'new', received: { packets: 0 } });
  called.play('PCMU', 660, offer);
  await until(() => caller.hears(660) > 0.9, 'the true caller hears');
  expect(stranger.packets).toEqual([]);

  // and once the true one is latched, no other port of its own address takes over while it speaks
  caller.play('PCMU', 440, answer);
  await until(() => called.hears(440) > 0.9, 'the true caller is heard');
  const neighbour = await telephone();
  const { refused } = (await relay.stats()).ends.caller!;
  neighbour.play('PCMU', 880, answer);
  await until(async () => (await relay.stats()).ends.caller!.refused > refused + 20, 'refused');
  expect(called.hears(440)).toBeGreaterThan(0.9);
  expect(neighbour.packets).toEqual([]);
});

test('behind NAT: what the signalling address sends is taken though SDP names another', async () => {
  const relay = await pool({ bind: '0.0.0.0' }).createRelay();
  const [caller, called] = [await telephone('127.0.0.3'), await telephone()];
  await relay.connect('caller', 'called');
  const { offer } = await relay.rtpOffer('called');
  await relay.rtpAccept('called', called.answer(offer), '127.0.0.1');
  const privateSdp = caller.offer('0').replaceAll('127.0.0.3', '127.0.0.99');
  const { answer } = await relay.rtpAnswer('caller', privateSdp, '::ffff:127.0.0.3');
  caller.play('PCMU', 440, answer);
  called.play('PCMU', 660, offer);
  await until(() => called.hears(440) > 0.9 && caller.hears(660) > 0.9, 'both hear');
});

test('refusals are told by their code, and leave the relay as it was', async () => {
  const relay = await pool({ maxTranscoders: 0 }).createRelay();
  const caller = await telephone();
  const refused = (code: string) => expect.objectContaining({ name: 'MediaError', code });
  await expect(relay.rtpAnswer('a', caller.offer('18'), '127.0.0.1')).rejects.toEqual(
    refused('no-common-codec'),
  );
  await expect(relay.rtpAnswer('a', 'hello', '127.0.0.1')).rejects.toEqual(refused('bad-sdp'));
  await expect(relay.webrtcAnswer('a', caller.offer())).rejects.toEqual(refused('no-common-codec'));
  await expect(relay.rtpAccept('a', caller.offer(), '127.0.0.1')).rejects.toEqual(refused('unknown-end'));
  await expect(relay.rtpOffer('a', { codecs: ['G729'] })).rejects.toEqual(refused('no-common-codec'));
  await expect(relay.rtpOffer('not a name')).rejects.toEqual(refused('bad-request'));
  await expect(relay.rtpAnswer('a', 'v=0'.padEnd(70_000, 'x'), '127.0.0.1')).rejects.toEqual(
    refused('bad-sdp'),
  );
  await expect(relay.connect('a', 'a')).rejects.toEqual(refused('bad-request'));
  expect((await relay.stats()).ends).toEqual({});

  await relay.rtpAnswer('a', caller.offer('0'), '127.0.0.1');
  const other = await telephone();
  await relay.rtpAnswer('b', other.offer('8'), '127.0.0.1');
  await expect(relay.connect('a', 'b')).rejects.toEqual(refused('no-common-codec'));
  await relay.close();
  await relay.close();
  await expect(relay.stats()).rejects.toEqual(refused('closed'));
});

test('a killed media process is told of, and the next relay works', async () => {
  const media = pool();
  const relay = await media.createRelay();
  await relay.rtpOffer('a');
  let told = 0;
  const lost = new Promise<void>((resolve) => {
    relay.onLost(() => {
      told += 1;
      resolve();
    });
  });
  const [pid] = media.stats().processes;
  process.kill(pid!, 'SIGKILL');
  await lost;
  expect(media.stats()).toEqual({ processes: [], relays: 0, crashes: 1 });
  await expect(relay.stats()).rejects.toMatchObject({ code: 'lost' });
  await relay.close();

  const next = await media.createRelay();
  expect((await next.rtpOffer('a')).offer).toContain('m=audio');
  expect(media.stats().processes).not.toEqual([pid]);
  expect(told).toBe(1);
});

test('a media process ends when its parent is killed', async () => {
  const parent = spawn(process.execPath, [fileURLToPath(new URL('./testing/orphan.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closing.push(() => parent.kill('SIGKILL'));
  const line = await new Promise<string>((resolve) =>
    parent.stdout.once('data', (data) => resolve(String(data))),
  );
  const pid = Number(line.trim());
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await until(() => !isAlive(pid), 'the media process ended');
});

test('ports: used up with a clear refusal, given back, none leaks in 1,000 calls', {
  timeout: 60_000,
}, async () => {
  const media = pool({ rtpPorts: await freeRange(8) }); // browsers' port and three pairs
  const relay = await media.createRelay();
  for (const end of ['a', 'b', 'c']) await relay.rtpOffer(end);
  await expect(relay.rtpOffer('d')).rejects.toMatchObject({
    code: 'no-port-free',
    message: expect.stringContaining('in use'),
  });
  await relay.removeEnd('b');
  await relay.rtpOffer('d');
  await relay.close();

  const caller = await telephone();
  for (let round = 0; round < 1000; round++) {
    const call = await media.createRelay();
    await call.rtpOffer('called');
    await call.rtpAnswer('caller', caller.offer('0'), '127.0.0.1');
    await call.close();
  }
  const last = await media.createRelay();
  for (const end of ['a', 'b', 'c']) await last.rtpOffer(end);
  expect(media.stats()).toMatchObject({ relays: 1, crashes: 0 });
});

test('the range is shared out among the processes without overlap', () => {
  expect(sharesOf({ min: 0, max: 0 }, 2)).toHaveLength(2);
  expect(sharesOf({ min: 10_001, max: 10_100 }, 2)).toEqual([
    { min: 10_002, max: 10_049 },
    { min: 10_050, max: 10_100 },
  ]);
  expect(sharesOf({ min: 20_000, max: 20_005 }, 8)).toEqual([{ min: 20_000, max: 20_005 }]);
  for (const range of [
    { min: 20_000, max: 20_002 },
    { min: 0, max: 70_000 },
    { min: 5, max: 1 },
  ])
    expect(() => sharesOf(range, 2)).toThrow(RangeError);
});

test('a further process starts when the first has enough relays', async () => {
  const media = pool({ maxProcesses: 2 });
  for (let count = 0; count < 17; count++) await media.createRelay();
  expect(media.stats().processes).toHaveLength(2);
});

test('what is not RTP, or not agreed on, is counted and goes nowhere', async () => {
  const relay = await pool().createRelay();
  const [caller, called] = [await telephone(), await telephone()];
  await relay.connect('caller', 'called');
  const { offer } = await relay.rtpOffer('called');
  await relay.rtpAccept('called', called.answer(offer), '127.0.0.1');
  const { answer } = await relay.rtpAnswer('caller', caller.offer('0'), '127.0.0.1');
  caller.send(Buffer.from('hello'), answer);
  caller.send(Buffer.alloc(1600, 0x80), answer);
  caller.send(
    buildRtp({ payloadType: 33, sequence: 1, timestamp: 1, ssrc: 1, payload: Buffer.alloc(160) }),
    answer,
  );
  await until(async () => (await relay.stats()).ends.caller!.refused === 3, 'three refused');
  expect((await relay.stats()).ends.caller!.state).toBe('new');
  expect(called.packets).toEqual([]);
});

const BROWSER_OFFER = readFileSync(
  new URL('../../../../engines/sdp/testdata/valid/browser-chromium-audio.sdp', import.meta.url),
  'latin1',
);

test('browsers that never connect leave no socket behind', async () => {
  const media = pool({ rtpPorts: await freeRange(8) });
  const first = await media.createRelay();
  const port = (answer: string) => /a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)/.exec(answer)?.[1];
  const shared = port((await first.webrtcAnswer('a', BROWSER_OFFER)).answer);
  expect(shared).toBeDefined();
  const folder = `/proc/${media.stats().processes[0]}/fd`;
  const open = () => (existsSync(folder) ? readdirSync(folder).length : 0);
  const before = open();
  for (let round = 0; round < 100; round++) {
    const relay = await media.createRelay();
    await relay.connect('a', 'b');
    expect(port((await relay.webrtcAnswer('a', BROWSER_OFFER)).answer)).toBe(shared);
    await relay.webrtcAnswer('b', BROWSER_OFFER);
    await relay.close();
  }
  await until(() => open() <= before + 4, 'files closed');
  expect(media.stats()).toMatchObject({ relays: 1, crashes: 0 });
});

test('an advertised name is resolved; one that is not known is named in the refusal', async () => {
  const relay = await pool({ advertise: 'localhost' }).createRelay();
  expect((await relay.rtpOffer('a')).offer).toContain('c=IN IP4 127.0.0.1\r\n');
  await expect(pool({ advertise: 'nowhere.invalid' }).createRelay()).rejects.toMatchObject({
    code: 'lost',
    message: expect.stringContaining('nowhere.invalid'),
  });
  expect(() => pool({ bind: 'localhost' })).toThrow(RangeError);
});

test('a process without relays ends after a while, and another starts when one is wanted', async () => {
  const media = pool({ idleMs: 30 });
  const relay = await media.createRelay();
  const [pid] = media.stats().processes;
  let lost = false;
  relay.onLost(() => {
    lost = true;
  });
  await relay.close();
  await until(() => media.stats().processes.length === 0 && !isAlive(pid!), 'it ended');
  const next = await media.createRelay();
  expect((await next.rtpOffer('a')).offer).toContain('m=audio');
  expect(media.stats()).toMatchObject({ relays: 1, crashes: 0 });
  expect(media.stats().processes).not.toEqual([pid]);
  expect(lost).toBe(false);
});

test('a stop or terminal signal to the group does not cut calls: the server decides', async () => {
  const media = pool();
  const relay = await media.createRelay();
  const [pid] = media.stats().processes;
  process.kill(pid!, 'SIGTERM');
  process.kill(pid!, 'SIGINT');
  expect((await relay.rtpOffer('a')).offer).toContain('m=audio');
  expect(media.stats()).toMatchObject({ processes: [pid], crashes: 0 });
});

test('hostile packets from the right address, RTCP too, end nothing', async () => {
  const warnings: string[] = [];
  const media = pool({
    log: { ...log, warn: (fields, message) => warnings.push(`${message} ${JSON.stringify(fields)}`) },
  });
  const relay = await media.createRelay();
  const [caller, called] = [await telephone(), await telephone()];
  await relay.connect('caller', 'called');
  const { offer } = await relay.rtpOffer('called', { codecs: ['PCMU'] });
  // events only on a clock that is not the sound's, so that they are rewritten
  await relay.rtpAccept('called', called.answer(offer, '0 102'), '127.0.0.1');
  const { answer } = await relay.rtpAnswer('caller', caller.offer('0 101'), '127.0.0.1');

  const bytes = fc.uint8Array({ maxLength: 300 });
  const header = fc.tuple(
    fc.integer({ min: 0x80, max: 0xbf }),
    fc.constantFrom(0, 0x80, 101, 101 + 128, 200, 201, 202, 203, 205, 206),
  );
  const datagrams = fc.sample(
    fc.tuple(header, bytes).map(([start, rest]) => Buffer.concat([Buffer.from(start), rest])),
    3000,
  );
  for (const [index, datagram] of datagrams.entries()) {
    caller.send(datagram, answer);
    if (index % 100 === 99) await relay.stats(); // lets the process take them
  }
  caller.play('PCMU', 440, answer);
  await until(() => called.hears(440) > 0.9, 'the tone after the noise');
  expect(media.stats().crashes).toBe(0);
  expect(warnings).toEqual([]);
});
