import { expect, test } from 'vitest';
import { createTurns, TurnsFullError } from './turns.ts';

test('one organisation with a lot to do holds one place, and the others take turns', async () => {
  const turns = createTurns({ atOnce: 2, mostWaiting: 3 });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    for (let at = 0; at < 10; at += 1) await Promise.resolve();
  };
  const all = [
    turns.run('a', work('a1')),
    turns.run('a', work('a2')),
    turns.run('a', work('a3')),
    turns.run('a', work('a4')),
    turns.run('b', work('b1')),
    turns.run('c', work('c1')),
  ];
  await expect(turns.run('a', work('a5'))).rejects.toThrow(TurnsFullError);
  expect(begun).toEqual(['a1', 'b1']);
  await end('b1');
  expect(begun).toEqual(['a1', 'b1', 'c1']);
  await end('a1');
  expect(begun).toEqual(['a1', 'b1', 'c1', 'a2']);
  for (const name of ['c1', 'a2', 'a3', 'a4']) await end(name);
  expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'c1']);
});

test('what fails gives its place back', async () => {
  const turns = createTurns({ atOnce: 1, mostWaiting: 3 });
  await expect(turns.run('a', () => Promise.reject(new Error('a bomb')))).rejects.toThrow('a bomb');
  expect(await turns.run('a', () => Promise.resolve(1))).toBe(1);
});
