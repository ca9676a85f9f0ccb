import { type ConnectionLimits, defaultIdleMs } from './limits.ts';

/**
 * Cuts a connection that is held open for nothing. The timers are the machine's own: they guard sockets, which no
 * hand-turned clock moves.
 *
 * stranger  nobody has signed in over it: messages must come whole in time, and one from time to time; pings do not
 *           count, for they cost the sender nothing.
 * known     signed in, or opened by us: anything that comes counts.
 */
export interface Liveness {
  /** Part of a message is here. */
  messageBegun(): void;
  /** A message came whole, and nothing of a next one. */
  messageWhole(): void;
  pinged(): void;
  vouch(): void;
  close(): void;
}

export function createLiveness(
  limits: ConnectionLimits,
  isOurs: boolean,
  cut: (why: string) => void,
): Liveness {
  const messageTimeoutMs = limits.messageTimeoutMs ?? 30_000;
  const idleMs = limits.idleMs ?? defaultIdleMs;
  let isKnown = isOurs;
  let half: NodeJS.Timeout | undefined;
  let idle = setTimeout(() => cut('idle'), isOurs ? idleMs : (limits.strangerIdleMs ?? 60_000));

  function messageBegun(): void {
    half ??= setTimeout(() => cut('no whole message in time'), messageTimeoutMs);
  }

  if (!isOurs) messageBegun();
  return {
    messageBegun,
    messageWhole() {
      clearTimeout(half);
      half = undefined;
      idle.refresh();
    },
    pinged() {
      if (isKnown) idle.refresh();
    },
    vouch() {
      if (isKnown) return;
      isKnown = true;
      clearTimeout(idle);
      idle = setTimeout(() => cut('idle'), idleMs);
    },
    close() {
      clearTimeout(half);
      clearTimeout(idle);
    },
  };
}
