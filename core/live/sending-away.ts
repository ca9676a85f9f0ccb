import type { Log } from '../http/index.ts';

/** Answers which of these pages are in the middle of something and have to stay. */
export type KeepsPages = (connectionIds: readonly string[]) => Promise<ReadonlySet<string>>;

const turnMs = 100;
/** Between two looks at those that were kept. */
const keptMs = 500;

/**
 * Sends the pages of a process that drains to others: some at a time, so that they do not all come to the others at once. Those
 * that somebody keeps are asked about again until they are free. Ends by its `stop`.
 */
export function createSendingAway(options: {
  /** Ids of pages that are open. */
  pages(): readonly string[];
  close(connectionId: string): void;
  keepers: readonly KeepsPages[];
  /** Over which the first round is spread. */
  withinMs: number;
  log: Log;
}): { stop(): void } {
  const { pages, close, keepers, log } = options;
  let turnsLeft = Math.max(1, Math.floor(options.withinMs / turnMs));
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  async function turn(): Promise<void> {
    const open = pages();
    const kept = new Set((await Promise.all(keepers.map((keeps) => keeps(open)))).flatMap((ids) => [...ids]));
    const going = open.filter((id) => !kept.has(id));
    for (const id of going.slice(0, Math.ceil(going.length / turnsLeft))) close(id);
  }
  function soon(): void {
    timer = setTimeout(
      () => {
        turn()
          .catch((error: Error) => log.warn({ err: error }, 'pages could not be sent away; trying again'))
          .finally(() => {
            turnsLeft = Math.max(1, turnsLeft - 1);
            if (!isStopped) soon();
          });
      },
      turnsLeft > 1 ? turnMs : keptMs,
    );
  }
  soon();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
