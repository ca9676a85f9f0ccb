import type { SocketAddress } from '@liaison/rtp';
import type { BarePipe, PipeState } from '@liaison/webrtc';

/**
 * A telephone behind a NAT opens DTLS from a port that nobody knows before, and everybody behind that NAT has its address.
 * Whoever sends a ClientHello first would take the one association, or leave it half done (the race of CVE-2023-49786). So each
 * source has a handshake of its own, with the same certificate of ours, and the one that holds the certificate which was said
 * in SDP (RFC 5763 §6.6) is the telephone: the others are forgotten, whatever they did.
 */
export interface DtlsContest {
  deliver(datagram: Buffer, from: SocketAddress): void;
  /** Ends all handshakes. */
  close(): void;
}

export interface DtlsContestOptions {
  /** A pipe for one source, that waits for its ClientHello. `told`: its states. */
  open(source: SocketAddress, told: (made: BarePipe, state: PipeState) => void): BarePipe;
  /** It proved itself, and is the caller's now; the others are closed. What is returned hears its further states. */
  onWon(winner: BarePipe, source: SocketAddress): (state: PipeState) => void;
  /** For tests; milliseconds of a monotonic clock. */
  now?: () => number;
}

/** In the time below, done or not: each costs about 15 ms of processor time, and no flood gets more. */
const MAX_HANDSHAKES = 6;
/** After that one gives its place to another source, or may begin again. */
const PATIENCE_MS = 2000;
/** RFC 6347 §4.2.2, §4.3.1: a record of a handshake, and in it a ClientHello. */
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER_BYTES = 13;

interface Contestant {
  source: SocketAddress;
  pipe: BarePipe;
  sinceMs: number;
  /** It keeps its place, so that whoever fails at once cannot begin again at once. */
  hasFailed: boolean;
}

export function createDtlsContest({
  open,
  onWon,
  now = () => performance.now(),
}: DtlsContestOptions): DtlsContest {
  /** In the order in which they came. */
  const contestants = new Map<string, Contestant>();
  let isOver = false;

  function close() {
    isOver = true;
    for (const { pipe } of contestants.values()) pipe.close();
    contestants.clear();
  }

  function leave(key: string) {
    contestants.get(key)?.pipe.close();
    contestants.delete(key);
  }

  function admit(key: string, source: SocketAddress): Contestant | undefined {
    const nowMs = now();
    const before = contestants.get(key);
    const [oldest] = contestants;
    const inTheWay = before
      ? { name: key, ...before }
      : oldest && contestants.size >= MAX_HANDSHAKES
        ? { name: oldest[0], ...oldest[1] }
        : undefined;
    if (inTheWay) {
      if (nowMs - inTheWay.sinceMs < PATIENCE_MS) return undefined;
      leave(inTheWay.name);
    }
    let further: ((state: PipeState) => void) | undefined;
    const place = { address: source.address, port: source.port };
    const pipe = open(place, (made, state) => {
      if (further) return further(state);
      const contestant = contestants.get(key);
      if (isOver || contestant?.pipe !== made || contestant.hasFailed) return;
      if (state === 'failed') {
        // Another certificate, or it gave up. It is closed with its place: what it still says, that it was refused, goes out.
        contestant.hasFailed = true;
      } else if (state === 'connected') {
        contestants.delete(key);
        close();
        further = onWon(made, place);
      }
    });
    const contestant = { source: place, pipe, sinceMs: nowMs, hasFailed: false };
    contestants.set(key, contestant);
    return contestant;
  }

  return {
    deliver(datagram, from) {
      if (isOver) return;
      const key = `${from.address} ${from.port}`;
      const isHello = datagram[0] === HANDSHAKE && datagram[RECORD_HEADER_BYTES] === CLIENT_HELLO;
      const known = contestants.get(key);
      const contestant = known && !known.hasFailed ? known : isHello ? admit(key, from) : undefined;
      contestant?.pipe.deliver(datagram);
    },
    close,
  };
}
