import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mosOf, qualityOf, ratingOf } from './quality.ts';

test('the scale of G.107: the best narrow-band call, the thresholds of satisfaction', () => {
  expect(mosOf(93.2)).toBeCloseTo(4.41, 2);
  // G.107 Table B.1: R 90, 80, 70, 60, 50 are MOS 4.34, 4.03, 3.60, 3.10, 2.58
  for (const [rating, mos] of [
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
  ] as const)
    expect(Math.abs(mosOf(rating) - mos)).toBeLessThan(0.01);
  expect([mosOf(0), mosOf(-5), mosOf(100)]).toEqual([1, 1, 4.5]);
});

test('loss and delay cost what they are known to', () => {
  const perfect = qualityOf({ codec: 'PCMU', packets: 1000, lost: 0, jitterMs: 0 });
  expect(perfect).toMatchObject({ loss: 0, mos: expect.closeTo(4.39, 1) });
  const lossy = qualityOf({ codec: 'PCMU', packets: 950, lost: 50, jitterMs: 5, roundTripMs: 40 });
  expect(lossy.loss).toBeCloseTo(0.05);
  expect(lossy.mos).toBeGreaterThan(3.5);
  expect(lossy.mos).toBeLessThan(4.1);
  expect(qualityOf({ codec: 'PCMU', packets: 0, lost: 0, jitterMs: 0 }).loss).toBe(0);
});

/** Of sums in floating point, on a scale of 100. */
const rounding = 1e-9;

test('more loss, more delay: never a better score, and always within the scale', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('PCMU', 'G722', 'opus', 'other'),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 5000, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (codec, loss, delay, more) => {
        const mos = mosOf(ratingOf(codec, loss, delay));
        expect(mos).toBeGreaterThanOrEqual(1);
        expect(mos).toBeLessThanOrEqual(4.5);
        const best = ratingOf(codec, loss, delay) + rounding;
        expect(ratingOf(codec, Math.min(1, loss + more), delay)).toBeLessThanOrEqual(best);
        expect(ratingOf(codec, loss, delay + more * 100)).toBeLessThanOrEqual(best);
      },
    ),
  );
});
