/**
 * What was kept last, of much. At least the newest `max` are known, and up to as many before them: a map that forgets its oldest
 * one by one passes over all that were taken away before it, which with tens of thousands costs tens of microseconds each time.
 */
export interface Newest<Value> {
  get(key: string): Value | undefined;
  /** From now on it is the newest. */
  set(key: string, value: Value): void;
}

export function createNewest<Value>(max: number): Newest<Value> {
  let newer = new Map<string, Value>();
  let older = new Map<string, Value>();
  return {
    get: (key) => newer.get(key) ?? older.get(key),
    set(key, value) {
      newer.set(key, value);
      if (newer.size < max) return;
      older = newer;
      newer = new Map();
    },
  };
}
