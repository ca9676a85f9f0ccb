/** So many travel in one statement at most. */
const longestBatch = 200;

/**
 * One statement for everything that is asked at the same moment: what comes while one is under way waits for its end and
 * shares the next. What comes alone waits for nothing. When a statement fails, all that it carried have failed.
 */
export function createBatch<Item, Answer>(
  send: (items: readonly Item[]) => Promise<readonly Answer[]>,
): (item: Item) => Promise<Answer> {
  let waiting: { item: Item; resolve(answer: Answer): void; reject(error: unknown): void }[] | undefined;

  async function drain(queue: NonNullable<typeof waiting>): Promise<void> {
    // What this turn of the event loop still asks for joins the first batch.
    await Promise.resolve();
    while (queue.length > 0) {
      const batch = queue.splice(0, longestBatch);
      try {
        const answers = await send(batch.map(({ item }) => item));
        for (const [at, { resolve }] of batch.entries()) resolve(answers[at]!);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    waiting = undefined;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting) {
        waiting.push({ item, resolve, reject });
        return;
      }
      waiting = [{ item, resolve, reject }];
      void drain(waiting);
    });
}
