import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import {
  buildFeedback,
  buildRtcp,
  buildRtp,
  createSrtpReceiver,
  createSrtpSender,
  isRtcp,
  parseRtcp,
  parseRtp,
  type RtpPacket,
  readFeedback,
  srtpMaster,
} from '@liaison/rtp';
import { readTelephone, type TelephoneVideo } from '@liaison/sdp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { MediaPool, Relay } from './media.ts';
import { createMediaPool } from './media-pool.ts';
import { freeRange, until } from './testing/telephone.ts';

let pool: MediaPool;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  pool = createMediaPool({
    rtpPorts: await freeRange(40),
    advertise: '127.0.0.1',
    bind: '127.0.0.1',
    maxProcesses: 1,
    log: { info() {}, warn() {}, error() {} },
  });
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
afterAll(() => pool.stop());

const suite = 'AES_CM_128_HMAC_SHA1_80';

/** A telephone that shows: its picture on one socket with RTCP beside (RFC 5761), plain or with a key. */
async function videoTelephone(formats: readonly string[], { isProtected = false, hasFeedback = true } = {}) {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  open.push(socket);
  const { port } = socket.address();
  const material = randomBytes(30);
  const sender = createSrtpSender(srtpMaster(suite, material));
  let theirs: TelephoneVideo | undefined;
  let receiver: ReturnType<typeof createSrtpReceiver> | undefined;
  const pictures: RtpPacket[] = [];
  const asked: string[] = [];
  socket.on('message', (datagram) => {
    if (isRtcp(datagram)) {
      const plain = isProtected ? receiver?.unprotectRtcp(datagram) : datagram;
      for (const packet of (plain && parseRtcp(plain)) || []) {
        const read = packet.type === 'other' ? readFeedback(packet) : undefined;
        if (read) asked.push(read.kind);
      }
      return;
    }
    const plain = isProtected ? receiver?.unprotectRtp(datagram) : datagram;
    const packet = plain && parseRtp(plain);
    if (packet) pictures.push(packet);
  });
  let tag = 1;
  const key = () => `a=crypto:${tag} ${suite} inline:${material.toString('base64')}`;
  const profile = isProtected ? 'RTP/SAVP' : 'RTP/AVP';
  let ssrc = 0;
  return {
    pictures,
    asked,
    sdp: (video = true) =>
      [
        'v=0',
        'o=test 1 1 IN IP4 127.0.0.1',
        's=-',
        'c=IN IP4 127.0.0.1',
        't=0 0',
        `m=audio 9 ${profile} 0`,
        ...(isProtected ? [key()] : []),
        ...(video
          ? [
              `m=video ${port} ${profile} ${formats.map((line) => line.slice(0, line.indexOf(' '))).join(' ')}`,
              ...formats.flatMap((line) => {
                const [payloadType, name, fmtp] = line.split(' ');
                return [
                  `a=rtpmap:${payloadType} ${name}/90000`,
                  ...(fmtp ? [`a=fmtp:${payloadType} ${fmtp}`] : []),
                ];
              }),
              ...(hasFeedback ? ['a=rtcp-fb:* nack pli'] : []),
              'a=rtcp-mux',
              ...(isProtected ? [key()] : []),
            ]
          : []),
        '',
      ].join('\r\n'),
    hear(relaySdp: string) {
      theirs = readTelephone(relaySdp).video;
      const crypto = theirs?.crypto.find((each) => each.suite === suite);
      if (!crypto) return;
      tag = crypto.tag;
      receiver = createSrtpReceiver(srtpMaster(suite, crypto.material));
    },
    show(sequence: number, payloadType: number) {
      ssrc = port;
      const payload = Buffer.from([sequence]);
      const plain = buildRtp({ payloadType, sequence, timestamp: sequence * 3000, ssrc, payload });
      const datagram = isProtected ? sender.protectRtp(plain) : plain;
      if (theirs && datagram) socket.send(datagram, theirs.port, '127.0.0.1');
    },
    askForPicture(media: number) {
      const plain = buildRtcp([
        { type: 'receiver-report', ssrc: 1, reports: [] },
        buildFeedback({ kind: 'picture-loss', sender: 1, media }),
      ]);
      const datagram = isProtected ? sender.protectRtcp(plain) : plain;
      if (theirs && datagram) socket.send(datagram, theirs.port, '127.0.0.1');
    },
  };
}

type VideoTelephone = Awaited<ReturnType<typeof videoTelephone>>;

async function relayOf(): Promise<Relay> {
  const relay = await pool.createRelay();
  open.push(relay);
  return relay;
}

const h264 = 'H264 profile-level-id=42e01f;packetization-mode=1';

/** The one calls the other, who is rung with what the caller shows. */
async function call(
  caller: VideoTelephone,
  callee: VideoTelephone,
  { video = true, isProtected = false } = {},
): Promise<{ relay: Relay; answer: string; offer: string }> {
  const relay = await relayOf();
  const { offer } = await relay.rtpOffer('callee', {
    video: ['VP8', 'H264/1'],
    ...(isProtected ? { srtp: 'optional' as const } : {}),
  });
  callee.hear(offer);
  await relay.rtpAccept('callee', callee.sdp(video), '127.0.0.1');
  await relay.connect('caller', 'callee');
  const { answer } = await relay.rtpAnswer('caller', caller.sdp(), '127.0.0.1');
  caller.hear(answer);
  return { relay, answer, offer };
}

test.each([false, true])(
  'two video telephones see each other, on their own payload types (protected: %s)',
  async (isProtected) => {
    const caller = await videoTelephone(['96 VP8', `97 ${h264}`], { isProtected });
    const callee = await videoTelephone([`120 ${h264}`], { isProtected });
    const { answer, offer } = await call(caller, callee, { isProtected });
    expect(readTelephone(offer).video?.formats.map(({ key }) => key)).toEqual(['VP8', 'H264/1']);
    expect(readTelephone(answer).video?.formats).toMatchObject([{ key: 'H264/1', payloadType: 97 }]);

    let sequence = 10;
    await until(() => {
      sequence += 1;
      caller.show(sequence, 97);
      callee.show(sequence, 120);
      return caller.pictures.length > 2 && callee.pictures.length > 2;
    }, 'both see each other');
    expect(new Set(callee.pictures.map(({ payloadType }) => payloadType))).toEqual(new Set([120]));
    expect(new Set(caller.pictures.map(({ payloadType }) => payloadType))).toEqual(new Set([97]));
    callee.askForPicture(callee.pictures[0]!.ssrc);
    await until(() => caller.asked.includes('picture-loss'), 'the caller is asked for a whole picture');
  },
);

test('nothing in common, or none there: the line is refused by port 0, and the sound is agreed', async () => {
  const caller = await videoTelephone(['96 VP8']);
  const other = await videoTelephone([`120 ${h264}`]);
  const different = await call(caller, other);
  expect(different.answer).toMatch(/^m=video 0 RTP\/AVP 96\r$/m);
  expect(readTelephone(different.answer).codecs).toMatchObject([{ name: 'PCMU' }]);
  const without = await call(caller, other, { video: false });
  expect(without.answer).toMatch(/^m=video 0 /m);
  const relay = await relayOf();
  // Nobody shows anything who was not asked for it.
  expect((await relay.rtpOffer('callee')).offer).not.toContain('m=video');
});

test('hold stops pictures, and after it somebody who is heard again is seen again', async () => {
  const caller = await videoTelephone(['96 VP8']);
  const callee = await videoTelephone(['120 VP8']);
  const { relay } = await call(caller, callee);
  let sequence = 10;
  const showsUntil = (isSeen: () => boolean, what: string) =>
    until(() => {
      sequence += 1;
      caller.show(sequence, 96);
      return isSeen();
    }, what);
  const arrived = async () => (await relay.stats()).ends.caller?.video?.received.packets ?? 0;
  await showsUntil(() => callee.pictures.length > 2, 'the callee sees the caller');
  await relay.hold('callee', true);
  const { answer } = await relay.rtpAnswer('caller', caller.sdp(), '127.0.0.1');
  expect(readTelephone(answer).video?.formats).toMatchObject([{ key: 'VP8' }]);
  const [seen, from] = [callee.pictures.length, await arrived()];
  for (let packets = 0; packets < 20; packets++) caller.show(++sequence, 96);
  await until(async () => (await arrived()) >= from + 20, 'what the caller shows reaches the relay');
  await relay.hold('callee', false);
  await showsUntil(() => callee.pictures.length > seen + 2, 'the callee sees the caller again');
  const [before, after] = [callee.pictures[seen - 1]!, callee.pictures[seen]!];
  expect(after.payload[0]! - before.payload[0]!).toBeGreaterThan(19);
  expect((after.sequence - before.sequence) & 0xffff).toBeLessThan(5);
});

test('who names no feedback in RTCP asks elsewhere, and is told to be asked elsewhere', async () => {
  const caller = await videoTelephone(['96 VP8'], { hasFeedback: false });
  const callee = await videoTelephone(['120 VP8']);
  const { relay } = await call(caller, callee);
  const wanted: string[] = [];
  relay.onPictureWanted((end) => wanted.push(end));
  let sequence = 10;
  await until(() => {
    sequence += 1;
    caller.show(sequence, 96);
    callee.show(sequence, 120);
    return caller.pictures.length > 0 && callee.pictures.length > 0;
  }, 'both see each other');
  await relay.askForPicture('caller');
  await until(() => callee.asked.includes('picture-loss'), 'the callee is asked for a whole picture');
  expect(wanted).toEqual([]);
  await relay.askForPicture('callee');
  await until(() => wanted.includes('caller'), 'the caller is to be asked elsewhere');
  expect(new Set(wanted)).toEqual(new Set(['caller']));
});
