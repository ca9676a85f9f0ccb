import type { Clock, TimerHandle } from '../clock.ts';
import { createFirstCome } from '../first-come.ts';
import type { Flow } from '../transport/types.ts';

/** What is left of a request that was answered: enough to answer it again. */
export interface AnsweredRequest {
  readonly key: string;
  readonly branch: string | undefined;
  readonly mergeKey: string | undefined;
  readonly flow: Flow;
  /** The answer as it went out; undefined where it is not given again. */
  readonly bytes: Buffer | undefined;
  readonly lastStatus: number;
}

/**
 * Non-INVITE server transactions in the state *completed* (RFC 3261 §17.2.2), and those of INVITE that only absorb. Thousands of them stand at a time, each for 32 s,
 * so they are kept without the request, its state machine or a timer of their own: all end equally long after they came,
 * hence in the order in which they came.
 */
export interface AnsweredRequests {
  add(answered: AnsweredRequest): void;
  find(key: string): AnsweredRequest | undefined;
  /** Forgets it, if it still is the one with this key. */
  forget(answered: AnsweredRequest): void;
  readonly size: number;
  close(): void;
}

interface Kept {
  readonly answered: AnsweredRequest;
  readonly untilMs: number;
}

/** Those whose time comes within this after another's go a little later, together. */
const sweepMs = 50;

export function createAnsweredRequests(options: {
  clock: Clock;
  /** Timer J. */
  keepMs: number;
  /** Beyond this the oldest is forgotten. */
  max: number;
  forgotten(answered: AnsweredRequest): void;
}): AnsweredRequests {
  const { clock, keepMs, max, forgotten } = options;
  const kept = new Map<string, Kept>();
  /** As they came, also those that are forgotten already. */
  const order = createFirstCome<Kept>();
  let timer: TimerHandle | undefined;

  const isKept = (each: Kept): boolean => kept.get(each.answered.key) === each;

  function forgetKept({ answered }: Kept): void {
    kept.delete(answered.key);
    forgotten(answered);
  }

  function forgetFirst(): void {
    const first = order.shift();
    if (first && isKept(first)) forgetKept(first);
  }

  function stopIfEmpty(): void {
    if (kept.size > 0) return;
    while (order.length > 0) order.shift();
    if (timer === undefined) return;
    clock.clearTimer(timer);
    timer = undefined;
  }

  function sweep(): void {
    timer = undefined;
    const nowMs = clock.now();
    for (let first = order.first; first; first = order.first) {
      if (isKept(first) && first.untilMs > nowMs) {
        timer = clock.setTimer(sweep, Math.max(sweepMs, first.untilMs - nowMs));
        return;
      }
      forgetFirst();
    }
  }

  return {
    add(answered) {
      const each = { answered, untilMs: clock.now() + keepMs };
      kept.set(answered.key, each);
      order.push(each);
      while (kept.size > max || order.length > 2 * max) forgetFirst();
      timer ??= clock.setTimer(sweep, keepMs);
    },
    find: (key) => kept.get(key)?.answered,
    forget(answered) {
      const found = kept.get(answered.key);
      if (found?.answered !== answered) return;
      forgetKept(found);
      stopIfEmpty();
    },
    get size() {
      return kept.size;
    },
    close() {
      while (order.length > 0) forgetFirst();
      stopIfEmpty();
    },
  };
}
