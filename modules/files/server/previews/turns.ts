/** Work that waits for its turn. */
export interface Turns {
  /** Runs it when it is its organisation's turn. @throws TurnsFullError when too much of it waits already. */
  run<Result>(orgId: string, work: () => Promise<Result>): Promise<Result>;
}

export class TurnsFullError extends Error {
  override readonly name = 'TurnsFullError';
}

/**
 * One piece of work per organisation at a time and `atOnce` in all; organisations take turns. So what one brings, however much
 * and however slow, costs the others no more than one place.
 */
export function createTurns({
  atOnce,
  mostWaiting,
}: {
  atOnce: number;
  /** Of one organisation. */
  mostWaiting: number;
}): Turns {
  /** In the order of their turns; an organisation with nothing waiting is not in it. */
  const waiting = new Map<string, (() => Promise<void>)[]>();
  const running = new Set<string>();

  function next(): void {
    for (const [orgId, queue] of waiting) {
      if (running.size >= atOnce) return;
      if (running.has(orgId)) continue;
      const work = queue.shift();
      // Behind the others, if there is more of it.
      waiting.delete(orgId);
      if (queue.length > 0) waiting.set(orgId, queue);
      if (!work) continue;
      running.add(orgId);
      void work().finally(() => {
        running.delete(orgId);
        next();
      });
    }
  }

  return {
    run: (orgId, work) =>
      new Promise((resolve, reject) => {
        const queue = waiting.get(orgId) ?? [];
        if (queue.length >= mostWaiting) {
          reject(new TurnsFullError('too many previews wait'));
          return;
        }
        queue.push(() => work().then(resolve, reject));
        waiting.set(orgId, queue);
        next();
      }),
  };
}
