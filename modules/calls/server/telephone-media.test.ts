import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMediaPool, type MediaPool, type Relay } from './media/media.ts';
import { createIncomingSipLeg } from './sip-leg.ts';
import {
  acceptFrom,
  answerTo,
  asksForSilence,
  offerKindAfter,
  offerKindOver,
  offerTo,
  videoShown,
} from './telephone-media.ts';

let pool: MediaPool;
beforeAll(() => {
  pool = createMediaPool({
    rtpPorts: { min: 0, max: 0 },
    advertise: '127.0.0.1',
    bind: '127.0.0.1',
    maxProcesses: 1,
    log: { info() {}, warn() {}, error() {} },
  });
});
afterAll(() => pool.stop());

const telephone = (direction: string) =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'm=audio 40000 RTP/AVP 0',
    `a=${direction}`,
    '',
  ].join('\r\n');

/** Everything that is offered over a flow to a telephone that refuses each with 488. */
function offered(protocol: 'udp' | 'tls' | 'ws' | 'wss'): string[] {
  const kinds = [];
  for (let kind = offerKindOver({ protocol }); ; ) {
    kinds.push(kind);
    const next = offerKindAfter(kind, { protocol });
    if (next === undefined) return kinds;
    kind = next;
  }
}

it('offers each kind once, as a browser first to who comes by WebSocket, and no keys where they can be read', () => {
  for (const protocol of ['udp', 'tls', 'ws', 'wss'] as const)
    expect(new Set(offered(protocol)).size).toBe(offered(protocol).length);
  expect(offered('wss')[0]).toBe('webrtc');
  expect(offered('ws').join()).not.toMatch(/keys/);
  expect(offered('udp').join()).not.toMatch(/keys/);
  expect(offered('tls')[0]).toBe('keys-wished');
});

it('an offer of ours to a browser is answered, and made again on the same connection', async () => {
  const relay = await pool.createRelay();
  const offer = await offerTo(relay, 'rung', 'webrtc');
  expect(offer).toMatch(/a=setup:actpass/);
  const answer = await answerTo(relay, 'browser', offer, '127.0.0.1');
  await acceptFrom(relay, 'rung', answer, '127.0.0.1');

  const again = await offerTo(relay, 'rung', 'webrtc');
  expect(again.match(/a=ice-ufrag:.*/)?.[0]).toBe(offer.match(/a=ice-ufrag:.*/)?.[0]);
  const second = await answerTo(relay, 'browser', again.replace('a=sendrecv', 'a=sendonly'), '127.0.0.1');
  expect(asksForSilence(again.replace('a=sendrecv', 'a=sendonly'))).toBe(true);
  expect(second).toMatch(/a=recvonly/);
  // RFC 8842 §5.3: the role in DTLS stays what it was.
  expect(second.match(/a=setup:.*/)?.[0]).toBe(answer.match(/a=setup:.*/)?.[0]);
  await expect(relay.webrtcAccept('nobody', answer)).rejects.toMatchObject({ code: 'unknown-end' });
  await relay.close();
});

it('who is rung is told the level that the caller can read, which it may send up to (RFC 6184 §8.2.2)', async () => {
  const shows = (fmtp: string) =>
    `${telephone('sendrecv')}m=video 40002 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n${fmtp}`;
  const levels = async (relay: Relay, end: string, kind: 'plain' | 'webrtc', fmtp: string) =>
    (await offerTo(relay, end, kind, videoShown(shows(fmtp)))).match(/profile-level-id=\w+|level-asym\S+/g);
  const relay = await pool.createRelay();
  const small = 'a=fmtp:97 profile-level-id=42e00d;packetization-mode=1;level-asymmetry-allowed=1\r\n';
  const told = ['level-asymmetry-allowed=1', 'profile-level-id=42e00d'];
  expect((await levels(relay, 'a', 'plain', small))?.sort()).toEqual(told);
  expect((await levels(relay, 'b', 'webrtc', small))?.sort()).toEqual(told);
  const large = await levels(relay, 'c', 'plain', small.replace('0d;', '28;'));
  expect(large).toContain('profile-level-id=42e028');
  // A profile that we do not pass on is not shown, and what is no level is not believed.
  expect(await levels(relay, 'd', 'plain', small.replace('42e00d', '640028'))).toBeNull();
  const refused = relay.rtpOffer('e', { video: ['H264/1'], readBy: '42e00d\r\na=x' });
  await expect(refused).rejects.toMatchObject({ code: 'bad-request' });
  await relay.close();
});

it('a telephone that ends its hold is answered that sound flows again (RFC 3264 §8.4)', async () => {
  const relay: Relay = await pool.createRelay();
  const held: boolean[] = [];
  // What is asked of a session before it talks.
  const session = {
    on: {},
    state: 'early',
    remoteOffer: telephone('sendrecv'),
    accept: async () => {},
  } as unknown as Parameters<typeof createIncomingSipLeg>[0]['session'];
  const leg = createIncomingSipLeg({
    id: 'leg',
    personId: 'person',
    deviceId: 'device',
    session,
    takesInfo: true,
    events: {
      answered() {},
      refused() {},
      hungUp() {},
      held(_leg, isHeld) {
        held.push(isHeld);
        void relay.hold('leg', isHeld);
      },
    },
  });
  await leg.connect(relay);
  expect(await session.on.reinvited?.(telephone('sendonly'))).toMatch(/a=(recvonly|inactive)/);
  expect(await session.on.reinvited?.(telephone('sendrecv'))).toMatch(/a=sendrecv/);
  expect(held).toEqual([true, false]);
  await relay.close();
});
