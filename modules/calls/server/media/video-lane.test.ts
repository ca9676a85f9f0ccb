import { buildFeedback, buildRtcp, buildRtp, parseRtcp, parseRtp, readFeedback } from '@liaison/rtp';
import type { VideoFormat, VideoKey, VideoMedia } from '@liaison/sdp';
import { afterEach, expect, test, vi } from 'vitest';
import { type EndVideo, routeVideo } from './end-video.ts';
import { chooseVideo, videoToAgree, videoToOffer } from './video-choice.ts';
import { createVideoLane, type VideoLane } from './video-lane.ts';

const open: VideoLane[] = [];
afterEach(() => {
  for (const lane of open.splice(0)) lane.close();
});

const feedback = { nack: true, pli: true, fir: true };
const vp8 = (payloadType: number, more: Partial<VideoFormat> = {}): VideoFormat => ({
  key: 'VP8',
  payloadType,
  feedback,
  ...more,
});

function laneOf(format: VideoFormat | undefined, clock: { ms: number }) {
  const sent: Buffer[] = [];
  const rtcp: Buffer[] = [];
  const errors: unknown[] = [];
  const lane = createVideoLane(
    {
      canPlay: () => true,
      send: (datagram) => sent.push(Buffer.from(datagram)) > 0,
      sendRtcp: (datagram) => void rtcp.push(datagram),
      onError: (error) => errors.push(error),
    },
    'somebody',
    () => clock.ms,
  );
  lane.agree(format);
  open.push(lane);
  const asked = () =>
    rtcp.flatMap((datagram) =>
      (parseRtcp(datagram) ?? []).flatMap((packet) => {
        const read = packet.type === 'other' ? readFeedback(packet) : undefined;
        return read ? [read] : [];
      }),
    );
  return { lane, sent, asked, errors };
}

/** Two ends that see each other, and their hand-turned clock. */
function pair(one: VideoFormat | undefined, other: VideoFormat | undefined) {
  const clock = { ms: 1000 };
  const a = laneOf(one, clock);
  const b = laneOf(other, clock);
  const [ofA, ofB] = [{ lane: a.lane }, { lane: b.lane }];
  routeVideo(ofA, ofB);
  routeVideo(ofB, ofA);
  return { a, b, ofA, ofB, clock };
}

const picture = (sequence: number, payloadType = 96, bytes = 100, ssrc = 5): Buffer =>
  buildRtp({
    payloadType,
    marker: sequence % 2 === 1,
    sequence,
    timestamp: 3000 * sequence,
    ssrc,
    payload: Buffer.alloc(bytes, sequence),
  });

test('pictures pass unchanged, with the numbers of one stream and the payload type of who sees them', () => {
  const { a, b } = pair(vp8(96), vp8(120));
  for (const sequence of [10, 11, 13]) a.lane.receive(picture(sequence));
  const seen = b.sent.map((datagram) => parseRtp(datagram)!);
  expect(seen.map(({ payloadType }) => payloadType)).toEqual([120, 120, 120]);
  expect(seen.map(({ ssrc }) => ssrc)).toEqual([b.lane.ssrc, b.lane.ssrc, b.lane.ssrc]);
  expect(seen.map(({ marker }) => marker)).toEqual([false, true, true]);
  expect(seen.map(({ payload }) => payload[0])).toEqual([10, 11, 13]);
  // What was lost on the way stays visible.
  expect(seen.map(({ sequence }) => (sequence - seen[0]!.sequence) & 0xffff)).toEqual([0, 1, 3]);
  expect(a.sent).toEqual([]);
});

test('whoever sees asks for a whole picture, or for packets, and who sends is asked by its own numbers', async () => {
  const { a, b, clock } = pair(vp8(96), vp8(120));
  a.lane.receive(picture(10));
  const { sequence } = parseRtp(b.sent[0]!)!;
  const say = (packet: Parameters<typeof buildFeedback>[0]) =>
    b.lane.receiveRtcp(
      buildRtcp([{ type: 'receiver-report', ssrc: 77, reports: [] }, buildFeedback(packet)]),
    );
  say({ kind: 'nack', sequences: [sequence + 2], sender: 77, media: b.lane.ssrc });
  expect(a.asked()).toEqual([{ kind: 'nack', sequences: [12], sender: a.lane.ssrc, media: 5 }]);
  say({ kind: 'full-intra', command: 1, sender: 77, media: b.lane.ssrc });
  expect(a.asked()[1]).toEqual({ kind: 'picture-loss', sender: a.lane.ssrc, media: 5 });
  // Another stream's is not ours; and nobody is asked again at once.
  say({ kind: 'picture-loss', sender: 77, media: 4711 });
  say({ kind: 'picture-loss', sender: 77, media: b.lane.ssrc });
  expect(a.asked()).toHaveLength(2);
  clock.ms += 1000;
  await vi.waitFor(() => expect(a.asked()).toHaveLength(3), { timeout: 10_000 });
  expect([a.errors, b.errors]).toEqual([[], []]);
});

test('who knows only FIR is asked by that; who sees somebody else gets a whole picture', () => {
  const { a, ofA, ofB } = pair(vp8(96, { feedback: { nack: false, pli: false, fir: true } }), vp8(120));
  a.lane.receive(picture(10));
  routeVideo(ofA, undefined);
  a.lane.receive(picture(11));
  routeVideo(ofA, ofB);
  expect(a.asked()).toEqual([{ kind: 'full-intra', command: 1, sender: a.lane.ssrc, media: 5 }]);
});

test('nothing flows between formats that differ, before agreement, of other payload types, or beyond the bandwidth', () => {
  const different = pair(vp8(96), vp8(98, { key: 'H264/1' }));
  different.a.lane.receive(picture(1));
  expect(different.b.sent).toEqual([]);
  const unagreed = pair(vp8(96), undefined);
  unagreed.a.lane.receive(picture(1));
  expect(unagreed.b.sent).toEqual([]);

  const { a, b, clock } = pair(vp8(96), vp8(120));
  a.lane.receive(picture(1, 97));
  a.lane.receive(Buffer.from('not a packet'));
  a.lane.receiveRtcp(Buffer.from('81cd', 'hex'));
  expect([b.sent.length, a.errors]).toEqual([0, []]);
  for (let sequence = 0; sequence < 1000; sequence++) a.lane.receive(picture(sequence, 96, 1000));
  const atOnce = b.sent.length;
  expect(atOnce).toBeLessThan(520);
  clock.ms += 100;
  for (let sequence = 1000; sequence < 1200; sequence++) a.lane.receive(picture(sequence, 96, 1000));
  expect(b.sent.length - atOnce).toBeGreaterThan(30);
  expect(b.sent.length - atOnce).toBeLessThan(60);
});

test('an offer is answered with what its peer agreed on, or of ours where nobody is there, else not at all', () => {
  const offer: VideoMedia = {
    formats: [vp8(98, { key: 'H264/1' }), vp8(96)],
    direction: 'sendrecv',
    protocol: 'RTP/AVP',
    port: 4000,
    rtcpMux: false,
    index: 1,
  };
  const peer = (agreed: VideoFormat['key'] | undefined) => showing(agreed, ['VP8']);
  expect(chooseVideo(offer, 'absent')?.format.key).toBe('VP8');
  expect(chooseVideo(offer, peer('H264/1'))?.format.key).toBe('H264/1');
  expect(chooseVideo(offer, peer(undefined))).toBeUndefined();
  expect(chooseVideo(offer, peer('H264/0'))).toBeUndefined();
  expect(chooseVideo(offer, undefined)).toBeUndefined();
  expect(chooseVideo(undefined, 'absent')).toBeUndefined();
  // Who offers by its own wish is answered with what the peer may be asked for.
  expect(chooseVideo(offer, peer(undefined), true)?.format.key).toBe('VP8');
  expect(chooseVideo(offer, peer('H264/0'), true)?.format.key).toBe('VP8');
  expect(chooseVideo(offer, showing(undefined, []), true)).toBeUndefined();
});

const showing = (agreed: VideoKey | undefined, takes: readonly VideoKey[]): EndVideo => ({
  lane: laneOf(agreed && vp8(1, { key: agreed }), { ms: 0 }).lane,
  mayTake: (key) => takes.includes(key),
});

test.each<[string, [VideoKey?, VideoKey[]?], [VideoKey?, VideoKey[]?], [VideoKey[], VideoKey[]]]>([
  ['nobody shows anything', [undefined, ['VP8']], [undefined, ['VP8']], [[], []]],
  ['they agree', ['VP8', ['VP8']], ['VP8', ['VP8']], [[], []]],
  ['one shows, the other may see it', ['VP8', ['VP8']], [undefined, ['VP8', 'H264/1']], [[], ['VP8']]],
  ['one shows, the other knows it not', ['VP8', ['VP8']], [undefined, ['H264/1']], [[], []]],
  ['one changes', ['H264/1', ['H264/1']], ['VP8', ['VP8', 'H264/1']], [[], ['H264/1']]],
  ['the first stays', ['H264/1', ['VP8', 'H264/1']], ['VP8', ['VP8', 'H264/1']], [[], ['H264/1']]],
  ['the other stays', ['H264/1', ['VP8', 'H264/1']], ['VP8', ['VP8']], [['VP8'], []]],
  ['both change', ['H264/0', ['H264/1']], ['VP8', ['H264/1']], [['H264/1'], ['H264/1']]],
])('of two ends, %s', (_what, [ofFirst, firstTakes], [ofSecond, secondTakes], [first, second]) => {
  const [a, b] = [showing(ofFirst, firstTakes ?? []), showing(ofSecond, secondTakes ?? [])];
  expect(videoToAgree(a, b)).toEqual([...(first.length > 0 ? [a] : []), ...(second.length > 0 ? [b] : [])]);
  if (first.length > 0) expect(videoToOffer(a, b, false)).toEqual(first);
  if (second.length > 0) expect(videoToOffer(b, a, false)).toEqual(second);
});

test('a wish is offered as what the peer knows, and nothing more is asked of who has agreed', () => {
  const page = showing(undefined, ['VP8', 'H264/1']);
  expect(videoToOffer(showing(undefined, []), page, true)).toEqual(['VP8', 'H264/1']);
  expect(videoToOffer(showing('H264/1', ['H264/1']), page, true)).toEqual(['H264/1']);
  expect(videoToOffer(showing('H264/0', []), page, true)).toEqual(['H264/0']);
  expect(videoToOffer(showing(undefined, []), page, false)).toEqual([]);
  expect(videoToOffer(showing(undefined, []), undefined, true)).toEqual([]);
});
