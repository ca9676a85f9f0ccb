import { isAscii, isUtf8 } from 'node:buffer';
import { Headers } from './headers.ts';
import { type SipMessage, SipRequest, SipResponse } from './message.ts';
import { isToken } from './params.ts';
import { ParseError } from './parse-error.ts';
import { parseNumber } from './typed-headers.ts';
import { isSipUri } from './uri.ts';

/** Bounds on what is read. Telephones stay far below; a message beyond them is refused, not cut. */
export const messageBounds = {
  headBytes: 32 * 1024,
  bodyBytes: 256 * 1024,
  headerLines: 256,
  lineLength: 8192,
  vias: 70,
  callIdLength: 512,
} as const;

const crlf = '\r\n';
const headEnd = Buffer.from('\r\n\r\n');

/** Where the head ends (the first byte of the body), or -1. RFC 3261 §7.5: empty lines before the start line are skipped. */
export function findHeadEnd(bytes: Buffer, from = 0): number {
  const at = bytes.indexOf(headEnd, from);
  return at < 0 ? -1 : at + 4;
}

export function skipEmptyLines(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === 13 && bytes[at + 1] === 10) at += 2;
  return at;
}

/**
 * Reads one whole message: a datagram, or what a stream's framing has cut out. Throws ParseError; its `request` is set
 * when an answer is possible. The body is a view on the bytes given. `isWhole`: nothing may follow the body.
 */
export function parseMessage(bytes: Buffer, { isWhole = false }: { isWhole?: boolean } = {}): SipMessage {
  const start = skipEmptyLines(bytes);
  const end = findHeadEnd(bytes, start);
  if (end < 0) throw new ParseError('Head without an end');
  if (end - start > messageBounds.headBytes) throw new ParseError('Head too long', 513);
  const lines = splitLines(decodeHead(bytes.subarray(start, end - 4)));
  const startLine = lines[0]!;
  const { headers, fault } = parseHeaderLines(lines);
  const rest = bytes.subarray(end);
  const message = startLine.startsWith('SIP/')
    ? parseResponse(startLine, headers, fault, rest)
    : parseRequest(startLine, headers, fault, rest);
  if (isWhole && message.body.length < rest.length) {
    const error = new ParseError('Something follows the body');
    if (message.kind === 'request' && isAnswerable(message)) error.request = message;
    throw error;
  }
  return message;
}

function decodeHead(head: Buffer): string {
  if (isAscii(head)) return head.toString('latin1');
  // Departs from RFC 3261 §7: text that is not UTF-8 is read as Latin-1, as old telephones send it in display names.
  return isUtf8(head) ? head.toString('utf8') : head.toString('latin1');
}

/** Unfolded lines (RFC 3261 §7.3.1). */
function splitLines(head: string): string[] {
  const lines = head.split(crlf, messageBounds.headerLines + 1);
  if (lines.length > messageBounds.headerLines) throw new ParseError('Too many header lines', 513);
  let last = 0;
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.startsWith(' ') || line.startsWith('\t')) lines[last] += ` ${line.trimStart()}`;
    else lines[++last] = line;
  }
  lines.length = last + 1;
  return lines;
}

/** A fault does not stop the reading: what is found elsewhere is needed for the answer. */
function parseHeaderLines(lines: readonly string[]): { headers: Headers; fault: ParseError | undefined } {
  const headers = new Headers();
  let fault: ParseError | undefined;
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at]!;
    try {
      if (line.length > messageBounds.lineLength) throw new ParseError('Header line too long', 513);
      // A lone CR or LF is a line end to some and not to others: never let the two readings differ.
      if (line.includes('\r') || line.includes('\n')) throw new ParseError('Lone CR or LF');
      const colon = line.indexOf(':');
      if (colon < 1) throw new ParseError('Header line without a name');
      headers.append(line.slice(0, colon).trimEnd(), line.slice(colon + 1).trim());
    } catch (error) {
      fault ??= asParseError(error);
    }
  }
  return { headers, fault };
}

function asParseError(error: unknown): ParseError {
  if (error instanceof ParseError) return error;
  throw error;
}

function parseRequest(
  startLine: string,
  headers: Headers,
  fault: ParseError | undefined,
  rest: Buffer,
): SipRequest {
  const match = /^([^ ]+) ([^ ]+) ([^ ]+)$/.exec(startLine);
  const method = match?.[1] ?? startLine.split(/\s/, 1)[0]!;
  const request = new SipRequest(method, match?.[2] ?? 'sip:invalid', headers);
  try {
    if (!match || !isToken(method)) throw new ParseError('Malformed request line');
    const version = match[3]!;
    if (version.toUpperCase() !== 'SIP/2.0') {
      // RFC 3261 §21.5.6.
      throw /^SIP\/[0-9]+\.[0-9]+$/i.test(version)
        ? new ParseError('Version not supported', 505)
        : new ParseError('Malformed request line');
    }
    if (fault) throw fault;
    const uri = request.uri;
    // RFC 3261 §19.1.1: headers have no place in a Request-URI.
    if (isSipUri(uri) && uri.headers !== undefined) throw new ParseError('Headers in the Request-URI');
    checkHeaders(request);
    // RFC 3261 §8.1.1.5.
    if (request.cseq.method !== method) throw new ParseError('CSeq names another method');
    if (headers.has('max-forwards')) {
      checkSingle(headers, 'max-forwards');
      request.maxForwards;
    }
    request.body = takeBody(headers, rest);
    return request;
  } catch (error) {
    const parseError = asParseError(error);
    if (isAnswerable(request)) parseError.request = request;
    throw parseError;
  }
}

function parseResponse(
  startLine: string,
  headers: Headers,
  fault: ParseError | undefined,
  rest: Buffer,
): SipResponse {
  const match = /^SIP\/2\.0 ([1-6][0-9]{2})(?: (.*))?$/.exec(startLine);
  if (!match) throw new ParseError('Malformed status line');
  if (fault) throw fault;
  const response = new SipResponse(Number(match[1]), match[2] ?? '', headers);
  checkHeaders(response);
  response.body = takeBody(headers, rest);
  return response;
}

function checkSingle(headers: Headers, name: string): void {
  const count = headers.all(name).length;
  if (count === 0) throw new ParseError(`Missing ${name}`);
  if (count > 1) throw new ParseError(`More than one ${name}`); // RFC 3261 §7.3.1
}

/** RFC 3261 §8.1.1: what every message has, read now so that later readers need not fear. */
function checkHeaders(message: SipMessage): void {
  const { headers } = message;
  for (const name of ['from', 'to', 'call-id', 'cseq']) checkSingle(headers, name);
  if (message.vias.length === 0) throw new ParseError('Missing Via');
  if (message.vias.length > messageBounds.vias) throw new ParseError('Too many Via values', 513);
  message.from;
  message.to;
  message.cseq;
  const callId = message.callId;
  if (callId.length > messageBounds.callIdLength || !/^\S+$/.test(callId)) {
    throw new ParseError('Malformed Call-ID');
  }
}

/** RFC 3261 §18.3: Content-Length cuts a datagram; one that promises more than came is an error. */
function takeBody(headers: Headers, rest: Buffer): Buffer {
  const length = contentLength(headers);
  if (length === undefined) {
    if (rest.length > messageBounds.bodyBytes) throw new ParseError('Body too long', 413);
    return rest;
  }
  if (length > rest.length) throw new ParseError('Content-Length exceeds what came');
  return rest.subarray(0, length);
}

/** The one Content-Length, or undefined when there is none. */
export function contentLength(headers: Headers): number | undefined {
  const values = headers.all('content-length');
  if (values.length === 0) return undefined;
  const length = parseNumber(values[0]!, 2 ** 31);
  if (length === undefined) throw new ParseError('Malformed Content-Length');
  if (values.some((value) => value !== values[0])) throw new ParseError('Content-Length values differ');
  if (length > messageBounds.bodyBytes) throw new ParseError('Body too long', 413);
  return length;
}

/** Whether the five headers that a response copies are there and its way back can be read. */
function isAnswerable(request: SipRequest): boolean {
  if (request.method === 'ACK') return false; // RFC 3261 §17.1.1.3: never answered
  try {
    for (const name of ['from', 'to', 'call-id', 'cseq']) {
      if (!request.headers.has(name)) return false;
    }
    request.topVia;
    return true;
  } catch {
    return false;
  }
}
