/** A range is used up; the caller turns it into "try again later" (SIP 503). */
export class NoPortFreeError extends Error {
  override readonly name = 'NoPortFreeError';
}

/**
 * Pairs of UDP ports: an even one for RTP, the odd one after it for RTCP (RFC 3550 §11).
 * Whoever takes a port gives it back.
 */
export interface PortPool {
  /** The even port of a pair, or 0 for "any free port". Throws `NoPortFreeError`. */
  take(): number;
  give(port: number): void;
  /** Pairs not taken; Infinity for any free port. */
  readonly free: number;
  /** Pairs in all; Infinity for any free port. */
  readonly size: number;
}

/** `min` and `max` are both included; 0 and 0 mean any free port. Throws a RangeError on a range without a pair. */
export function createPortPool(range: { min: number; max: number }): PortPool {
  const { min, max } = range;
  if (min === 0 && max === 0)
    return { take: () => 0, give: () => {}, free: Number.POSITIVE_INFINITY, size: Number.POSITIVE_INFINITY };
  const whole = Number.isInteger(min) && Number.isInteger(max);
  if (!whole || min < 1 || max > 65535 || min > max)
    throw new RangeError(`RTP ports ${min}-${max}: not a range of UDP ports`);
  // First given back, first taken: late packets of the call before have ended by then.
  const idle: number[] = [];
  for (let port = min + (min % 2); port + 1 <= max; port += 2) idle.push(port);
  if (idle.length === 0)
    throw new RangeError(`RTP ports ${min}-${max}: no even port with an odd one after it`);
  const size = idle.length;
  const taken = new Set<number>();
  return {
    take() {
      const port = idle.shift();
      if (port === undefined)
        throw new NoPortFreeError(`All ${size} port pairs of the RTP range ${min}-${max} are in use`);
      taken.add(port);
      return port;
    },
    give(port) {
      if (taken.delete(port)) idle.push(port);
    },
    get free() {
      return idle.length;
    },
    size,
  };
}
