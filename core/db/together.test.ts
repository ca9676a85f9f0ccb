import { describe, expect, test } from 'vitest';
import { currentContext, runInContext } from '../context/index.ts';
import type { Tx } from './db.ts';
import { createTogether } from './together.ts';

/** Transactions that say what they ran, and end when they are told to. */
function setUp() {
  const ran: number[] = [];
  const ends: (() => void)[] = [];
  const together = createTogether(async (_orgId, work) => {
    const count = { works: 0 };
    const tx = { query: async () => void count.works++ } as unknown as Tx;
    try {
      const value = await work(tx);
      await new Promise<void>((resolve) => ends.push(resolve));
      return value;
    } finally {
      ran.push(count.works);
    }
  }, 0);
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    ran,
    together,
    async end() {
      await settle();
      ends.shift()?.();
      await settle();
    },
  };
}
const one = (value: string) => async (tx: Tx) => {
  await tx.query('');
  return value;
};

describe('works of one organisation', () => {
  test('share the next transaction, and each gets its own answer', async () => {
    const { together, ran, end } = setUp();
    const first = together('a', one('first'));
    await end();
    expect(await first).toBe('first');
    const second = together('a', one('second'));
    await Promise.resolve();
    await Promise.resolve();
    const others = [together('a', one('third')), together('a', one('fourth'))];
    await end();
    expect(await second).toBe('second');
    await end();
    expect(await Promise.all(others)).toEqual(['third', 'fourth']);
    expect(ran).toEqual([1, 1, 2]);
  });

  test('are run one by one when one of them fails, and only that one fails', async () => {
    const { together, ran, end } = setUp();
    const works = [
      together('a', one('good')),
      together('a', async (tx) => {
        await tx.query('');
        throw new Error('bad');
      }),
      together('a', one('good too')),
    ];
    const outcomes = Promise.allSettled(works);
    await end();
    await end();
    expect(await outcomes).toMatchObject([
      { status: 'fulfilled', value: 'good' },
      { status: 'rejected', reason: new Error('bad') },
      { status: 'fulfilled', value: 'good too' },
    ]);
    expect(ran[0]).toBe(3);
  });

  test('run each in the context of who asked', async () => {
    const { together, end } = setUp();
    const ask = (requestId: string) =>
      runInContext({ requestId }, () => together('a', async () => currentContext()?.requestId));
    const answers = [ask('one'), ask('two'), together('a', async () => currentContext()?.requestId)];
    await end();
    expect(await Promise.all(answers)).toEqual(['one', 'two', undefined]);
  });

  test('of another one never wait for them', async () => {
    const { together, end } = setUp();
    const answers = [together('a', one('of a')), together('b', one('of b'))];
    await end();
    await end();
    expect(await Promise.all(answers)).toEqual(['of a', 'of b']);
  });
});
