import { formatParams, isToken, type Params, parseParams, readQuoted } from './params.ts';
import { ParseError } from './parse-error.ts';
import { parseHostPort } from './uri.ts';

/** RFC 3261 §20.42. */
export interface Via {
  /** `2.0`, but a proxy of another time may have put another. */
  readonly version: string;
  /** Upper-case: UDP, TCP, TLS, WS, WSS, or one that we do not know. */
  readonly transport: string;
  readonly host: string;
  readonly port?: number;
  readonly params: Params;
  readonly branch?: string;
}

export interface CSeq {
  readonly number: number;
  readonly method: string;
}

/** RFC 3326: why a session ends. `protocol` is `SIP` (the cause is a status) or `Q.850`. */
export interface ReasonHeader {
  readonly protocol: string;
  readonly cause?: number;
  readonly text?: string;
}

/** Credentials or a challenge: `Digest username="…", …`. Names are lower-case, values unquoted. */
export interface AuthHeader {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

/** RFC 3261 §8.1.1.7: a branch that begins so is unique; the cookie alone says nothing. */
export const branchCookie = 'z9hG4bK';

export function parseVia(text: string): Via {
  const match = /^SIP[ \t]*\/[ \t]*([^\s;,/]{1,32})[ \t]*\/[ \t]*([^\s;,/]{1,32})[ \t]+([^;,]+)/i.exec(text);
  if (!match || !isToken(match[1]!) || !isToken(match[2]!)) throw new ParseError('Malformed Via');
  const params = parseParams(text, match[0].length);
  const branch = params.get('branch');
  return {
    version: match[1]!,
    transport: match[2]!.toUpperCase(),
    ...parseHostPort(match[3]!.trim()),
    params,
    ...(branch != null && { branch }),
  };
}

export function formatVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `SIP/${via.version}/${via.transport} ${via.host}${port}${formatParams(via.params)}`;
}

const mostDigits = 128;

/** The number that the text is, written in digits alone and however great; by hand, for each message has several. */
function readDigits(text: string): number | undefined {
  const { length } = text;
  if (length === 0 || length > mostDigits) return undefined;
  let number = 0;
  for (let at = 0; at < length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}

/** A whole number within [0, max], or undefined when the text is not one. */
export function parseNumber(text: string, max = 2 ** 32 - 1): number | undefined {
  const number = readDigits(text.trim());
  return number === undefined || number > max ? undefined : number;
}

/** As `parseNumber`, but a greater number counts as the greatest (RFC 3261 §20.19 for Expires). */
export function parseClampedNumber(text: string, max = 2 ** 32 - 1): number | undefined {
  const number = readDigits(text.trim());
  return number === undefined ? undefined : Math.min(number, max);
}

export function parseCSeq(text: string): CSeq {
  const trimmed = text.trim();
  const end = trimmed.search(/[ \t]/);
  // RFC 3261 §8.1.1.5: less than 2**31.
  const number = end < 0 ? undefined : parseNumber(trimmed.slice(0, end), 2 ** 31 - 1);
  const method = trimmed.slice(end).trimStart();
  if (number === undefined || !isToken(method)) throw new ParseError('Malformed CSeq');
  return { number, method };
}

/** Undefined when the text is no such header: a faulty Reason must not keep a call from ending. */
export function parseReason(text: string): ReasonHeader | undefined {
  const semicolon = text.indexOf(';');
  const protocol = (semicolon < 0 ? text : text.slice(0, semicolon)).trim();
  if (!isToken(protocol)) return undefined;
  try {
    const params = semicolon < 0 ? new Map<string, string | null>() : parseParams(text, semicolon);
    const cause = parseNumber(params.get('cause') ?? '', 999);
    const reasonText = params.get('text');
    return { protocol, ...(cause !== undefined && { cause }), ...(reasonText && { text: reasonText }) };
  } catch {
    return undefined;
  }
}

export function formatReason(reason: ReasonHeader): string {
  const cause = reason.cause === undefined ? '' : `;cause=${reason.cause}`;
  // RFC 3326 §2: the text is always quoted.
  const text =
    reason.text === undefined
      ? ''
      : `;text="${reason.text.replace(/[\r\n]+/g, ' ').replace(/["\\]/g, '\\$&')}"`;
  return `${reason.protocol}${cause}${text}`;
}

/** RFC 7616 §3.3, RFC 3261 §25.1 challenge and credentials. */
export function parseAuth(text: string): AuthHeader {
  const space = /^([^\s,="]+)[ \t]*/.exec(text.trimStart());
  if (!space || !isToken(space[1]!)) throw new ParseError('Malformed authentication header');
  const body = text.trimStart();
  const params = new Map<string, string>();
  let at = space[0].length;
  while (at < body.length) {
    const name = /[ \t,]*([^\s,="]+)[ \t]*=[ \t]*/y;
    name.lastIndex = at;
    const match = name.exec(body);
    if (!match) {
      if (/^[ \t,]*$/.test(body.slice(at))) break;
      throw new ParseError('Malformed authentication parameter');
    }
    at += match[0].length;
    let value: string;
    if (body.charCodeAt(at) === 34) {
      const quoted = readQuoted(body, at);
      value = quoted.value;
      at = quoted.end;
    } else {
      const start = at;
      while (at < body.length && body[at] !== ',' && body[at] !== ' ' && body[at] !== '\t') at++;
      value = body.slice(start, at);
    }
    const key = match[1]!.toLowerCase();
    if (params.has(key)) throw new ParseError(`Authentication parameter ${key} appears twice`);
    if (params.size >= 32) throw new ParseError('Too many authentication parameters');
    params.set(key, value);
  }
  return { scheme: space[1]!, params };
}
