import type { IncomingMessage, ServerResponse } from 'node:http';
import { endTooSlow } from './client-error.ts';

/** How long a body may take. */
export interface BodyTimes {
  /** All of a JSON body, in milliseconds. */
  readonly jsonMs: number;
  /** An upload may take hours, but in each of these spans it must move on. */
  readonly uploadSpanMs: number;
  readonly uploadSpanBytes: number;
}

export const bodyTimes: BodyTimes = { jsonMs: 60_000, uploadSpanMs: 20_000, uploadSpanBytes: 8 * 1024 };

/**
 * Cuts a request whose body comes drop by drop. Node's own `requestTimeout` knows one limit for all requests, which
 * would cut a large file on a slow line as well.
 */
export function cutSlowBody(
  request: IncomingMessage,
  response: ServerResponse,
  upload: boolean,
  times: BodyTimes = bodyTimes,
): void {
  const length = request.headers['content-length'];
  if (request.headers['transfer-encoding'] === undefined && (length === undefined || length === '0')) return;
  const { socket } = request;
  let before = socket.bytesRead;
  const timer = setInterval(
    () => {
      if (request.complete) return clearInterval(timer);
      const moved = socket.bytesRead - before;
      before = socket.bytesRead;
      // What we have not read yet is our slowness, not theirs.
      const waitsForUs = request.readableLength >= request.readableHighWaterMark;
      if (upload && (moved >= times.uploadSpanBytes || waitsForUs)) return;
      clearInterval(timer);
      if (response.headersSent) socket.destroy();
      else endTooSlow(socket);
    },
    upload ? times.uploadSpanMs : times.jsonMs,
  );
  timer.unref();
  request.once('close', () => clearInterval(timer));
}
