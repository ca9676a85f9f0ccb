/** What is shown may lack what happened: it is read anew until that worked. */
export interface CatchUp {
  /** The answer did not come, or an old one stood in for it. */
  behind(): void;
  level(): void;
  /** The line is back: does not wait for the next try. */
  wake(): void;
  stop(): void;
}

/** @param read reads anew, and says `behind` or `level` by what came of it. */
export function createCatchUp(
  read: () => void,
  { firstRetryMs = 1_000, longestRetryMs = 20_000 }: { firstRetryMs?: number; longestRetryMs?: number } = {},
): CatchUp {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let stopped = false;
  const cancel = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const readNow = (): void => {
    cancel();
    read();
  };
  return {
    behind() {
      if (stopped || timer !== undefined) return;
      timer = setTimeout(readNow, Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures, 8)));
      failures += 1;
    },
    level() {
      failures = 0;
      cancel();
    },
    wake() {
      failures = 0;
      if (timer !== undefined) readNow();
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}
