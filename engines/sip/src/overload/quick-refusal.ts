import { splitList } from '../message/params.ts';
import { ParseError } from '../message/parse-error.ts';
import { parseVia } from '../message/typed-headers.ts';
import { createHeadReader } from './head-reader.ts';

/** What the bytes of a datagram say of a request that overload control may refuse. */
export interface QuickRefusal {
  /**
   * Looks at a datagram without parsing it. True: it is a request that would begin something, with nothing unusual in it,
   * and what follows here speaks of it until the next look. False: it is the parser's.
   */
  looksAt(bytes: Buffer): boolean;
  /** It has been challenged by us already, or takes over a call that runs (RFC 3891). */
  readonly goesFirst: boolean;
  /** Of the top Via. */
  readonly branch: string;
  /** The 503 for it; `address` and `port` are where it came from. The buffer is the receiver's to keep. */
  refusal(address: string, port: number, retryAfterSeconds: number): Buffer;
  /** Whether a datagram acknowledges one of these refusals: nothing is done about it (RFC 3261 §8.2.7). */
  acknowledges(bytes: Buffer): boolean;
}

/** What is longer is rather parsed: it is no telephone's usual request. */
const longest = 4000;
/** Of this many refusals one is begun: sending may keep a buffer for a while, so none is written twice. */
const poolBytes = 64 * 1024;
/** What the 503 has besides what it repeats. */
const spareBytes = 256;

const statusLine = Buffer.from('SIP/2.0 503 Service Unavailable\r\n', 'latin1');
const ending = Buffer.from('\r\nContent-Length: 0\r\n\r\n', 'latin1');
const retryAfter = Buffer.from('Retry-After: ', 'latin1'); // RFC 3261 §21.5.4
const ack = Buffer.from('ACK ', 'latin1');

/**
 * Refuses datagrams as bytes, so that refusing costs little more than receiving and sending do: under five times the load that
 * is what is left for those let in. Whatever is unusual (folded lines, repeated headers, no `rport`) is left to the parser.
 * What it answers repeats lines of the request as they came, and nothing else of it (RFC 3261 §8.2.6).
 *
 * @param tag of every refusal: a stateless answer has the same when it is given again (RFC 3261 §8.2.7).
 * @param wasChallenged whether an Authorization answers a challenge of ours.
 */
export function createQuickRefusal({
  tag,
  wasChallenged,
}: {
  tag: string;
  wasChallenged(authorization: string): boolean;
}): QuickRefusal {
  const head = createHeadReader();
  const toTag = Buffer.from(`;tag=${tag}`, 'latin1');
  const lineEnd = Buffer.from('\r\n', 'latin1');
  let pool = Buffer.allocUnsafe(0);
  let written = 0;
  let read: Buffer = pool;
  let branch = '';
  let goesFirst = false;

  function put(from: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) pool[written++] = from[at]!;
  }

  /** A line as it came, with its end. */
  function putLine(line: number): void {
    put(read, head.start(line), head.end(line) + 2);
  }

  /** A Via below the top one is repeated as it is, so it must be one: seldom is there any. */
  function isVia(line: number): boolean {
    try {
      for (const value of splitList(read.toString('latin1', head.valueStart(line), head.end(line)).trim()))
        parseVia(value);
      return true;
    } catch (error) {
      if (error instanceof ParseError) return false;
      throw error;
    }
  }

  function answersChallenge(bytes: Buffer): boolean {
    for (let at = 0; at < head.authorizations; at++) {
      const line = head.authorization(at);
      if (wasChallenged(bytes.toString('latin1', head.valueStart(line), head.end(line)))) return true;
    }
    return false;
  }

  return {
    looksAt(bytes) {
      if (bytes.length > longest || !head.read(bytes)) return false;
      read = bytes;
      for (let at = 1; at < head.vias; at++) if (!isVia(head.via(at))) return false;
      branch = bytes.toString('latin1', head.branchStart, head.branchEnd);
      goesFirst = head.replaces || answersChallenge(bytes);
      return true;
    },
    get goesFirst() {
      return goesFirst;
    },
    get branch() {
      return branch;
    },
    refusal(address, port, retryAfterSeconds) {
      if (pool.length - written < longest + spareBytes) {
        pool = Buffer.allocUnsafeSlow(poolBytes);
        written = 0;
      }
      const from = written;
      put(statusLine, 0, statusLine.length);
      const top = head.via(0);
      put(read, head.start(top), head.rportEnd);
      // RFC 3581 §4; an IPv6 zone means nothing to others.
      const zone = address.indexOf('%');
      const plain = zone < 0 ? address : address.slice(0, zone);
      written += pool.write(`=${port};received=${plain}`, written, 'latin1');
      put(read, head.rportEnd, head.end(top) + 2);
      for (let at = 1; at < head.vias; at++) putLine(head.via(at));
      putLine(head.from);
      let toEnd = head.end(head.to);
      while (read[toEnd - 1] === 32 || read[toEnd - 1] === 9) toEnd--;
      put(read, head.start(head.to), toEnd);
      put(toTag, 0, toTag.length);
      put(lineEnd, 0, 2);
      putLine(head.callId);
      putLine(head.cseq);
      put(retryAfter, 0, retryAfter.length);
      written += pool.write(String(retryAfterSeconds), written, 'latin1');
      put(ending, 0, ending.length);
      return pool.subarray(from, written);
    },
    acknowledges(bytes) {
      for (let at = 0; at < ack.length; at++) if (bytes[at] !== ack[at]) return false;
      return bytes.length <= longest && bytes.includes(toTag);
    },
  };
}
