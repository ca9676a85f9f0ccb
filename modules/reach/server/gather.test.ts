import { expect, it } from 'vitest';
import { createGather } from './gather.ts';

it('tells at once what comes alone, and together what comes meanwhile, per organisation', async () => {
  const told: string[] = [];
  const gather = createGather(
    30,
    async (orgId, people) => void told.push(`${orgId}: ${people.join(' ')}`),
    () => {},
  );
  gather.add('one', ['a']);
  gather.add('two', ['x']);
  await Promise.resolve();
  expect(told).toEqual(['one: a', 'two: x']);
  for (const id of ['b', 'c', 'b', 'd']) gather.add('one', [id]);
  expect(told).toHaveLength(2);
  await gather.settled();
  expect(told).toEqual(['one: a', 'two: x', 'one: b c d']);
  gather.add('one', ['e', 'f']);
  await gather.settled();
  expect(told.at(-1)).toBe('one: e f');
});

it('goes on after it could not tell', async () => {
  const failures: string[] = [];
  let bad = true;
  const told: string[] = [];
  const gather = createGather(
    1,
    async (_orgId, people) => {
      if (bad) throw new Error('not now');
      told.push(...people);
    },
    (error) => void failures.push(error.message),
  );
  gather.add('one', ['a']);
  await gather.settled();
  bad = false;
  gather.add('one', ['b']);
  await gather.settled();
  expect({ failures, told }).toEqual({ failures: ['not now'], told: ['b'] });
});
