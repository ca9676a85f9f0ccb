/** Before each further try of a page whose relayed round failed, in milliseconds; after the last of them it is over. */
export const defaultPausesMs: readonly number[] = [0, 1000, 3000, 6000];

/** How often, and when, pages are asked again after a relayed round failed: longer pauses each time, and an end. */
export interface RoundRetries {
  /** Calls `again` after the pause that is due; false when there is none left. Another failure meanwhile takes its place. */
  failed(legId: string, again: () => void): boolean;
  /** It sounds, or is somebody else: what failed before counts no more. */
  forget(legId: string): void;
  close(): void;
}

export function createRoundRetries(pausesMs = defaultPausesMs): RoundRetries {
  const failures = new Map<string, { count: number; timer: NodeJS.Timeout | undefined }>();
  return {
    failed(legId, again) {
      const entry = failures.get(legId) ?? { count: 0, timer: undefined };
      failures.set(legId, entry);
      clearTimeout(entry.timer);
      const pauseMs = pausesMs[entry.count];
      if (pauseMs === undefined) return false;
      entry.count += 1;
      // The first try anew is for a network that has just changed: it is there already.
      if (pauseMs === 0) again();
      else entry.timer = setTimeout(again, pauseMs);
      return true;
    },
    forget(legId) {
      clearTimeout(failures.get(legId)?.timer);
      failures.delete(legId);
    },
    close() {
      for (const { timer } of failures.values()) clearTimeout(timer);
      failures.clear();
    },
  };
}
