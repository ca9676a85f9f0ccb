import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchPath } from './path-watch.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  let candidate: string | undefined = 'host';
  const moved = vi.fn();
  const getStats = async () =>
    new Map<string, unknown>(
      candidate === undefined
        ? []
        : [
            ['transport', { type: 'transport', selectedCandidatePairId: 'pair' }],
            ['pair', { type: 'candidate-pair', localCandidateId: candidate }],
          ],
    ) as unknown as RTCStatsReport;
  const stop = watchPath({ getStats }, moved);
  return {
    moved,
    stop,
    async after(seconds: number, next = candidate) {
      candidate = next;
      await vi.advanceTimersByTimeAsync(seconds * 1000);
    },
  };
}

test('another place after it had settled is told once', async () => {
  const { moved, after, stop } = setUp();
  await after(4);
  await after(1, 'prflx');
  expect(moved).toHaveBeenCalledOnce();
  await after(10);
  expect(moved).toHaveBeenCalledOnce();
  stop();
});

test('the ways that a new connection tries are none, nor is a moment without one', async () => {
  const { moved, after, stop } = setUp();
  await after(1);
  await after(1, 'relay');
  await after(5, 'prflx');
  await after(2, undefined);
  await after(3, 'prflx');
  expect(moved).not.toHaveBeenCalled();
  stop();
  await after(10, 'host');
  expect(moved).not.toHaveBeenCalled();
});
