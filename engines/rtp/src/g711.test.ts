import fc from 'fast-check';
import { expect, test } from 'vitest';
import { energyAt, loudness, readWav, tone, wavOf } from '../testing/tone.ts';
import { decodeG711, encodeG711, type G711Law } from './index.ts';

const LAWS: G711Law[] = ['PCMU', 'PCMA'];

test('G.711: silence and full scale are the codes of the recommendation', () => {
  expect([...encodeG711('PCMU', Int16Array.of(0, 32767, -32768))]).toEqual([0xff, 0x80, 0x00]);
  expect([...encodeG711('PCMA', Int16Array.of(0, 32767, -32768))]).toEqual([0xd5, 0xaa, 0x2a]);
  expect(decodeG711('PCMU', Uint8Array.of(0xff, 0x80, 0x00))).toEqual(Int16Array.of(0, 32124, -32124));
  expect(decodeG711('PCMA', Uint8Array.of(0xd5, 0xaa, 0x2a))).toEqual(Int16Array.of(8, 32256, -32256));
});

test.each(LAWS)('%s: every code decodes to a sample that encodes to it again', (law) => {
  const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
  const again = encodeG711(law, decodeG711(law, codes));
  // µ-law has a negative zero; it encodes as the positive one
  const expected = [...codes].map((code) => (law === 'PCMU' && code === 0x7f ? 0xff : code));
  expect([...again]).toEqual(expected);
});

test.each(LAWS)('%s: a sample comes back within the step of its segment', (law) => {
  fc.assert(
    fc.property(fc.integer({ min: -32768, max: 32767 }), (sample) => {
      const [back] = decodeG711(law, encodeG711(law, Int16Array.of(sample)));
      expect(Math.abs(back! - sample)).toBeLessThanOrEqual(Math.max(16, Math.abs(sample) / 16 + 4));
    }),
  );
});

test.each(LAWS)('%s: a tone is still that tone', (law) => {
  const heard = decodeG711(law, encodeG711(law, tone(440, 0.5, 8000)));
  expect(energyAt(440, heard, 8000)).toBeGreaterThan(0.99);
  expect(energyAt(660, heard, 8000)).toBeLessThan(0.01);
});

test('tones: measured where they are, in wave files too', () => {
  const sound = tone(440, 1);
  expect(energyAt(440, sound, 48000)).toBeGreaterThan(0.99);
  expect(energyAt(450, sound, 48000)).toBeLessThan(0.01);
  expect(energyAt(440, new Int16Array(480), 48000)).toBe(0);
  expect(loudness(sound)).toBeCloseTo(0.5 / Math.SQRT2, 2);
  expect(readWav(wavOf(sound))).toEqual({ samples: sound, rate: 48000 });
  expect(() => readWav(Buffer.from('not a wave file'))).toThrow();
});
