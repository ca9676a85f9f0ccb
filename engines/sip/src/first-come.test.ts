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
