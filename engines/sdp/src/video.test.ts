import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BrowserAudio, readBrowser, writeBrowserAnswer, writeBrowserOffer } from './browser.ts';
import { offeredVideoFormats } from './telephone-video.ts';
import { answeredVideo, type LocalVideo } from './video.ts';

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':');
const transport = { ufrag: 'abcd', pwd: 'abcdefghijklmnopqrstuv' };

/** A browser's offer of sound and pictures in one bundle, with these lines of video. */
const browserOffer = (
  lines: readonly string[],
  { bundle = '0 1', mLine = 'm=video 9 UDP/TLS/RTP/SAVPF 96 98 99' } = {},
): string =>
  [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${bundle}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    'a=setup:actpass',
    `a=ice-ufrag:${transport.ufrag}`,
    `a=ice-pwd:${transport.pwd}`,
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    'a=rtcp-mux',
    'a=rtpmap:111 opus/48000/2',
    mLine,
    'c=IN IP4 0.0.0.0',
    'a=mid:1',
    'a=rtcp-mux',
    ...lines,
    '',
  ].join('\r\n');

const usual = [
  'a=sendrecv',
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:96 nack',
  'a=rtcp-fb:96 nack pli',
  'a=rtcp-fb:* ccm fir',
  'a=rtpmap:98 H264/90000',
  'a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42E01F',
  'a=rtpmap:99 rtx/90000',
  'a=fmtp:99 apt=96',
];

const answerTo = (offer: BrowserAudio, video?: LocalVideo): string =>
  writeBrowserAnswer(
    offer,
    {
      transport: {
        ...transport,
        fingerprint: { algorithm: 'sha-256', value: fingerprint },
        setup: 'passive',
        candidates: [],
      },
      codecs: [{ name: 'opus', payloadType: 111 }],
      telephoneEvents: [],
      direction: 'sendrecv',
      sessionId: 1,
      version: 1,
      ssrc: 7,
      cname: 'one',
    },
    video,
  );

test("a browser's video is read with its formats and what may be asked of it", () => {
  const { video } = readBrowser(browserOffer(usual));
  expect(video).toEqual({
    formats: [
      { key: 'VP8', payloadType: 96, feedback: { nack: true, pli: true, fir: true } },
      {
        key: 'H264/1',
        payloadType: 98,
        profileLevelId: '42e01f',
        levelsMayDiffer: true,
        feedback: { nack: false, pli: false, fir: true },
      },
    ],
    direction: 'sendrecv',
    protocol: 'UDP/TLS/RTP/SAVPF',
    port: 9,
    mid: '1',
    rtcpMux: true,
    index: 1,
  });
});

test('it is answered on its own payload type, in the bundle, within a bandwidth, or refused in its place', () => {
  const offer = readBrowser(browserOffer(usual));
  const [, h264] = offer.video?.formats ?? [];
  if (!offer.video || !h264) throw new Error('no video');
  const answer = answerTo(offer, answeredVideo(offer.video, h264, 'sendrecv', 9));
  expect(answer).toContain('a=group:BUNDLE 0 1\r\n');
  expect(answer).toMatch(/^m=video 9 UDP\/TLS\/RTP\/SAVPF 98\r$/m);
  expect(answer).toContain('b=TIAS:2000000\r\n');
  expect(answer).toContain('profile-level-id=42e01f;packetization-mode=1');
  expect(answer).toContain('a=rtcp-fb:98 ccm fir\r\n');
  expect(answer).not.toContain('VP8');
  // Ours reads like theirs.
  expect(readBrowser(answer.replace('a=setup:passive', 'a=setup:active')).video?.formats).toEqual([h264]);

  const refused = answerTo(offer);
  expect(refused).toContain('a=group:BUNDLE 0\r\n');
  expect(refused).toMatch(/^m=video 0 UDP\/TLS\/RTP\/SAVPF 96 98 99\r$/m);
});

test('what is only ever bundled may have port 0; a direction narrows the answer', () => {
  const sdp = browserOffer([...usual.slice(1), 'a=bundle-only', 'a=recvonly'], {
    mLine: 'm=video 0 UDP/TLS/RTP/SAVPF 96',
  });
  const { video } = readBrowser(sdp);
  if (!video?.formats[0]) throw new Error('no video');
  expect(answeredVideo(video, video.formats[0], 'sendrecv', 1).direction).toBe('sendonly');
});

const ours = {
  transport: {
    ...transport,
    fingerprint: { algorithm: 'sha-256', value: fingerprint },
    setup: 'actpass' as const,
    candidates: [],
  },
  codecs: [{ name: 'opus' as const, payloadType: 111 }],
  telephoneEvents: [],
  direction: 'sendrecv' as const,
  sessionId: 1,
  version: 1,
  ssrc: 7,
  cname: 'one',
};

test('a browser is offered pictures in the bundle of its sound, and later ones keep their places', () => {
  const video = { formats: offeredVideoFormats(['VP8', 'H264/1']), direction: 'sendrecv' as const, ssrc: 9 };
  const first = writeBrowserOffer(ours, video);
  expect(first).toContain('a=group:BUNDLE 0 1\r\n');
  expect(first).toMatch(/^m=video 9 UDP\/TLS\/RTP\/SAVPF 103 104\r$/m);
  expect(readBrowser(first).video?.formats).toEqual(video.formats);
  expect(writeBrowserOffer(ours)).not.toContain('m=video');
  // Refused before: its line stays, and it may come back there.
  const before = readBrowser(first.replace('m=video 9', 'm=video 0'));
  const without = writeBrowserOffer(ours, undefined, before);
  expect(without).toMatch(/^m=video 0 /m);
  expect(without).toContain('a=group:BUNDLE 0\r\n');
  expect(writeBrowserOffer(ours, video, before).match(/^m=/gm)).toHaveLength(2);
  // In a session that the browser began, its names and order hold.
  const turned = readBrowser(browserOffer(usual, { bundle: '0 1' }));
  expect(writeBrowserOffer(ours, video, turned)).toMatch(/^m=video 9 [\s\S]*^a=mid:1\r$/m);
});

test.each([
  ['a transport of its own', browserOffer(usual, { bundle: '0' })],
  ['declined', browserOffer(usual, { mLine: 'm=video 0 UDP/TLS/RTP/SAVPF 96' })],
  ['no protocol of ours', browserOffer(usual, { mLine: 'm=video 9 RTP/AVP 96' })],
  ['no format of ours', browserOffer(['a=rtpmap:96 AV1/90000'])],
  ['another profile', browserOffer(['a=rtpmap:96 H264/90000', 'a=fmtp:96 profile-level-id=640c1f'])],
  ['interleaved', browserOffer(['a=rtpmap:96 H264/90000', 'a=fmtp:96 packetization-mode=2'])],
  ['another clock', browserOffer(['a=rtpmap:96 VP8/8000'])],
])('a video with %s is none, and the sound is read', (_what, sdp) => {
  const offer = readBrowser(sdp);
  expect(offer.video).toBeUndefined();
  expect(offer.codecs).toHaveLength(1);
  expect(answerTo(offer)).toMatch(/^m=video 0 /m);
});

test.each([
  ['42001f', 'H264/1'],
  ['42C01E', 'H264/1'],
  ['4d801f', 'H264/1'],
  ['58c01f', 'H264/1'],
  ['58801f', 'H264/1'],
  ['4d001f', undefined],
  ['4d401f', undefined],
  ['58401f', undefined],
  ['640c1f', undefined],
  ['42e01', 'H264/1'],
])('H.264 of profile-level-id %s is %s', (id, key) => {
  const { video } = readBrowser(
    browserOffer(['a=rtpmap:96 H264/90000', `a=fmtp:96 packetization-mode=1;profile-level-id=${id}`], {
      mLine: 'm=video 9 UDP/TLS/RTP/SAVPF 96',
    }),
  );
  expect(video?.formats[0]?.key).toBe(key);
});

test('of several profiles the one that all can read is answered, in its own place', () => {
  const { video } = readBrowser(
    browserOffer([
      'a=rtpmap:96 H264/90000',
      'a=fmtp:96 packetization-mode=1;profile-level-id=42001f',
      'a=rtpmap:98 VP8/90000',
      'a=rtpmap:99 H264/90000',
      'a=fmtp:99 packetization-mode=1;profile-level-id=42e01f',
    ]),
  );
  expect(video?.formats.map(({ key, payloadType }) => [key, payloadType])).toEqual([
    ['H264/1', 99],
    ['VP8', 98],
  ]);
});

test('damaged lines of video never take the sound away', () => {
  const line = fc.oneof(
    fc.constantFrom(...usual),
    fc.string({ maxLength: 60 }).map((text) => `a=fmtp:96 ${text.replace(/[\r\n]/g, '')}`),
    fc.string({ maxLength: 60 }).map((text) => `a=rtcp-fb:${text.replace(/[\r\n]/g, '')}`),
    fc.string({ maxLength: 60 }).map((text) => `a=rtpmap:${text.replace(/[\r\n]/g, '')}`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const offer = readBrowser(browserOffer(lines));
      const [format] = offer.video?.formats ?? [];
      const answer = answerTo(
        offer,
        offer.video && format && answeredVideo(offer.video, format, 'sendrecv', 9),
      );
      expect(answer.match(/^m=/gm)).toHaveLength(2);
      expect(answer).not.toContain('undefined');
    }),
  );
});
