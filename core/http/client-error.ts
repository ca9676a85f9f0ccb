import type { Duplex } from 'node:stream';
import type { ProblemBody } from '../contract/index.ts';

const answers: Record<string, { status: number; phrase: string; code: string; title: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    phrase: 'Request Header Fields Too Large',
    code: 'too-large',
    title: 'The address and headers of this request are too long.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    phrase: 'Request Timeout',
    code: 'too-slow',
    title: 'This request took too long to arrive.',
  },
};
const unreadable = { status: 400, phrase: 'Bad Request', code: 'invalid', title: 'This is not HTTP.' };

/** Answers what is no request at all (bad framing, endless headers, headers drop by drop) and ends its connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy();
  sayAndEnd(socket, answers[error.code ?? ''] ?? unreadable);
}

/** Tells somebody whose body comes too slowly, and ends the connection. */
export const endTooSlow = (socket: Duplex): void => sayAndEnd(socket, answers.ERR_HTTP_REQUEST_TIMEOUT!);

function sayAndEnd(
  socket: Duplex,
  { status, phrase, code, title }: { status: number; phrase: string; code: string; title: string },
): void {
  const problem: ProblemBody = { type: `urn:liaison:problem:${code}`, title, status, code };
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
  // Whoever goes on sending does not hold the connection.
  setTimeout(() => socket.destroy(), 1000).unref();
}
