import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFirstCome } from './first-come.ts';

it('gives back what came, in that order, however it grows and shrinks', () => {
  const step = fc.record({ pushed: fc.nat(3000), taken: fc.nat(3000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      const queue = createFirstCome<number>();
      const model: number[] = [];
      let next = 0;
      for (const { pushed, taken } of steps) {
        for (let count = 0; count < pushed; count++) {
          queue.push(next);
          model.push(next++);
        }
        expect(queue.first).toBe(model[0]);
        const shifted = Array.from({ length: taken }, () => queue.shift());
        expect(shifted.filter((item) => item !== undefined)).toEqual(model.splice(0, taken));
        expect([queue.length, queue.first]).toEqual([model.length, model[0]]);
      }
    }),
    { numRuns: 30 },
  );
});

it('holds nothing of what went, however many pass through', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const queue = createFirstCome<{ bytes: string }>();
  queue.push({ bytes: 'first' });
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < 1_000_000; at++) {
    queue.push({ bytes: 'next' });
    queue.shift();
  }
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000_000);
  // Fewer than are moved at once leave holes behind, and those are empty.
  const few = createFirstCome<number[]>();
  for (let at = 0; at < 500; at++) few.push(Array.from({ length: 2500 }, () => at + 0.5));
  while (few.length > 1) few.shift();
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000_000);
  expect([queue.length, few.length]).toEqual([1, 1]);
});
