import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createIds, isId, siteOf, timeOf } from './index.ts';

const lastMs = 2 ** 48 - 2;

test('An id tells its site and its time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1023 }), fc.integer({ min: 0, max: lastMs }), (site, ms) => {
      const id = createIds({ site, now: () => ms }).next();
      expect(isId(id)).toBe(true);
      expect(siteOf(id)).toBe(site);
      expect(timeOf(id).getTime()).toBe(ms);
    }),
  );
});

test('Ids rise whatever the clock does', () => {
  const clock = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 500 });
  fc.assert(
    fc.property(clock, (times) => {
      let call = 0;
      const ids = createIds({ site: 5, now: () => 1_800_000_000_000 + (times[call++ % times.length] ?? 0) });
      const made = Array.from({ length: 500 }, () => ids.next());
      expect(made.toSorted()).toEqual(made);
      expect(new Set(made).size).toBe(made.length);
    }),
  );
});

test('A standing clock gives 20,000 different rising ids and the time runs ahead by little', () => {
  const ids = createIds({ site: 1023, now: () => 1_800_000_000_000 });
  const made = Array.from({ length: 20_000 }, () => ids.next());
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made).size).toBe(20_000);
  expect(timeOf(made.at(-1)!).getTime() - 1_800_000_000_000).toBeLessThan(12);
  expect(new Set(made.map(siteOf))).toEqual(new Set([1023]));
});

test('The bits that should be random are', () => {
  const ids = createIds({ site: 0 });
  const ones = Array.from({ length: 52 }, () => 0);
  for (let i = 0; i < 2000; i++) {
    const id = ids.next();
    const bits = BigInt(`0x${id.slice(22, 23)}${id.slice(24)}`);
    for (let bit = 0; bit < 52; bit++) if ((bits >> BigInt(bit)) & 1n) ones[bit] = (ones[bit] ?? 0) + 1;
  }
  for (const count of ones) expect(Math.abs(count - 1000)).toBeLessThan(200);
});

test('What is no id is refused', () => {
  const id = createIds({ site: 3 }).next();
  const wrong = [
    undefined,
    null,
    7,
    {},
    [id],
    '',
    id.toUpperCase(),
    `${id} `,
    `{${id}}`,
    id.replaceAll('-', ''),
  ];
  for (const value of wrong) expect(isId(value)).toBe(value === id.toUpperCase() && id === id.toUpperCase());
  expect(isId('018f3f5e-0000-4000-8000-000000000000')).toBe(false);
  expect(() => siteOf('x')).toThrow(TypeError);
  expect(() => timeOf('x')).toThrow(TypeError);
  expect(() => createIds({ site: 1024 })).toThrow(RangeError);
  expect(() => createIds({ site: 1.5 })).toThrow(RangeError);
  fc.assert(fc.property(fc.string(), (text) => isId(text) === false));
});
