/** How often something may be asked by one who asks: so many at once, and then one each so many seconds. */
export interface Pace {
  /** Null lets it through; otherwise how many seconds to wait. */
  take(key: string): number | null;
}

/** Each process counts for itself: the bound is on what asking costs, not on a secret. The longest unused keys go first. */
export function createPace({
  atOnce,
  everySeconds,
  maxKeys = 20_000,
  now = Date.now,
}: {
  atOnce: number;
  everySeconds: number;
  maxKeys?: number;
  now?: () => number;
}): Pace {
  const left = new Map<string, { tokens: number; at: number }>();
  return {
    take(key) {
      const at = now();
      const before = left.get(key) ?? { tokens: atOnce, at };
      const tokens = Math.min(atOnce, before.tokens + (at - before.at) / 1000 / everySeconds);
      left.delete(key);
      left.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at });
      const [oldest] = left.keys();
      if (left.size > maxKeys && oldest !== undefined) left.delete(oldest);
      return tokens >= 1 ? null : Math.max(1, Math.ceil((1 - tokens) * everySeconds));
    },
  };
}
