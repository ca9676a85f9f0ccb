/** Bounds on stream connections (TCP, TLS, WebSocket together), so that opening many costs us little. */
export interface ConnectionLimits {
  /** At a time, in all. Default 10 000. */
  connections?: number;
  /** At a time, from one address. Default 1 000. */
  connectionsPerPeer?: number;
  /** A TLS handshake or a WebSocket upgrade must be done within this. Default 10 000. */
  handshakeTimeoutMs?: number;
  /** A message once begun must be whole within this; a new connection must bring its first within it too. Default 30 000. */
  messageTimeoutMs?: number;
  /** A connection over which nobody has signed in is cut when it brings no message for so long. Default 60 000. */
  strangerIdleMs?: number;
  /** Any other, when it brings nothing at all for so long. Default: the longest registration and five minutes. */
  idleMs?: number;
  /** A connection that we opened gets a sign of life from us this often. Default 95 000 to 120 000. */
  pingMs?: number;
  /** One that answered such a sign before must do so again within this. Default 10 000. */
  pingAnswerMs?: number;
}

export const defaultIdleMs = 3_900_000;

/** Counts the connections of one user agent over all of its stream transports. */
export interface ConnectionBudget {
  /** Room for one more from this address: call the answer once when it is gone. Undefined: there is none. */
  take(address: string): (() => void) | undefined;
  readonly size: number;
}

export function createConnectionBudget(limits: ConnectionLimits): ConnectionBudget {
  const maxConnections = limits.connections ?? 10_000;
  const maxPerPeer = limits.connectionsPerPeer ?? 1_000;
  const perPeer = new Map<string, number>();
  let size = 0;
  return {
    take(address) {
      const count = perPeer.get(address) ?? 0;
      if (size >= maxConnections || count >= maxPerPeer) return undefined;
      size++;
      perPeer.set(address, count + 1);
      let isGiven = false;
      return () => {
        if (isGiven) return;
        isGiven = true;
        size--;
        const left = (perPeer.get(address) ?? 1) - 1;
        if (left === 0) perPeer.delete(address);
        else perPeer.set(address, left);
      };
    },
    get size() {
      return size;
    },
  };
}
