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
  let remote = 'relay';
  const moved = vi.fn();
  const getStats = async () =>
    new Map<string, unknown>(
      candidate === undefined
        ? []
        : [
            ['transport', { type: 'transport', selectedCandidatePairId: 'pair' }],
            ['pair', { type: 'candidate-pair', localCandidateId: candidate, remoteCandidateId: remote }],
            [candidate, { type: 'local-candidate', candidateType: candidate.replace(/ .*/, '') }],
          ],
    ) as unknown as RTCStatsReport;
  const stop = watchPath({ getStats }, moved);
  return {
    moved,
    stop,
    async after(seconds: number, next = candidate, towards = remote) {
      candidate = next;
      remote = towards;
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

test('another mapped address is told at once where the other side is the same', async () => {
  const { moved, after, stop } = setUp();
  await after(0.5);
  await after(1, 'prflx of one NAT');
  expect(moved).not.toHaveBeenCalled();
  await after(0.5, 'prflx of another NAT');
  expect(moved).toHaveBeenCalledOnce();
  await after(1, 'prflx of a third NAT', 'the same relay over TCP');
  expect(moved).toHaveBeenCalledOnce();
  stop();
});
