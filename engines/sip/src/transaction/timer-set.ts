import type { Clock, TimerHandle } from '../clock.ts';

/** A transaction's timers by their RFC letter; a name set anew replaces the former. */
export interface TimerSet<Name extends string> {
  set(name: Name, delayMs: number, callback: () => void): void;
  clear(name: Name): void;
  clearAll(): void;
}

export function createTimerSet<Name extends string>(clock: Clock): TimerSet<Name> {
  const running = new Map<Name, TimerHandle>();
  return {
    set(name, delayMs, callback) {
      if (running.has(name)) clock.clearTimer(running.get(name));
      running.set(
        name,
        clock.setTimer(() => {
          running.delete(name);
          callback();
        }, delayMs),
      );
    },
    clear(name) {
      if (!running.has(name)) return;
      clock.clearTimer(running.get(name));
      running.delete(name);
    },
    clearAll() {
      for (const handle of running.values()) clock.clearTimer(handle);
      running.clear();
    },
  };
}
