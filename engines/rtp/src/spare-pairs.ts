import type { Socket } from 'node:dgram';
import type { PortPool } from './port-pool.ts';

/** Two bound sockets, that of RTP on an even port and that of RTCP on the next one. */
export interface BoundPair {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  /** That of RTP. */
  readonly port: number;
  /** What the pool of ports gave for it. */
  readonly taken: number;
}

/**
 * Pairs that no call uses now, still bound: opening and closing the four sockets of a call costs more than all else that a call without
 * sound does. Nobody listens to them, so that what comes late from the call before is read and dropped.
 */
export interface SparePairs {
  /** The one that has rested longest, if that is long enough; `hurried` takes it in any case. */
  take(hurried?: boolean): BoundPair | undefined;
  /** Keeps a pair on which nobody listens any more, or closes it and gives its ports back where there are enough. */
  give(pair: BoundPair): void;
  close(): void;
}

export interface SparePairsOptions {
  /** Where the ports of all of them are from. */
  ports: PortPool;
  /** So many are kept at most. */
  max?: number;
  /** So long nobody gets it, in milliseconds: late packets of the call before have ended by then. */
  restMs?: number;
  /** So long it is kept. */
  keepMs?: number;
}

/** `close()` ends it. */
export function createSparePairs(options: SparePairsOptions): SparePairs {
  const { ports, max = 512, restMs = 1000, keepMs = 10_000 } = options;
  /** By when they were given, the oldest first. */
  const idle = new Map<BoundPair, number>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const oldest = () => idle.entries().next().value;

  function end(pair: BoundPair): void {
    idle.delete(pair);
    pair.rtp.close();
    pair.rtcp.close();
    ports.give(pair.taken);
  }

  function sweep(): void {
    timer = undefined;
    const before = performance.now() - keepMs;
    for (let first = oldest(); first && first[1] <= before; first = oldest()) end(first[0]);
    watch();
  }

  function watch(): void {
    if (idle.size > 0) timer ??= setTimeout(sweep, keepMs / 2).unref();
  }

  return {
    take(hurried = false) {
      const first = oldest();
      if (!first || !(hurried || performance.now() - first[1] >= restMs)) return undefined;
      idle.delete(first[0]);
      return first[0];
    },
    give(pair) {
      if (closed || idle.size >= max) {
        end(pair);
        return;
      }
      idle.set(pair, performance.now());
      watch();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      for (const pair of [...idle.keys()]) end(pair);
    },
  };
}
