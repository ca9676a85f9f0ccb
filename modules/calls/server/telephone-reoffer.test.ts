import { readFile } from 'node:fs/promises';
import { readTelephone } from '@liaison/sdp';
import { SipRefusal } from '@liaison/sip';
import { beforeAll, expect, it } from 'vitest';
import type { LegEvents } from './leg.ts';
import type { Relay } from './media/media.ts';
import { openRelays } from './media/testing/relays.ts';
import { until } from './media/testing/telephone.ts';
import { type CallingDialog, createIncomingSipLeg, type TelephoneDialog } from './sip-leg.ts';
import { moveInto, offerAnew } from './telephone-reoffer.ts';

const relays = openRelays();

let page: string;
beforeAll(async () => {
  const file = '../../../engines/sdp/testdata/valid/browser-chromium-audio-video.sdp';
  page = await readFile(new URL(file, import.meta.url), 'utf8');
});

/** A telephone's dialog whose answers to new offers are these, one after another. */
function dialog(...answers: (number | ((offer: string) => string))[]) {
  const offers: string[] = [];
  const session: TelephoneDialog = {
    flow: undefined,
    on: {},
    cancel() {},
    async bye() {},
    async info() {},
    async reinvite(offer) {
      offers.push(offer);
      const answer = answers.shift();
      if (typeof answer !== 'function') throw new SipRefusal(answer ?? 488, 'No');
      return answer(offer);
    },
  };
  return { session, offers };
}

it('a telephone that talks is told why, when a call ends by itself', () => {
  const said: unknown[] = [];
  const session = (): CallingDialog => ({
    ...dialog().session,
    state: 'confirmed',
    remoteOffer: undefined,
    ring() {},
    progress() {},
    async accept() {},
    reject() {},
    async bye(reason) {
      said.push(reason);
    },
  });
  const ends = ['failed', 'lost', 'completed'] as const;
  for (const reason of ends) {
    const about = { id: 't', personId: 'p', deviceId: 'd', takesInfo: true, events: {} as LegEvents };
    createIncomingSipLeg({ ...about, session: session() }).end(reason);
  }
  expect(said).toEqual([
    { protocol: 'SIP', cause: 488, text: 'No sound could be agreed' },
    { protocol: 'SIP', cause: 480, text: 'The other side is gone' },
    undefined,
  ]);
});

/** What a telephone says of itself: PCMU, and what it shows. */
const said = (video: string[] = [], formats = '0') =>
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0']
    .concat(`m=audio 40000 RTP/AVP ${formats}`, video, '')
    .join('\r\n');
const vp8 = ['m=video 40002 RTP/AVP 120', 'a=rtpmap:120 VP8/90000'];
const h264 = [
  'm=video 40002 RTP/AVP 121',
  'a=rtpmap:121 H264/90000',
  'a=fmtp:121 profile-level-id=42e01f;packetization-mode=1',
];
const none = ['m=video 0 RTP/AVP 103'];

/** A telephone that was called by sound alone, and a page that talks with it. */
async function withPage(): Promise<Relay> {
  const relay = await relays.newRelay();
  await relay.rtpOffer('t');
  await relay.rtpAccept('t', said(), '127.0.0.1');
  await relay.connect('page', 't');
  const { answer } = await relay.webrtcAnswer('page', page);
  expect(answer).toMatch(/^m=video 0 /m);
  return relay;
}

it('a telephone is asked for the pictures that its page knows; taken, the page is answered with that format', async () => {
  const relay = await withPage();
  const { session, offers } = dialog(() => said(h264));
  expect(await offerAnew(relay, 't', session, 'wished')).toEqual({ codec: 'PCMU', video: 'H264/1' });
  expect(readTelephone(offers[0]!).video?.formats.map(({ key }) => key)).toEqual(['VP8', 'H264/1', 'H264/0']);
  expect(readTelephone(offers[0]!).codecs.map(({ name }) => name)).toEqual(['PCMU']);
  expect((await relay.connect('page', 't')).renegotiate).toEqual(['page']);
  const { answer } = await relay.webrtcAnswer('page', page);
  expect(answer).toMatch(/^m=video 9 UDP\/TLS\/RTP\/SAVPF (102|108)\r$/m);
  expect((await relay.connect('page', 't')).renegotiate).toEqual([]);
});

it.each([
  ['refuses the whole', 488],
  ['has another INVITE under way again and again', 491],
  ['declines the line', () => said(none)],
])('one that %s keeps its sound, and is not asked again by itself', async (_what, how) => {
  const relay = await withPage();
  const { session, offers } = dialog(how as number, () => said());
  expect((await offerAnew(relay, 't', session, 'wished'))?.video).toBeUndefined();
  expect((await relay.connect('page', 't')).renegotiate).toEqual([]);
  const { ends } = await relay.stats();
  expect(ends.t).toMatchObject({ codec: 'PCMU' });
  expect(ends.t?.video).toBeUndefined();
  // By itself it is not asked again; what was refused as a line keeps its place (RFC 3264 §8).
  await offerAnew(relay, 't', session, 'agreed');
  expect(offers[1]?.match(/^m=.*/gm)).toEqual(
    typeof how === 'number'
      ? [expect.stringMatching(/^m=audio/)]
      : [expect.any(String), 'm=video 0 RTP/AVP 103'],
  );
});

it('who is transcoded for and can speak what the other speaks does so; who refuses is heard as before', async () => {
  const relay = await relays.newRelay();
  const [a, b] = [await relays.telephone(), await relays.telephone()];
  const { offer } = await relay.rtpOffer('a');
  const accepted = a.answer(offer, '0 101');
  await relay.rtpAccept('a', accepted, '127.0.0.1');
  const { offer: toB } = await relay.rtpOffer('b');
  await relay.rtpAccept('b', b.answer(toB, '8 101'), '127.0.0.1');
  expect((await relay.connect('a', 'b')).renegotiate).toEqual(['a']);
  b.play('PCMA', 440, toB);
  await until(() => a.hears(440) > 0.9, 'it is transcoded');

  const refusing = dialog(488);
  expect(await offerAnew(relay, 'a', refusing.session, 'agreed')).toBeNull();
  a.packets.length = 0;
  await until(() => a.hears(440) > 0.9, 'it is heard as before');
  expect((await relay.stats()).ends.a).toMatchObject({ codec: 'PCMU', transcoded: true });

  const { session, offers } = dialog((sdp) => a.answer(sdp, '8 101'));
  expect(await offerAnew(relay, 'a', session, 'agreed')).toEqual({ codec: 'PCMA' });
  expect(readTelephone(offers[0]!).codecs.map(({ name }) => name)).toEqual(['PCMA', 'PCMU']);
  a.packets.length = 0;
  await until(() => a.hears(440, 'PCMA') > 0.9, 'it hears what is said, as it is');
  expect((await relay.stats()).ends.a?.transcoded).toBeUndefined();
  expect((await relay.connect('a', 'b')).renegotiate).toEqual([]);
});

it('one that could have changed its codec and did not is not named again', async () => {
  const relay = await relays.newRelay();
  await relay.rtpOffer('a');
  await relay.rtpAccept('a', said(), '127.0.0.1');
  await relay.rtpOffer('b');
  await relay.rtpAccept('b', said([], '8'), '127.0.0.1');
  expect((await relay.connect('a', 'b')).renegotiate).toEqual(['a']);
  await offerAnew(relay, 'a', dialog(() => said()).session, 'agreed');
  expect((await relay.connect('a', 'b')).renegotiate).toEqual(['b']);
  await offerAnew(relay, 'b', dialog(() => said([], '8')).session, 'agreed');
  expect((await relay.connect('a', 'b')).renegotiate).toEqual([]);
});

it('of two video telephones that come together the one changes that can', async () => {
  const relay = await relays.newRelay();
  await relay.rtpOffer('a', { video: ['VP8', 'H264/1'] });
  await relay.rtpAccept('a', said(vp8.concat('a=x')), '127.0.0.1');
  await relay.rtpAnswer('b', said(h264), '127.0.0.1');
  const { renegotiate } = await relay.connect('a', 'b');
  // It was offered H.264 and took VP8, and the other one offered H.264 alone: neither is asked in vain.
  expect(renegotiate).toEqual([]);

  await relay.rtpOffer('c');
  await relay.rtpAccept('c', said(), '127.0.0.1');
  expect((await relay.connect('a', 'c')).renegotiate).toEqual(['c']);
  const { session, offers } = dialog(() => said(vp8));
  expect(await offerAnew(relay, 'c', session, 'agreed')).toMatchObject({ video: 'VP8' });
  expect(readTelephone(offers[0]!).video?.formats.map(({ key }) => key)).toEqual(['VP8']);
});

it('goes on in another relay without pictures, or protected otherwise, where it refuses them', async () => {
  const relay = await relays.newRelay();
  await relay.rtpAnswer('b', said(vp8), '127.0.0.1');
  await relay.connect('a', 'b');
  const { session, offers } = dialog(488, () => said());
  await moveInto(relay, 'a', session);
  expect(offers.map((offer) => readTelephone(offer).video?.formats.map(({ key }) => key))).toEqual([
    ['VP8'],
    undefined,
  ]);
  const other = await relays.newRelay();
  await expect(moveInto(other, 'a', dialog(486).session)).rejects.toMatchObject({ status: 486 });
});
