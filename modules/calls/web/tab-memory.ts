/** Which call's sound this tab carries, so that a reload returns to it. */
export interface TabMemory {
  /** Remembered by this tab, and carried by no other tab that lives. */
  has(callId: string): Promise<boolean>;
  keep(callId: string): void;
  forget(callId: string): void;
}

const storageKey = 'liaison.call';
const lockName = (callId: string): string => `liaison.call.${callId}`;

/**
 * Kept in the tab's session storage. A tab that was duplicated has a copy of it: the lock, which ends with its page,
 * tells which of the two has the sound.
 */
export function createTabMemory(): TabMemory {
  const locks = navigator.locks as LockManager | undefined;
  let release: (() => void) | undefined;

  const stored = (): string | null => {
    try {
      return sessionStorage.getItem(storageKey);
    } catch {
      return null;
    }
  };
  const store = (callId: string | null): void => {
    try {
      if (callId === null) sessionStorage.removeItem(storageKey);
      else sessionStorage.setItem(storageKey, callId);
    } catch {
      // Storage is forbidden: a reload then offers the call instead of taking it.
    }
  };

  return {
    async has(callId) {
      if (stored() !== callId) return false;
      if (!locks) return true;
      return locks.request(lockName(callId), { ifAvailable: true }, async (lock) => lock !== null);
    },
    keep(callId) {
      store(callId);
      release?.();
      void locks
        ?.request(
          lockName(callId),
          { steal: true },
          () =>
            new Promise<void>((resolve) => {
              release = resolve;
            }),
        )
        // Another tab took the call over.
        .catch(() => {});
    },
    forget(callId) {
      if (stored() !== callId) return;
      store(null);
      release?.();
      release = undefined;
    },
  };
}
