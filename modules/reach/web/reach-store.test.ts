import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Reachability } from '../contract/index.ts';
import { createReachStore } from './reach-store.ts';

const state = (personId: string, change: Partial<Reachability> = {}): Reachability => ({
  personId,
  state: 'free',
  until: null,
  since: null,
  telephone: false,
  page: true,
  ...change,
});

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-05-14T13:41:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp(load: () => Promise<readonly Reachability[]>, bySpaces = false) {
  const handlers = new Map<string, (tell: never) => void>();
  const store = createReachStore({
    live: {
      connection: { status: 'live', connectionId: 'c', personId: 'p' },
      on: (kind, handler) => {
        handlers.set(kind, handler as (tell: never) => void);
        return () => void handlers.delete(kind);
      },
    },
    load,
    bySpaces,
  });
  return {
    store,
    tell: (kind: string, data: unknown) => handlers.get(kind)?.(data as never),
    signal: (data: Reachability) => handlers.get('signal')?.({ name: 'reach.changed', data } as never),
    settle: () => vi.advanceTimersByTimeAsync(0),
  };
}

test('nothing is known before the first answer; whoever is not in it is offline, as one object', async () => {
  const { store, settle } = setUp(async () => [state('njeri')]);
  expect(store.stateOf('njeri')).toBeUndefined();
  const stop = store.start();
  await settle();
  expect(store.stateOf('njeri')?.state).toBe('free');
  expect(store.stateOf('claire')?.state).toBe('offline');
  expect(store.stateOf('claire')).toBe(store.stateOf('claire'));
  stop();
});

test('a signal that overtakes the answer wins', async () => {
  let answer: (rows: readonly Reachability[]) => void = () => {};
  const { store, signal, settle } = setUp(() => new Promise((resolve) => (answer = resolve)));
  const stop = store.start();
  signal(state('njeri', { state: 'call' }));
  answer([state('njeri')]);
  await settle();
  expect(store.stateOf('njeri')?.state).toBe('call');
  stop();
});

test('only who watches the changed person is told', async () => {
  const { store, signal, settle } = setUp(async () => []);
  const stop = store.start();
  await settle();
  const njeri = vi.fn();
  const claire = vi.fn();
  const end = store.onChange('njeri', njeri);
  store.onChange('claire', claire);
  signal(state('njeri', { state: 'ringing' }));
  expect([njeri.mock.calls.length, claire.mock.calls.length]).toEqual([1, 0]);
  end();
  signal(state('njeri'));
  expect(njeri).toHaveBeenCalledTimes(1);
  stop();
});

test('a state leaves at its end by itself, the next end after it too', async () => {
  const { store, settle } = setUp(async () => [
    state('njeri', { state: 'dnd', until: '2026-05-14T13:42:00Z' }),
    state('claire', { state: 'dnd', until: '2026-05-14T13:43:00Z', page: false }),
  ]);
  const stop = store.start();
  await settle();
  await vi.advanceTimersByTimeAsync(61_000);
  expect([store.stateOf('njeri')?.state, store.stateOf('claire')?.state]).toEqual(['free', 'dnd']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(store.stateOf('claire')?.state).toBe('offline');
  stop();
  expect(vi.getTimerCount()).toBe(0);
});

test('asks again where the server could not answer', async () => {
  let tries = 0;
  const { store } = setUp(async () => {
    tries += 1;
    if (tries === 1) throw new Error('offline');
    return [state('njeri')];
  });
  const stop = store.start();
  await vi.advanceTimersByTimeAsync(6000);
  expect(store.stateOf('njeri')?.state).toBe('free');
  stop();
});

test('whoever sees by spaces asks again, once, when their members move; others do not', async () => {
  for (const [bySpaces, asked] of [
    [true, 2],
    [false, 1],
  ] as const) {
    const load = vi.fn(async () => [state('njeri')]);
    const { store, tell, settle } = setUp(load, bySpaces);
    const stop = store.start();
    await settle();
    tell('joined', { space: 'team' });
    for (const name of ['core.member-joined', 'core.member-left', 'chat.message-sent'])
      tell('event', { name });
    await vi.advanceTimersByTimeAsync(2000);
    expect(load).toHaveBeenCalledTimes(asked);
    tell('event', { name: 'chat.message-sent' });
    await vi.advanceTimersByTimeAsync(2000);
    expect(load).toHaveBeenCalledTimes(asked);
    stop();
  }
});
