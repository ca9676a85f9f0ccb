import { expect, test } from 'vitest';
import { energyAt, loudness, tone } from '../testing/tone.ts';
import { createG722Decoder, createG722Encoder } from './g722.ts';
import { createResampler } from './resampler.ts';

/** Signal to noise in dB between what was said and what was heard `delay` samples later. */
function signalToNoise(said: Int16Array, heard: Int16Array, delay: number): number {
  let signal = 0;
  let noise = 0;
  for (let index = 400; index + delay < heard.length; index++) {
    const expected = said[index]!;
    signal += expected ** 2;
    noise += (heard[index + delay]! - expected) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

const bestOf = (said: Int16Array, heard: Int16Array) =>
  Math.max(...Array.from({ length: 40 }, (_, delay) => signalToNoise(said, heard, delay)));

test.each([
  [300, 30],
  [1000, 30],
  [3400, 15],
  [5500, 12],
])('G.722: a tone of %i Hz comes back with at least %i dB over its noise', (hz, leastDb) => {
  const said = tone(hz, 1, 16_000, 0.4);
  const heard = createG722Decoder().decode(createG722Encoder().encode(said));
  expect(heard.length).toBe(said.length);
  expect(energyAt(hz, heard.subarray(1000), 16_000)).toBeGreaterThan(0.9);
  expect(bestOf(said, heard)).toBeGreaterThan(leastDb);
});

test('G.722: silence stays silent, full scale does not overflow, any bytes decode', () => {
  const encoder = createG722Encoder();
  const decoder = createG722Decoder();
  expect(loudness(decoder.decode(encoder.encode(new Int16Array(3200))))).toBeLessThan(0.001);
  const square = Int16Array.from({ length: 3200 }, (_, index) => (index % 32 < 16 ? 32_767 : -32_768));
  expect(loudness(decoder.decode(encoder.encode(square)))).toBeGreaterThan(0.5);
  const noise = Uint8Array.from({ length: 8000 }, (_, index) => (index * 7919) & 0xff);
  expect(decoder.decode(noise)).toHaveLength(16_000);
  expect(
    energyAt(500, createG722Decoder().decode(createG722Encoder().encode(tone(500, 1, 16_000, 0.1))), 16_000),
  ).toBeGreaterThan(0.9);
});

test.each([
  [8000, 16_000],
  [16_000, 8000],
  [8000, 48_000],
  [48_000, 8000],
  [16_000, 48_000],
  [48_000, 16_000],
])('resampled from %i to %i Hz: tones stay, in blocks of 20 ms as in one', (from, to) => {
  for (const hz of [300, 1000, 3000]) {
    const said = tone(hz, 1, from, 0.5);
    const whole = createResampler(from, to).process(said);
    const byBlocks = createResampler(from, to);
    const blocks: number[] = [];
    for (let at = 0; at < said.length; at += from / 50)
      blocks.push(...byBlocks.process(said.subarray(at, at + from / 50)));
    expect(Int16Array.from(blocks)).toEqual(whole);
    expect(whole.length).toBe(to);
    expect(energyAt(hz, whole.subarray(to / 10), to)).toBeGreaterThan(0.999);
    expect(loudness(whole.subarray(to / 10))).toBeCloseTo(loudness(said), 2);
  }
});

test('resampled down: what the lower rate cannot hold is gone, not folded back', () => {
  const high = createResampler(16_000, 8000).process(tone(5000, 1, 16_000));
  expect(loudness(high.subarray(800))).toBeLessThan(0.002);
  const up = createResampler(8000, 16_000).process(tone(1000, 1, 8000));
  expect(energyAt(7000, up, 16_000)).toBeLessThan(0.0001);
  expect(() => createResampler(8000, 44_100)).toThrow(RangeError);
});
