import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createJitterBuffer } from './jitter-buffer.ts';

interface Packet {
  ssrc: number;
  sequence: number;
  index: number;
}

/** Gives each packet at its time, and looks at the buffer whenever it asks for that. */
function run(arrivals: readonly { packet: Packet; atMs: number }[]) {
  const buffer = createJitterBuffer<Packet>();
  const out: { index: number; atMs: number }[] = [];
  const drain = (atMs: number) => {
    for (let packet = buffer.take(atMs); packet; packet = buffer.take(atMs))
      out.push({ index: packet.index, atMs });
  };
  for (const { packet, atMs } of [...arrivals].sort((a, b) => a.atMs - b.atMs)) {
    for (let due = buffer.wakeAtMs; due !== undefined && due <= atMs; due = buffer.wakeAtMs) drain(due);
    buffer.put(packet, atMs);
    drain(atMs);
  }
  for (let due = buffer.wakeAtMs; due !== undefined; due = buffer.wakeAtMs) drain(due);
  return { out, stats: buffer.stats };
}

const packet = (index: number, first = 65_500): Packet => ({
  ssrc: 1,
  sequence: (first + index) & 0xffff,
  index,
});
const indexes = (out: readonly { index: number }[]) => out.map(({ index }) => index);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

test('what comes in order goes through at once, however unevenly it comes and whatever the clock, past the largest number', () => {
  // A sender whose clock is 500 ppm fast, with up to 15 ms of jitter, 100 s long.
  const arrivals = upTo(5000).map((index) => ({
    packet: packet(index),
    atMs: index * 20 * 0.9995 + ((index * 7919) % 15),
  }));
  const { out, stats } = run(arrivals);
  expect(out.every(({ index, atMs }, at) => index === at && atMs === arrivals[at]!.atMs)).toBe(true);
  expect(out).toHaveLength(5000);
  expect(stats).toEqual({ late: 0, duplicates: 0, missing: 0 });
});

test('a swapped packet is waited for, and one that was lost for 60 ms at most', () => {
  const at = (index: number, atMs: number) => ({ packet: packet(index), atMs });
  const swapped = run([at(0, 0), at(2, 20), at(1, 30), at(3, 60)]);
  expect(swapped.out).toEqual([
    { index: 0, atMs: 0 },
    { index: 1, atMs: 30 },
    { index: 2, atMs: 30 },
    { index: 3, atMs: 60 },
  ]);
  const lost = run([at(0, 0), at(2, 40), at(3, 60), at(4, 80), at(1, 90), at(5, 100)]);
  expect(lost.out).toEqual([
    { index: 0, atMs: 0 },
    { index: 2, atMs: 80 },
    { index: 3, atMs: 80 },
    { index: 4, atMs: 80 },
    { index: 5, atMs: 100 },
  ]);
  expect(lost.stats).toEqual({ late: 1, duplicates: 0, missing: 1 });
});

test('who only loses packets waits less in time; who swaps them late waits longer', () => {
  const waits = (arrivals: Parameters<typeof run>[0]) => {
    const { out } = run(arrivals);
    const came = new Map(arrivals.map(({ packet: { index }, atMs }) => [index, atMs]));
    return out.map(({ index, atMs }) => atMs - came.get(index)!).filter((waited) => waited > 0);
  };
  const all = upTo(200).map((index) => ({ packet: packet(index), atMs: index * 20 }));
  expect(waits(all.filter(({ packet: { index } }) => index % 10 !== 5)).at(-1)).toBe(20);
  const late = all.map((one) => (one.packet.index % 10 === 5 ? { ...one, atMs: one.atMs + 75 } : one));
  // 75 ms late is 55 after the next one: given up at first, waited for once that was seen.
  expect(run(late).stats.late).toBeLessThan(4);
  expect(Math.max(...waits(late))).toBe(55);
});

test('another source begins at once, after what the one before left behind', () => {
  const other = (index: number) => ({ ssrc: 2, sequence: 7 + index, index: 100 + index });
  const { out } = run([
    { packet: packet(0), atMs: 0 },
    { packet: packet(3), atMs: 1 },
    { packet: packet(2), atMs: 2 },
    { packet: other(0), atMs: 3 },
    { packet: other(1), atMs: 4 },
    { packet: { ssrc: 2, sequence: 20_000, index: 200 }, atMs: 5 },
  ]);
  expect(indexes(out)).toEqual([0, 2, 3, 100, 101, 200]);
  expect(out.at(-1)!.atMs).toBe(5);
});

test('whatever is lost, doubled and swapped: each comes once, in order, never later than the longest wait', () => {
  const one = fc.record({
    delayMs: fc.integer({ min: 0, max: 120 }),
    copies: fc.constantFrom(0, 1, 1, 1, 1, 2),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 65_535 }),
      fc.array(one, { minLength: 1, maxLength: 200 }),
      (first, all) => {
        const arrivals = all.flatMap(({ delayMs, copies }, index) =>
          Array.from({ length: copies }, (_, copy) => ({
            packet: packet(index, first),
            atMs: index * 20 + delayMs + copy * 3,
          })),
        );
        const { out, stats } = run(arrivals);
        const order = indexes(out);
        expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
        expect(out.length + stats.late + stats.duplicates).toBe(arrivals.length);
        for (const { index, atMs } of out)
          expect(
            atMs - Math.min(...arrivals.filter((a) => a.packet.index === index).map((a) => a.atMs)),
          ).toBeLessThanOrEqual(60);
      },
    ),
    { numRuns: 200 },
  );
});
