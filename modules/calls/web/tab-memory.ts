/** Which calls' sound this tab carries, so that a reload returns to them. */
export interface TabMemory {
  /** Remembered by this tab, and carried by no other tab that lives. */
  has(callId: string): Promise<boolean>;
  keep(callId: string): void;
  forget(callId: string): void;
}

const storageKey = 'liaison.calls';
const lockName = (callId: string): string => `liaison.call.${callId}`;

/**
 * Kept in the tab's session storage. A tab that was duplicated has a copy of it: the lock, which ends with its page,
 * tells which of the two has the sound.
 */
export function createTabMemory(): TabMemory {
  const locks = navigator.locks as LockManager | undefined;
  const releases = new Map<string, () => void>();

  const stored = (): string[] => {
    try {
      const kept: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? '[]');
      return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : [];
    } catch {
      // Storage that is forbidden or damaged remembers nothing: a reload then asks which call to bring here.
      return [];
    }
  };
  const store = (callIds: readonly string[]): void => {
    try {
      sessionStorage.setItem(storageKey, JSON.stringify(callIds));
    } catch {
      // Storage is forbidden: a reload then offers the calls instead of taking them.
    }
  };

  return {
    async has(callId) {
      if (!stored().includes(callId)) return false;
      if (!locks) return true;
      return locks.request(lockName(callId), { ifAvailable: true }, async (lock) => lock !== null);
    },
    keep(callId) {
      store([...stored().filter((each) => each !== callId), callId].slice(-4));
      releases.get(callId)?.();
      void locks
        ?.request(
          lockName(callId),
          { steal: true },
          () =>
            new Promise<void>((resolve) => {
              releases.set(callId, resolve);
            }),
        )
        // Another tab took the call over.
        .catch(() => {});
    },
    forget(callId) {
      store(stored().filter((each) => each !== callId));
      releases.get(callId)?.();
      releases.delete(callId);
    },
  };
}
