/** Beyond this the clock of a machine is wrong: signatures, codes that change, and times that people are shown go by it. */
const toleratedMs = 5_000;

/**
 * Holds the clock of this machine against the database's. Leases do not need it, for they go by the database's clock and by
 * the monotonic one; but whoever looks after the machine should hear of it.
 */
export function createClockWatch(log: {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
}) {
  let aheadMs = 0;
  let isWrong = false;
  return {
    /** The database said its time between two moments of this machine: within them nothing is known to be wrong. */
    compare(databaseMs: number, askedMs: number, answeredMs: number): void {
      if (!Number.isFinite(databaseMs)) return;
      aheadMs = Math.round(
        databaseMs < askedMs ? askedMs - databaseMs : Math.min(0, answeredMs - databaseMs),
      );
      const wasWrong = isWrong;
      isWrong = Math.abs(aheadMs) > toleratedMs;
      if (isWrong && !wasWrong)
        log.warn({ aheadMs }, 'the clock of this machine is not that of the database');
      if (wasWrong && !isWrong) log.info({ aheadMs }, 'the clock of this machine is right again');
    },
    /** What is wrong with it, in words; null when nothing is. */
    get fault(): string | null {
      if (!isWrong) return null;
      const seconds = Math.round(Math.abs(aheadMs) / 1000);
      return `this machine is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the database`;
    },
  };
}
