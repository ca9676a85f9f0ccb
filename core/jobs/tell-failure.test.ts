import { expect, it } from 'vitest';
import { forbidden, notFound, nullIfMissing, Problem } from '../contract/index.ts';
import { tellFailure } from './index.ts';

async function tried(error: Error | null, attempt: number): Promise<{ told: number; thrown: unknown }> {
  let told = 0;
  const thrown = await tellFailure(
    { maxAttempts: 3 },
    { attempt },
    {
      async work() {
        if (error) throw error;
      },
      async tell() {
        told += 1;
      },
    },
  ).then(
    () => null,
    (each: unknown) => each,
  );
  return { told, thrown };
}

const broken = new Error('the store is away');
const busy = new Problem(503, 'busy', 'Later.');
it.each([
  ['success', null, 1, 0, null],
  ['a refusal at once, which no other try would change', forbidden(), 1, 1, null],
  ['nothing of a failure that is tried again', broken, 1, 0, broken],
  ['nothing of a server that is busy', busy, 2, 0, busy],
  ['the last failure', broken, 3, 1, broken],
  ['a busy server at last', busy, 3, 1, busy],
  ['what was tried more often than that', broken, 4, 1, broken],
] as const)('tells %s', async (_what, error, attempt, told, thrown) => {
  expect(await tried(error, attempt)).toEqual({ told, thrown });
});

it('what is not there is null, what else is wrong goes on', async () => {
  expect(await Promise.reject(notFound()).catch(nullIfMissing)).toBeNull();
  await expect(Promise.reject(forbidden()).catch(nullIfMissing)).rejects.toMatchObject({ status: 403 });
  await expect(Promise.reject(broken).catch(nullIfMissing)).rejects.toBe(broken);
});
