import type { Tx } from './db.ts';

/** So many travel in one statement at most. */
const longestBatch = 500;

interface Waiting<Item, Answer> {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * One statement for what several ask of one transaction at the same moment, as those who share one do (`Db.shared`): each
 * asks for itself, and what this turn of the event loop asks for travels together.
 *
 * @param send answers in the order of the items. When it fails, all that it carried have failed, and the transaction with them.
 */
export function inOneStatement<Item, Answer>(
  send: (tx: Tx, items: readonly Item[]) => Promise<readonly Answer[]>,
): (tx: Tx, item: Item) => Promise<Answer> {
  const key = Symbol('asked at this moment');

  async function ask(tx: Tx, batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await send(
        tx,
        batch.map(({ item }) => item),
      );
      for (const [at, { resolve }] of batch.entries()) resolve(answers[at] as Answer);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  function flush(tx: Tx): void {
    const waiting = tx.gathered.get(key) as Waiting<Item, Answer>[];
    tx.gathered.delete(key);
    while (waiting.length > 0) void ask(tx, waiting.splice(0, longestBatch));
  }

  return (tx, item) =>
    new Promise((resolve, reject) => {
      const waiting: Waiting<Item, Answer> = { item, resolve, reject };
      const batch = tx.gathered.get(key) as Waiting<Item, Answer>[] | undefined;
      if (batch) {
        batch.push(waiting);
        return;
      }
      tx.gathered.set(key, [waiting]);
      queueMicrotask(() => flush(tx));
    });
}
