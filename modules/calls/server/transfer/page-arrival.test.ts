import { conflict } from '@liaison/core/contract';
import { OutcomeUnknown } from '@liaison/core/owned';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CallView } from '../../contract/index.ts';
import type { Call } from '../call.ts';
import { createPageArrival } from './page-arrival.ts';

/** What a page was told that was let go from one call into another. */
function letGo(asked: () => Promise<unknown>): CallView[] {
  const told: CallView[] = [];
  const log = { info() {} };
  const last = { id: 'before', state: 'ended', reason: 'transferred', part: 2, continuesAs: 'next' };
  const call = { orgId: 'org', viewFor: () => last } as unknown as Call;
  const watch = createPageArrival({ order: asked, tell: (_personId, view) => told.push(view), log });
  watch(call, 'alice', 'next');
  return told;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('is told that the call is lost which it was let go to, where that knows nothing of it', async () => {
  const told = letGo(async () => {
    throw conflict('call-gone', 'This call has ended.');
  });
  await vi.advanceTimersByTimeAsync(5000);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(told).toMatchObject([{ id: 'next', state: 'ended', reason: 'lost', continuesAs: null }]);
  expect(vi.getTimerCount()).toBe(0);
});

it('is told nothing where it has come', async () => {
  const told = letGo(async () => ({}));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual([]);
});

it('is told so too where nobody ever answers, and not at the first silence', async () => {
  const told = letGo(async () => {
    throw new OutcomeUnknown('silence');
  });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toHaveLength(1);
});
