import type { ConnectionLimits } from './limits.ts';

/**
 * Signs of life on a connection that we opened (RFC 5626 §4.4.1): two line ends, answered by one. Who answered once and then no
 * more is gone; who never did knows nothing of this, and loses nothing by two empty lines (RFC 3261 §7.5).
 */
export interface Pinger {
  /** Something came. */
  heard(bytes: Buffer): void;
  close(): void;
}

const ping = Buffer.from('\r\n\r\n');
const pong = Buffer.from('\r\n');

/** The timers are the machine's own: they guard sockets, which no hand-turned clock moves. */
export function createPinger(
  { pingMs, pingAnswerMs = 10_000 }: Pick<ConnectionLimits, 'pingMs' | 'pingAnswerMs'>,
  on: { ping(bytes: Buffer): void; failed(): void },
): Pinger {
  let answers = false;
  let deadline: NodeJS.Timeout | undefined;
  let timer = setTimeout(beat, next());

  /** RFC 5626 §4.4.1: at random between 80 and 100 % of two minutes, so that all of them do not come at once. */
  function next(): number {
    return pingMs ?? 95_000 + Math.random() * 25_000;
  }

  function beat(): void {
    on.ping(ping);
    if (answers) deadline ??= setTimeout(on.failed, pingAnswerMs);
    timer = setTimeout(beat, next());
  }

  return {
    heard(bytes) {
      // Whatever comes shows that somebody is there.
      clearTimeout(deadline);
      deadline = undefined;
      answers ||= bytes.equals(pong);
    },
    close() {
      clearTimeout(timer);
      clearTimeout(deadline);
    },
  };
}
