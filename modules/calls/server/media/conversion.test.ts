import type { RtpPacket } from '@liaison/rtp';
import { energyAt, tone } from '@liaison/rtp/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDecode, createEncode } from './codec.ts';
import { createConversion } from './conversion.ts';
import type { Format } from './end.ts';
import { createTranscoderBudget } from './transcoder.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** Numbers from 0 to 1 that are the same in every run (xorshift). */
function seeded(seed: number) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A tone in PCMU: numbers and timestamps pass their largest after 30 and 50 packets. */
function toneInPcmu(packets: number): RtpPacket[] {
  const encode = createEncode('PCMU', 8000);
  const sound = tone(500, packets / 50, 8000);
  return Array.from({ length: packets }, (_, index) => ({
    payloadType: 0,
    marker: index === 0,
    sequence: (65_506 + index) & 0xffff,
    timestamp: (2 ** 32 - 8000 + index * 160) >>> 0,
    ssrc: 7,
    csrcs: [],
    payload: encode(sound.subarray(index * 160, index * 160 + 160)),
  }));
}

function listening() {
  const budget = createTranscoderBudget(1);
  const sent: { format: Format; packet: RtpPacket }[] = [];
  const conversion = createConversion({
    budget,
    send: (format, packet) => void sent.push({ format, packet }),
    onError(error) {
      throw error;
    },
  });
  /** Gives each packet at its time, by the hand-turned clock. */
  function give(arrivals: readonly { atMs: number; give(nowMs: number): void }[]) {
    const beganMs = performance.now();
    for (const { atMs, give } of [...arrivals].sort((a, b) => a.atMs - b.atMs)) {
      vi.advanceTimersByTime(Math.max(0, beganMs + atMs - performance.now()));
      give(performance.now());
    }
    vi.advanceTimersByTime(100);
  }
  return { conversion, sent, budget, give };
}

test('swapped, doubled and lost packets: the sound goes on, on numbers without a gap', () => {
  const { conversion, sent, give } = listening();
  const random = seeded(20_261_122);
  const packets = toneInPcmu(300);
  let lost = 0;
  const arrivals = packets.flatMap((packet, index) => {
    const atMs = index * 20 * 1.0003; // its clock is 300 ppm slow
    const deal = index < 2 || index > 290 ? 1 : random();
    if (deal < 0.05) {
      lost += 1;
      return [];
    }
    const delays = deal < 0.1 ? [0, 5] : deal < 0.2 ? [25] : [random() * 8];
    return delays.map((delayMs) => ({
      atMs: atMs + delayMs,
      give: (nowMs: number) => void conversion.audio('PCMU', 'G722', packet, nowMs),
    }));
  });
  give(arrivals);
  expect(lost).toBeGreaterThan(8);
  expect(conversion.stats).toMatchObject({ late: 0, missing: lost });
  expect(conversion.stats!.duplicates).toBeGreaterThan(5);
  expect(sent).toHaveLength(300);
  sent.reduce((before, one) => {
    expect((one.packet.sequence - before.packet.sequence) & 0xffff).toBe(1);
    expect((one.packet.timestamp - before.packet.timestamp) >>> 0).toBe(160);
    return one;
  });
  const decode = createDecode('G722', 16_000);
  const heard = Int16Array.from(sent.flatMap(({ packet }) => [...decode(packet.payload)]));
  expect(energyAt(500, heard.subarray(1600, 32_000), 16_000)).toBeGreaterThan(0.9);
  conversion.stop();
});

test('a key, and noise that is made elsewhere, keep their place and are no loss; a pause is one of time alone', () => {
  const { conversion, sent, give } = listening();
  const all = toneInPcmu(40);
  const event: Format = { kind: 'events', clockRate: 8000 };
  const key = (index: number) => ({
    ...all[index]!,
    timestamp: all[10]!.timestamp,
    payload: Buffer.of(1, 0, 0, 160),
  });
  give(
    all.slice(0, 30).map((packet, index) => ({
      // The first packet of the key overtakes the sound before it; after number 20 there is silence for 400 ms.
      atMs: index * 20 + (index === 9 ? 25 : 0) + (index > 20 ? 400 : 0),
      give(nowMs) {
        if (index >= 10 && index < 13) conversion.other(event, key(index), nowMs);
        else if (index === 20) conversion.skip(packet, nowMs);
        else {
          const timestamp = (packet.timestamp + (index > 20 ? 400 * 8 : 0)) >>> 0;
          conversion.audio('PCMU', 'PCMA', { ...packet, timestamp }, nowMs);
        }
      },
    })),
  );
  expect(conversion.stats).toEqual({ late: 0, duplicates: 0, missing: 0 });
  expect(sent.map(({ format }) => format.kind)).toEqual(
    Array.from({ length: 29 }, (_, index) => (index >= 10 && index < 13 ? 'events' : 'audio')),
  );
  const steps = sent.slice(1).map(({ packet }, index) => ({
    numbers: (packet.sequence - sent[index]!.packet.sequence) & 0xffff,
    time: (packet.timestamp - sent[index]!.packet.timestamp) | 0,
  }));
  expect(new Set(steps.map(({ numbers }) => numbers))).toEqual(new Set([1]));
  expect(steps.map(({ time }) => time).filter((time) => time !== 160)).toEqual([0, 0, 3 * 160, 22 * 160]);
  conversion.stop();
});

test('what waits when it is stopped is not sent, and the transcoder is given back', () => {
  const { conversion, sent, budget } = listening();
  const packets = toneInPcmu(4);
  conversion.audio('PCMU', 'PCMA', packets[0]!, 0);
  conversion.audio('PCMU', 'PCMA', packets[3]!, 20);
  expect(sent).toHaveLength(1);
  conversion.stop();
  vi.advanceTimersByTime(1000);
  expect([sent.length, budget.free, conversion.isActive]).toEqual([1, 1, false]);
});
