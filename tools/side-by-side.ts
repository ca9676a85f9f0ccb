/**
 * What a stage does to the machine:
 * `computes` keeps the processors busy, and only takes longer when it gets less of them;
 * `waits` leaves most of a processor idle, and may go on beside one that computes;
 * `alone` fills the machine or measures time on it, and nothing runs beside it.
 */
export type Load = 'computes' | 'waits' | 'alone';

/** At most one that computes and one that waits go on together. */
export function mayRunBeside(one: Load, other: Load): boolean {
  return one !== 'alone' && other !== 'alone' && one !== other;
}

/**
 * Runs all of them, in their order as far as those that already run allow; a later one that may run beside them is taken forward.
 * Rejects as soon as one rejects.
 */
export async function runSideBySide<Item extends { readonly load: Load }>(
  items: readonly Item[],
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const running = new Map<Item, Promise<unknown>>();
  while (waiting.length > 0 || running.size > 0) {
    const at = waiting.findIndex((item) =>
      [...running.keys()].every((other) => mayRunBeside(item.load, other.load)),
    );
    const [next] = at < 0 ? [] : waiting.splice(at, 1);
    if (next === undefined) await Promise.race(running.values());
    else
      running.set(
        next,
        run(next).finally(() => running.delete(next)),
      );
  }
}
