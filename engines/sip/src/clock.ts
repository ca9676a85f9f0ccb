/** A running timer; only the clock that made it can read it. */
export type TimerHandle = unknown;

/** Where the engine takes its time from, so that a test turns it by hand. Times are milliseconds since 1970. */
export interface Clock {
  now(): number;
  setTimer(callback: () => void, delayMs: number): TimerHandle;
  clearTimer(handle: TimerHandle): void;
}

/** The machine's clock. Its timers keep the process alive; `UserAgent.stop()` clears them all. */
export function createRealClock(): Clock {
  return {
    now: () => Date.now(),
    setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
    clearTimer: (handle) => clearTimeout(handle as NodeJS.Timeout),
  };
}

export interface ManualClock extends Clock {
  /** Moves time on and runs what falls due, in order of its time; timers set on the way run too. */
  advance(byMs: number): void;
  /** As `advance`, and lets pending promises settle after each timer. */
  advanceAsync(byMs: number): Promise<void>;
  /** How many timers are set: 0 when nothing is left open. */
  readonly pending: number;
}

interface ManualTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test turns it. */
export function createManualClock(startMs = 1_800_000_000_000): ManualClock {
  const timers = new Set<ManualTimer>();
  let nowMs = startMs;
  let order = 0;

  function next(untilMs: number): ManualTimer | undefined {
    let first: ManualTimer | undefined;
    for (const timer of timers) {
      if (timer.dueMs > untilMs) continue;
      if (!first || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }

  function runNext(untilMs: number): boolean {
    const timer = next(untilMs);
    if (!timer) return false;
    timers.delete(timer);
    nowMs = timer.dueMs;
    timer.callback();
    return true;
  }

  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  return {
    now: () => nowMs,
    setTimer(callback, delayMs) {
      const timer: ManualTimer = { dueMs: nowMs + Math.max(0, delayMs), order: order++, callback };
      timers.add(timer);
      return timer;
    },
    clearTimer: (handle) => {
      timers.delete(handle as ManualTimer);
    },
    advance(byMs) {
      const untilMs = nowMs + byMs;
      while (runNext(untilMs));
      nowMs = untilMs;
    },
    async advanceAsync(byMs) {
      const untilMs = nowMs + byMs;
      await settle();
      while (runNext(untilMs)) await settle();
      nowMs = untilMs;
      await settle();
    },
    get pending() {
      return timers.size;
    },
  };
}

/** The same time, with a way to clear every timer set through it. */
export function createScopedClock(clock: Clock): Clock & { clearAll(): void } {
  const running = new Map<object, TimerHandle>();
  return {
    now: () => clock.now(),
    setTimer(callback, delayMs) {
      const key = {};
      running.set(
        key,
        clock.setTimer(() => {
          running.delete(key);
          callback();
        }, delayMs),
      );
      return key;
    },
    clearTimer(key) {
      if (!running.has(key as object)) return;
      clock.clearTimer(running.get(key as object));
      running.delete(key as object);
    },
    clearAll() {
      for (const handle of running.values()) clock.clearTimer(handle);
      running.clear();
    },
  };
}
