/**
 * What is said in one turn of the event loop goes in one message: writing to the pipe between two processes, and waking
 * the other one, costs more than most of what is said. What is said alone leaves in the same turn.
 */
export function inOneMessage<Said>(send: (all: Said[]) => void): (said: Said) => void {
  let waiting: Said[] = [];
  return (said) => {
    if (waiting.push(said) > 1) return;
    setImmediate(() => {
      const all = waiting;
      waiting = [];
      send(all);
    });
  };
}

/** What such a message carries; what is no list is one thing by itself. */
export const saidIn = (message: unknown): readonly unknown[] =>
  Array.isArray(message) ? message : [message];
