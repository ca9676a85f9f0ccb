import { expect, test } from 'vitest';
import { createBatch } from './batch.ts';

/** A database that answers when it is told to. */
function setUp() {
  const sent: number[][] = [];
  const ends: (() => void)[] = [];
  const ask = createBatch(async (items: readonly number[]) => {
    sent.push([...items]);
    await new Promise<void>((resolve) => ends.push(resolve));
    if (items.includes(13)) throw new Error('refused');
    return items.map((item) => item * 2);
  });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    sent,
    ask,
    async end() {
      await settle();
      ends.shift()?.();
      await settle();
    },
  };
}

test('what is asked while a statement is under way shares the next, and each gets its own answer', async () => {
  const { ask, sent, end } = setUp();
  const first = ask(1);
  await new Promise((resolve) => setImmediate(resolve));
  const others = [ask(2), ask(3)];
  await end();
  expect(await first).toBe(2);
  await end();
  expect(await Promise.all(others)).toEqual([4, 6]);
  expect(sent).toEqual([[1], [2, 3]]);
});

test('a statement that fails fails for all that it carried, and for nobody else', async () => {
  const { ask, end } = setUp();
  const failed = Promise.allSettled([ask(12), ask(13)]);
  await end();
  expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const next = ask(14);
  await end();
  expect(await next).toBe(28);
});

test('more than a statement may carry go in several', async () => {
  const { ask, sent, end } = setUp();
  const all = Promise.all(Array.from({ length: 201 }, (_, at) => ask(at + 20)));
  await end();
  await end();
  expect((await all).length).toBe(201);
  expect(sent.map(({ length }) => length)).toEqual([200, 1]);
});
