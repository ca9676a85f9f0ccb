/** Which calls' sound this tab carries, so that a reload returns to them. */
export interface TabMemory {
  /** Remembered by this tab, and carried by no other tab that lives. */
  has(callId: string): Promise<boolean>;
  keep(callId: string): void;
  forget(callId: string): void;
  /** Hung up here, and the server has not answered yet: a page that is left at once takes its last words with it. */
  readonly hungUp: KeptCalls;
}

export type KeptCalls = Pick<Set<string>, 'has' | 'delete' | typeof Symbol.iterator> & {
  add(callId: string): void;
};

const storageKey = 'liaison.calls';
const hungUpKey = 'liaison.calls.hung-up';
const lockName = (callId: string): string => `liaison.call.${callId}`;

function stored(key: string): string[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? '[]');
    return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : [];
  } catch {
    // Storage that is forbidden or damaged remembers nothing: a reload then asks which call to bring here.
    return [];
  }
}

function store(key: string, callIds: readonly string[]): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(callIds.slice(-4)));
  } catch {
    // Storage is forbidden: a reload then offers the calls instead of taking them.
  }
}

function createKeptCalls(key: string): KeptCalls {
  const kept = new Set(stored(key));
  return {
    has: (callId) => kept.has(callId),
    [Symbol.iterator]: () => kept[Symbol.iterator](),
    add(callId) {
      kept.add(callId);
      store(key, [...kept]);
    },
    delete(callId) {
      const was = kept.delete(callId);
      if (was) store(key, [...kept]);
      return was;
    },
  };
}

/**
 * Kept in the tab's session storage. A tab that was duplicated has a copy of it: the lock, which ends with its page,
 * tells which of the two has the sound.
 */
export function createTabMemory(): TabMemory {
  const locks = navigator.locks as LockManager | undefined;
  const releases = new Map<string, () => void>();

  return {
    hungUp: createKeptCalls(hungUpKey),
    async has(callId) {
      if (!stored(storageKey).includes(callId)) return false;
      if (!locks) return true;
      return locks.request(lockName(callId), { ifAvailable: true }, async (lock) => lock !== null);
    },
    keep(callId) {
      store(storageKey, [...stored(storageKey).filter((each) => each !== callId), callId]);
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
      store(
        storageKey,
        stored(storageKey).filter((each) => each !== callId),
      );
      releases.get(callId)?.();
      releases.delete(callId);
    },
  };
}
