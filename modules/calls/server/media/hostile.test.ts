import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { buildRtcp, buildRtp, createSrtpSender, srtpMaster } from '@liaison/rtp';
import { readBrowser } from '@liaison/sdp';
import { bindingRequest, clientHello } from '@liaison/webrtc/testing';
import { expect, test } from 'vitest';
import { createMediaPool } from './media.ts';
import { openTelephone, until } from './testing/telephone.ts';

/** The same attack every time; another one with another seed. */
const SEED = 20_261_122;
const DATAGRAMS = 5000;
const BROWSER_OFFER = readFileSync(
  new URL('../../../../engines/sdp/testdata/valid/browser-chromium-audio.sdp', import.meta.url),
  'latin1',
);

/** Mulberry32: small, and the same everywhere. */
function randomFrom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return (below: number) => Math.floor(next() * below);
}

type Random = ReturnType<typeof randomFrom>;

/** One to four kinds of damage: bits, lengths that lie, bytes cut off, doubled or put in. */
function damaged(datagram: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(datagram);
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(bytes.length + 1);
    switch (random(6)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << random(8);
        break;
      case 1:
        if (at + 1 < bytes.length) bytes.writeUInt16BE([0, 1, 0x7fff, 0xffff, bytes.length][random(5)]!, at);
        break;
      case 2:
        bytes = Buffer.from(bytes.subarray(0, at));
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes]).subarray(0, 1480);
        break;
      case 4:
        bytes = Buffer.concat([bytes, Buffer.alloc(random(200), random(256))]).subarray(0, 1480);
        break;
      default:
        if (bytes.length > 0) bytes[random(Math.min(16, bytes.length))] = random(256);
    }
  }
  return bytes;
}

async function open(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

test(`${DATAGRAMS} damaged packets of every kind: the process lives, a good call goes on, a stranger is never relayed`, {
  timeout: 180_000,
}, async () => {
  const warnings: string[] = [];
  const media = createMediaPool({
    rtpPorts: { min: 0, max: 0 },
    advertise: '127.0.0.1',
    bind: '127.0.0.1',
    maxProcesses: 1,
    log: {
      info() {},
      warn: (fields, text) => warnings.push(`${text} ${JSON.stringify(fields)}`),
      error() {},
    },
  });
  const suite = 'AES_CM_128_HMAC_SHA1_80';
  const [caller, called, target] = [
    await openTelephone({ srtp: { suite } }),
    await openTelephone(),
    await openTelephone(),
  ];
  const stranger = await open();
  const answers: string[] = [];
  stranger.on('message', (datagram) => {
    answers.push(datagram.toString('hex'));
  });
  try {
    const good = await media.createRelay();
    await good.connect('caller', 'called');
    const toCaller = (await good.rtpAnswer('caller', caller.offer('0'), '127.0.0.1')).answer;
    const toCalled = (await good.rtpAnswer('called', called.offer('0'), '127.0.0.1')).answer;
    caller.play('PCMU', 440, toCaller);
    called.play('PCMU', 660, toCalled);
    await until(() => called.hears(440) > 0.95 && caller.hears(660) > 0.95, 'the good call');

    // The attacked: a telephone from whose own address the damage comes, beside a browser's port, and its peers.
    const attacked = await media.createRelay();
    await attacked.connect('target', 'opus');
    const toTarget = (await attacked.rtpAnswer('target', target.offer('0 13 101'), '127.0.0.1')).answer;
    await attacked.rtpAnswer('opus', (await openedOpus()).offer('96 102'), '127.0.0.1');
    const browser = (await attacked.webrtcAnswer('browser', BROWSER_OFFER)).answer;
    const ice = Number(/a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)/.exec(browser)![1]);
    const names = `${/a=ice-ufrag:(\S+)/.exec(browser)![1]}:${readBrowser(BROWSER_OFFER).transport.ufrag}`;
    const portOf = (sdp: string) => Number(/m=audio (\d+)/.exec(sdp)![1]);

    const random = randomFrom(SEED);
    const srtp = createSrtpSender(srtpMaster(suite, Buffer.alloc(30, 7)));
    const rtp = (sequence: number, payloadType: number) =>
      buildRtp({
        payloadType,
        sequence,
        timestamp: sequence * 160,
        ssrc: 77,
        payload: Buffer.alloc(160, sequence),
      });
    const report = buildRtcp([
      { type: 'receiver-report', ssrc: 77, reports: [] },
      { type: 'source-description', chunks: [{ ssrc: 77, cname: 'nobody' }] },
      { type: 'bye', ssrcs: [77] },
    ]);
    const kinds: (() => Buffer)[] = [
      () => rtp(random(65_536), [0, 13, 101, 96][random(4)]!),
      () => report,
      () => srtp.protectRtp(rtp(random(65_536), 0)) ?? rtp(1, 0),
      () => srtp.protectRtcp(report)!,
      () => bindingRequest(names, 'x'.repeat(24)),
      () => clientHello(),
    ];
    let heardBefore = called.packets.length;
    for (let count = 1; count <= DATAGRAMS; count++) {
      const datagram = damaged(kinds[count % kinds.length]!(), random);
      target.send(datagram, toTarget);
      stranger.send(datagram, portOf(toTarget), '127.0.0.1');
      stranger.send(datagram, portOf(toCaller), '127.0.0.1');
      stranger.send(datagram, portOf(toCalled), '127.0.0.1');
      stranger.send(datagram, portOf(toCalled) + 1, '127.0.0.1');
      stranger.send(datagram, ice, '127.0.0.1');
      if (count % 100 !== 0) continue;
      await until(() => called.packets.length > heardBefore + 10, `the good call after ${count}`);
      heardBefore = called.packets.length;
      expect(called.hears(440)).toBeGreaterThan(0.95);
      expect(caller.hears(660)).toBeGreaterThan(0.95);
    }
    const { ends } = await good.stats();
    expect(ends.called!.refused).toBeGreaterThan(1000);
    expect(ends.caller!.refused).toBeGreaterThan(1000);
    for (const [phone, from] of [
      [called, 'caller'],
      [caller, 'called'],
    ] as const) {
      expect(new Set(phone.packets.map((packet) => packet.ssrc)).size).toBe(1);
      expect(phone.packets.length).toBeLessThanOrEqual((await good.stats()).ends[from]!.received.packets);
    }
    expect(media.stats()).toMatchObject({ relays: 2, crashes: 0 });
    expect(warnings).toEqual([]);
    expect(answers).toEqual([]);
  } finally {
    for (const phone of [caller, called, target, ...others.splice(0)]) phone.close();
    stranger.close();
    await media.stop();
  }
});

const others: Awaited<ReturnType<typeof openTelephone>>[] = [];
/** So that what the attacked telephone says is decoded as well. */
async function openedOpus() {
  const made = await openTelephone();
  others.push(made);
  return made;
}
