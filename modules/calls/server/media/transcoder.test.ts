import type { RtpPacket } from '@liaison/rtp';
import { energyAt, loudness, tone } from '@liaison/rtp/testing';
import { clockRateOf } from '@liaison/sdp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDecode, createEncode, sampleRateOf } from './codec.ts';
import { type Conversion, createConversion } from './conversion.ts';
import { type CodecName, createMediaPool, type MediaPool } from './media.ts';
import { openTelephone, until } from './testing/telephone.ts';
import { createTranscoder, createTranscoderBudget } from './transcoder.ts';

const codecs: readonly CodecName[] = ['opus', 'G722', 'PCMU', 'PCMA'];
const pairs = codecs.flatMap((from) => codecs.filter((to) => to !== from).map((to) => [from, to] as const));

/** A second of a tone as that codec's packets of 20 ms. */
function packetsOf(codec: CodecName, hz = 1000): RtpPacket[] {
  const rate = sampleRateOf(codec);
  const encode = createEncode(codec, rate);
  const sound = tone(hz, 1, rate);
  const ticks = clockRateOf(codec) / 50;
  return Array.from({ length: 50 }, (_, index) => ({
    payloadType: 9,
    marker: index === 0,
    sequence: (65_530 + index) & 0xffff,
    timestamp: (2 ** 32 - 1000 + index * ticks) >>> 0,
    ssrc: 5,
    csrcs: [],
    payload: encode(sound.subarray((index * rate) / 50, ((index + 1) * rate) / 50)),
  }));
}

function soundOf(codec: CodecName, packets: readonly RtpPacket[]) {
  const rate = sampleRateOf(codec);
  const decode = createDecode(codec, rate);
  return { rate, samples: Int16Array.from(packets.flatMap((packet) => [...decode(packet.payload)])) };
}

describe.each(pairs)('%s to %s', (from, to) => {
  it('carries a tone, on unbroken numbers of one source', () => {
    const transcoder = createTranscoder(from, to);
    const out = packetsOf(from).flatMap((packet) => transcoder.audio(packet));
    expect(out).toHaveLength(50);
    const { samples, rate } = soundOf(to, out);
    expect(energyAt(1000, samples.subarray(rate / 5), rate)).toBeGreaterThan(0.97);
    expect(loudness(samples.subarray(rate / 5))).toBeGreaterThan(0.25);
    const ticks = clockRateOf(to) / 50;
    out.reduce((before, packet) => {
      expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
      expect((packet.timestamp - before.timestamp) >>> 0).toBe(ticks);
      expect(packet.ssrc).toBe(before.ssrc);
      return packet;
    });
  });

  it('fills a short loss, shows a longer one, drops what is late, and follows a pause', () => {
    const transcoder = createTranscoder(from, to);
    const all = packetsOf(from);
    const given = [
      ...all.slice(0, 10),
      ...all.slice(12, 20),
      all[11]!,
      ...all.slice(27, 30),
      ...all.slice(41),
    ];
    const out = given.flatMap((packet) => transcoder.audio(packet));
    expect(out).toHaveLength(32);
    const { samples, rate } = soundOf(to, out.slice(0, 20));
    // Where two packets were lost the tone goes on, and is not much quieter.
    const filled = samples.subarray((rate * 210) / 1000, (rate * 230) / 1000);
    // (Opus has its own idea of what may have been there: it is made for voices and fades a tone.)
    expect(energyAt(1000, filled, rate)).toBeGreaterThan(from === 'opus' ? 0 : 0.9);
    expect(loudness(filled)).toBeGreaterThan(from === 'opus' ? 0.05 : 0.15);
    const ticks = clockRateOf(to) / 50;
    const steps = out
      .slice(1)
      .map((packet, index) => [
        (packet.sequence - out[index]!.sequence) & 0xffff,
        ((packet.timestamp - out[index]!.timestamp) >>> 0) / ticks,
      ]);
    expect(steps.filter(([numbers, time]) => numbers !== 1 || time !== 1)).toEqual([
      [8, 8],
      [1, 12],
    ]);
  });
});

it('packets of another length than ours, and a key pressed between', () => {
  const transcoder = createTranscoder('PCMU', 'opus');
  const whole = packetsOf('PCMU');
  const bytes = Buffer.concat(whole.map((packet) => packet.payload));
  const tens = Array.from({ length: 60 }, (_, index) => ({
    ...whole[0]!,
    sequence: index,
    timestamp: index * 240,
    payload: bytes.subarray(index * 120, index * 120 + 240),
  })); // 30 ms each
  const out = tens.flatMap((packet) => transcoder.audio(packet));
  expect(out).toHaveLength(90);
  out.reduce((before, packet) => {
    expect((packet.timestamp - before.timestamp) >>> 0).toBe(960);
    return packet;
  });
  const event = {
    ...tens[0]!,
    sequence: 60,
    timestamp: 60 * 240,
    payloadType: 101,
    payload: Buffer.alloc(4),
  };
  const mapped = [0, 1, 2].map((more) => transcoder.other({ ...event, sequence: 60 + more }));
  expect(mapped.map(({ sequence }) => (sequence - out.at(-1)!.sequence) & 0xffff)).toEqual([1, 2, 3]);
  expect(new Set(mapped.map(({ timestamp }) => timestamp)).size).toBe(1);
  expect((mapped[0]!.timestamp - out.at(-1)!.timestamp) >>> 0).toBe(960);
});

it('bytes that are no sound make none, and the next sound is heard', () => {
  const transcoder = createTranscoder('opus', 'PCMA');
  const all = packetsOf('opus');
  const hostile = all.map((packet, index) =>
    index % 2 === 0 ? packet : { ...packet, payload: Buffer.alloc(index % 3, 0xff) },
  );
  for (const packet of hostile)
    for (const made of transcoder.audio(packet)) expect(made.payload).toHaveLength(160);
});

it('the budget holds, and what is given back can be taken again', () => {
  const budget = createTranscoderBudget(1);
  const onError = (error: unknown) => {
    throw error;
  };
  const [one, other] = [0, 1].map(() => createConversion({ budget, send: () => {}, onError })) as [
    Conversion,
    Conversion,
  ];
  const packet = packetsOf('PCMU')[0]!;
  expect(one.audio('PCMU', 'PCMA', packet, 0)).toBe(true);
  expect(other.audio('PCMU', 'PCMA', packet, 0)).toBe(false);
  one.stop();
  one.stop();
  expect(budget.free).toBe(1);
  expect(other.audio('PCMU', 'G722', packet, 0)).toBe(true);
  expect(budget.free).toBe(0);
  other.stop();
});

describe('through the relay', () => {
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

  it('a telephone with Opus alone and one with G.722 alone hear each other; with a codec in common nothing is transcoded', async () => {
    const relay = await media.createRelay();
    const [a, b] = [await openTelephone(), await openTelephone()];
    try {
      await relay.connect('a', 'b');
      const { answer, codec } = await relay.rtpAnswer('a', a.offer('96'), '127.0.0.1');
      expect(codec).toBe('opus');
      const { offer } = await relay.rtpOffer('b');
      expect(offer).toMatch(/m=audio \d+ RTP\/AVP 96 9 0 8 101 102/);
      expect(await relay.rtpAccept('b', b.answer(offer, '9'), '127.0.0.1')).toEqual({ codec: 'G722' });
      a.play('opus', 500, answer);
      b.play('G722', 800, offer);
      await until(() => b.hears(500, 'G722') > 0.9 && a.hears(800, 'opus') > 0.9, 'both hear');
      expect((await relay.stats()).ends).toMatchObject({
        a: { transcoded: true },
        b: { transcoded: true, unmapped: 0 },
      });

      const again = await relay.rtpOffer('b', { codecs: ['opus'] });
      await relay.rtpAccept('b', b.answer(again.offer, '96'), '127.0.0.1');
      b.play('opus', 600, again.offer);
      await until(() => b.hears(500, 'opus') > 0.9 && a.hears(600, 'opus') > 0.9, 'both hear');
      const { ends } = await relay.stats();
      expect([ends.a!.transcoded, ends.b!.transcoded]).toEqual([undefined, undefined]);
    } finally {
      for (const phone of [a, b]) phone.close();
      await relay.close();
    }
  });
});
