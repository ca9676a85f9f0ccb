import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { endOfTime } from './end-of-time.ts';
import { watchIdle } from './watch-idle.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const target = new EventTarget();
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' as DocumentVisibilityState });
  const told: boolean[] = [];
  let welcome: () => void = () => {};
  const stop = watchIdle({
    target: target as unknown as Window,
    page: page as unknown as Document,
    onWelcome: (listener) => {
      welcome = listener;
      return () => {};
    },
    tell: (idle) => void told.push(idle),
    afterMs: 1000,
  });
  return { target, page, told, stop, welcome: () => welcome() };
}

test('idle after a while without input, in use with the next, said again to a new connection', async () => {
  const { target, told, stop, welcome } = setUp();
  await vi.advanceTimersByTimeAsync(900);
  target.dispatchEvent(new Event('keydown'));
  await vi.advanceTimersByTimeAsync(900);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(101);
  expect(told).toEqual([true]);
  welcome();
  expect(told).toEqual([true, true]);
  target.dispatchEvent(new Event('pointermove'));
  expect(told).toEqual([true, true, false]);
  stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('coming into view counts, leaving it does not', async () => {
  const { page, told, stop } = setUp();
  await vi.advanceTimersByTimeAsync(1001);
  page.visibilityState = 'hidden';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(told).toEqual([true]);
  page.visibilityState = 'visible';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(told).toEqual([true, false]);
  stop();
});

test.each([
  ['14:30', '2026-05-14T13:30:00.000Z'],
  ['09:00', '2026-05-15T08:00:00.000Z'],
  ['13:41', '2026-05-15T12:41:00.000Z'],
  ['25:00', null],
  ['', null],
])('in Lisbon at 13:41 in summer, "until %s" is %s', (time, end) => {
  const now = Date.parse('2026-05-14T12:41:30Z');
  expect(endOfTime(time, 'Europe/Lisbon', now)?.toISOString() ?? null).toBe(end);
});
