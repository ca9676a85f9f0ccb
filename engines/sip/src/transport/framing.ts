import { findHeadEnd, messageBounds, skipEmptyLines } from '../message/parse.ts';
import { ParseError } from '../message/parse-error.ts';
import { parseNumber } from '../message/typed-headers.ts';

const initialBytes = 4096;

/** Cuts a stream into messages by Content-Length (RFC 3261 §18.3). What it holds is bounded by `messageBounds`. */
export interface StreamFramer {
  /**
   * Takes bytes and answers the whole messages they complete. After a `fault` in the framing the connection cannot be
   * read on.
   */
  push(bytes: Buffer): { messages: Buffer[]; pings: number; fault?: ParseError };
  /** Bytes of a message not yet whole. */
  readonly pendingBytes: number;
}

export function createStreamFramer(): StreamFramer {
  let buffer = Buffer.allocUnsafe(initialBytes);
  let used = 0;
  /** Up to where the end of the head has been looked for, so that single bytes do not cost a search each. */
  let searched = 0;

  function append(bytes: Buffer): void {
    if (used + bytes.length > buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(buffer.length * 2, used + bytes.length));
      buffer.copy(grown, 0, 0, used);
      buffer = grown;
    }
    bytes.copy(buffer, used);
    used += bytes.length;
  }

  function drop(count: number): void {
    buffer.copyWithin(0, count, used);
    used -= count;
    searched = 0;
  }

  function nextMessage(): Buffer | undefined {
    const held = buffer.subarray(0, used);
    const headEnd = findHeadEnd(held, Math.max(0, searched - 3));
    if (headEnd < 0) {
      if (used > messageBounds.headBytes) throw new ParseError('Head too long', 513);
      searched = used;
      return undefined;
    }
    if (headEnd > messageBounds.headBytes) throw new ParseError('Head too long', 513);
    const length = headEnd + bodyLength(held.toString('latin1', 0, headEnd));
    if (used < length) return undefined;
    const message = Buffer.from(held.subarray(0, length));
    drop(length);
    return message;
  }

  return {
    push(bytes) {
      append(bytes);
      const messages: Buffer[] = [];
      let pings = 0;
      for (;;) {
        const empty = skipEmptyLines(buffer.subarray(0, used));
        if (empty > 0) {
          // RFC 5626 §3.5.1: two line ends are a ping; one is a pong, or the end of a sloppy message.
          pings += Math.floor(empty / 4);
          drop(empty);
        }
        try {
          const message = used === 0 ? undefined : nextMessage();
          if (!message) return { messages, pings };
          messages.push(message);
        } catch (error) {
          if (error instanceof ParseError) return { messages, pings, fault: error };
          throw error;
        }
      }
    },
    get pendingBytes() {
      return used;
    },
  };
}

function bodyLength(head: string): number {
  let length: number | undefined;
  for (const match of head.matchAll(/\r\n(?:content-length|l)[ \t]*:((?:[^\r\n]|\r\n[ \t])*)/gi)) {
    const value = parseNumber(match[1]!, 2 ** 31);
    if (value === undefined) throw new ParseError('Malformed Content-Length');
    if (length !== undefined && length !== value) throw new ParseError('Content-Length values differ');
    length = value;
  }
  // RFC 3261 §18.3: on a stream it must be there.
  if (length === undefined) throw new ParseError('Missing Content-Length');
  if (length > messageBounds.bodyBytes) throw new ParseError('Body too long', 413);
  return length;
}
