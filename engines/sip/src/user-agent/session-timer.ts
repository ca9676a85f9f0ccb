import type { Clock, TimerHandle } from '../clock.ts';
import type { SessionInterval } from './session-interval.ts';

/*
 * Session timer (RFC 4028 §10).
 *
 * off      nothing agreed, or closed.
 * running  refresher is us: at half the interval a refresh goes out. Done → running anew; failed → again, half of what
 *          is left later. Whoever refreshes: a third of the interval, at most 32 s, before the end → expired.
 */

export interface SessionTimer {
  /** Something was agreed, or anew: starts over. */
  restart(): void;
  close(): void;
}

export function createSessionTimer(
  context: { clock: Clock },
  interval: SessionInterval,
  user: {
    /** Resolves to whether the session is refreshed; never rejects. */
    refresh(): Promise<boolean>;
    expired(): void;
  },
): SessionTimer {
  const { clock } = context;
  let expiry: TimerHandle;
  let next: TimerHandle;
  let expiresAtMs = 0;
  let generation = 0;

  function close(): void {
    generation++;
    clock.clearTimer(expiry);
    clock.clearTimer(next);
  }

  function refreshAfter(delayMs: number): void {
    const mine = generation;
    next = clock.setTimer(async () => {
      if ((await user.refresh()) || mine !== generation) return;
      const leftMs = expiresAtMs - clock.now();
      if (leftMs > 2000) refreshAfter(leftMs / 2);
    }, delayMs);
  }

  return {
    restart() {
      close();
      const { agreed } = interval;
      if (!agreed) return;
      const totalMs = agreed.seconds * 1000;
      // RFC 4028 §10
      const untilEndMs = totalMs - Math.min(32_000, totalMs / 3);
      expiresAtMs = clock.now() + untilEndMs;
      expiry = clock.setTimer(() => {
        close();
        user.expired();
      }, untilEndMs);
      if (agreed.refresher === 'us') refreshAfter(totalMs / 2);
    },
    close,
  };
}
