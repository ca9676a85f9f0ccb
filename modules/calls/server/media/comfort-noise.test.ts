import { buildRtp, decodeG711 } from '@liaison/rtp';
import { loudness } from '@liaison/rtp/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMediaPool, type MediaPool } from './media.ts';
import { openTelephone, until } from './testing/telephone.ts';

let media: MediaPool;
beforeAll(() => {
  media = createMediaPool({
    rtpPorts: { min: 0, max: 0 },
    advertise: '127.0.0.1',
    bind: '127.0.0.1',
    maxProcesses: 1,
    log: { info: () => {}, warn: console.warn, error: () => {} },
  });
});
afterAll(() => media.stop());

const quiet = (sequence: number) =>
  buildRtp({ payloadType: 13, sequence, timestamp: sequence * 160, ssrc: 3, payload: Buffer.of(40) });

test('RFC 3389: noise goes through to who knows it, and is made in its codec for who does not', async () => {
  const relay = await media.createRelay();
  const [a, b] = [await openTelephone(), await openTelephone()];
  try {
    await relay.connect('a', 'b');
    const toA = await relay.rtpAnswer('a', a.offer('0 13'), '127.0.0.1');
    expect(toA.answer).toMatch(/RTP\/AVP 0 13\r\n/);
    const toB = await relay.rtpOffer('b', { codecs: ['PCMU'] });
    expect(toB.offer).toMatch(/RTP\/AVP 0 101 13\r\n/);
    await relay.rtpAccept('b', b.answer(toB.offer, '0 13'), '127.0.0.1');
    a.send(quiet(1), toA.answer);
    await until(() => b.packets.some((packet) => packet.payloadType === 13), 'noise passed on');
    expect(b.packets.find((packet) => packet.payloadType === 13)!.payload).toEqual(Buffer.of(40));

    await relay.rtpAccept('b', b.answer(toB.offer, '0'), '127.0.0.1');
    const before = b.packets.length;
    a.send(quiet(2), toA.answer);
    await until(() => b.packets.length > before + 25, 'noise made');
    const made = b.packets.slice(before);
    expect(new Set(made.map((packet) => packet.payloadType))).toEqual(new Set([0]));
    const level =
      20 * Math.log10(loudness(decodeG711('PCMU', Buffer.concat(made.map(({ payload }) => payload)))));
    expect(Math.abs(level + 40)).toBeLessThan(2);
    a.play('PCMU', 440, toA.answer);
    await until(() => b.hears(440) > 0.95, 'the voice comes back, and the noise is gone');
    b.packets.slice(before).reduce((last, packet) => {
      expect((packet.sequence - last.sequence) & 0xffff).toBe(1);
      return packet;
    });
  } finally {
    for (const phone of [a, b]) phone.close();
    await relay.close();
  }
});
