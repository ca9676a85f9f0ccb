import { expect, test } from 'vitest';
import { type Load, mayRunBeside, runSideBySide } from './side-by-side.ts';

const loads: readonly Load[] = ['computes', 'waits', 'alone'];

test('only what waits runs beside what computes', () => {
  const pairs = loads.flatMap((one) => loads.map((other) => [one, other] as const));
  expect(pairs.filter(([one, other]) => mayRunBeside(one, other))).toEqual([
    ['computes', 'waits'],
    ['waits', 'computes'],
  ]);
});

interface Tried {
  name: string;
  load: Load;
}

/** Runs these, each until it is told to end; answers who runs. */
function start(items: readonly Tried[]) {
  const ends = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  const done = runSideBySide(items, ({ name }) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    ends.set(name, { resolve, reject });
    return promise.finally(() => ends.delete(name));
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    done,
    running: () => [...ends.keys()],
    async end(name: string) {
      ends.get(name)?.resolve();
      await settled();
    },
    fail: (name: string) => ends.get(name)?.reject(new Error(`${name} broke`)),
  };
}

test('a later one is taken forward, and one that runs alone waits for all', async () => {
  const tried = start([
    { name: 'check', load: 'computes' },
    { name: 'units', load: 'computes' },
    { name: 'measured', load: 'alone' },
    { name: 'site', load: 'waits' },
    { name: 'last', load: 'waits' },
  ]);
  expect(tried.running()).toEqual(['check', 'site']);
  await tried.end('check');
  expect(tried.running()).toEqual(['site', 'units']);
  await tried.end('site');
  expect(tried.running()).toEqual(['units', 'last']);
  await tried.end('units');
  expect(tried.running()).toEqual(['last']);
  await tried.end('last');
  expect(tried.running()).toEqual(['measured']);
  await tried.end('measured');
  await tried.done;
});

test('without anything to run it ends, and one that breaks breaks it', async () => {
  await runSideBySide([], () => Promise.reject(new Error('nothing to run')));
  const tried = start([{ name: 'units', load: 'computes' }]);
  tried.fail('units');
  await expect(tried.done).rejects.toThrow('units broke');
});
