import { parseTelephoneEvent } from '@liaison/rtp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMediaPool, type KeyPressed, type MediaPool, type Relay } from './media.ts';
import { openTelephone, type TestTelephone, until } from './testing/telephone.ts';

/** Keys between two telephones of the test's own, of which one sends telephone events and the other says them elsewhere. */
let pool: MediaPool;
const log = { info() {}, warn() {}, error() {} };

beforeAll(() => {
  pool = createMediaPool({ rtpPorts: { min: 0, max: 0 }, advertise: '127.0.0.1', bind: '127.0.0.1', log });
});
afterAll(() => pool.stop());

async function join(formatsA: string, formatsB: string) {
  const relay = await pool.createRelay();
  const [a, b] = [await openTelephone(), await openTelephone()];
  await relay.connect('a', 'b');
  const first = await relay.rtpAnswer('a', a.offer(formatsA), '127.0.0.1');
  const second = await relay.rtpAnswer('b', b.offer(formatsB), '127.0.0.1');
  const told: ({ end: string } & KeyPressed)[] = [];
  relay.onKey((end, press) => told.push({ end, ...press }));
  a.play('PCMU', 440, first.answer);
  b.play('PCMU', 880, second.answer);
  await until(() => a.hears(880) > 0.5 && b.hears(440) > 0.5, 'they hear each other');
  return { relay, a, b, told, answerB: second.answer };
}

async function close({ relay, a, b }: { relay: Relay; a: TestTelephone; b: TestTelephone }) {
  a.close();
  b.close();
  await relay.close();
}

const eventsOf = (phone: TestTelephone) => phone.packets.filter(({ payloadType }) => payloadType === 101);

it('plays a key that was said elsewhere as an event, in the one stream of sound, and tells it', async () => {
  const both = await join('0', '0 101');
  const { relay, b, told } = both;
  await relay.pressKey('a', '5', 160);
  await relay.pressKey('a', '#', 100);
  await until(() => eventsOf(b).length >= 10, 'all packets of both keys have come');
  const events = eventsOf(b).map((packet) => ({ packet, ...parseTelephoneEvent(packet.payload)! }));
  const [five, hash] = ['5', '#'].map((key) => events.filter((each) => each.key === key));
  for (const press of [five!, hash!]) {
    expect(new Set(press.map(({ packet }) => packet.timestamp)).size).toBe(1);
    expect(press.map(({ packet }) => packet.marker)).toEqual(press.map((_, at) => at === 0));
    expect(press.filter(({ end }) => end)).toHaveLength(3);
  }
  expect(five!.at(-1)!.duration).toBe(1280);
  expect(hash!.at(-1)!.duration).toBe(800);
  // One source, and no number used twice: SRTP would be broken by it.
  expect(new Set(b.packets.map(({ ssrc }) => ssrc)).size).toBe(1);
  expect(new Set(b.packets.map(({ sequence }) => sequence)).size).toBe(b.packets.length);
  expect(told).toEqual([
    { end: 'a', key: '5', isTaken: true },
    { end: 'a', key: '#', isTaken: true },
  ]);
  await until(() => b.hears(440) > 0.5, 'the sound goes on');
  await close(both);
});

it('tells a key that its peer cannot take, once however often it is repeated', async () => {
  const both = await join('0', '0 101');
  const { b, told, answerB, relay } = both;
  const { createKeyPlayer } = await import('./key-player.ts');
  const { buildRtp } = await import('@liaison/rtp');
  let sequence = 40_000;
  const player = createKeyPlayer((payload, isFirst) => {
    sequence += 1;
    b.send(
      buildRtp({
        payloadType: 101,
        marker: isFirst,
        sequence,
        timestamp: 77,
        ssrc: 9,
        payload: payload(8000),
      }),
      answerB,
    );
  });
  player.press('*', 200);
  await until(() => told.length > 0 && sequence >= 40_006, 'the key was told');
  expect(told).toEqual([{ end: 'b', key: '*', isTaken: false }]);
  await relay.pressKey('b', '7', 100);
  await until(() => told.length > 1, 'the other key was told');
  expect(told.at(-1)).toEqual({ end: 'b', key: '7', isTaken: false });
  player.close();
  await close(both);
});

it('refuses what is no key, and tells nobody of one that nobody hears', async () => {
  const relay = await pool.createRelay();
  const told: KeyPressed[] = [];
  relay.onKey((_end, press) => told.push(press));
  await expect(relay.pressKey('a', 'x', 100)).rejects.toMatchObject({ code: 'bad-request' });
  await expect(relay.pressKey('a', '1', Number.NaN)).rejects.toMatchObject({ code: 'bad-request' });
  await relay.pressKey('a', '1', 100);
  expect(told).toEqual([]);
  await relay.close();
});
