import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askEveryMs, whileAllowed } from './while-allowed.ts';

let opened: PassThrough;
beforeEach(() => {
  vi.useFakeTimers();
  opened = new PassThrough();
  opened.on('error', () => {});
});
afterEach(() => {
  opened.destroy();
  vi.useRealTimers();
});
const looks = (count: number) => vi.advanceTimersByTimeAsync(count * askEveryMs);

test('goes on while it is allowed, and ends with the first no', async () => {
  let isAllowed = true;
  whileAllowed(opened, async () => isAllowed);
  await looks(20);
  expect(opened.destroyed).toBe(false);
  isAllowed = false;
  await looks(1);
  expect(opened.errored?.message).toBe('the right to it was taken away');
});

test('outlasts a database that is away for a moment', async () => {
  let looked = 0;
  whileAllowed(opened, async () => {
    looked += 1;
    if (looked % 5 !== 0) throw new Error('the database does not answer');
    return true;
  });
  await looks(40);
  expect(looked).toBe(40);
  expect(opened.destroyed).toBe(false);
});

test.each([
  ['fails', () => Promise.reject(new Error('the database does not answer'))],
  ['hangs', () => new Promise<boolean>(() => {})],
])('is a no in the end where asking %s', async (_, ask) => {
  whileAllowed(opened, ask);
  await looks(5);
  expect(opened.destroyed).toBe(false);
  await looks(1);
  expect(opened.errored?.message).toBe('whether it is still allowed could not be asked');
});

test('asks nothing more once the stream has ended', async () => {
  let looked = 0;
  whileAllowed(opened, async () => {
    looked += 1;
    return true;
  });
  opened.destroy();
  await looks(3);
  expect(looked).toBe(0);
});
