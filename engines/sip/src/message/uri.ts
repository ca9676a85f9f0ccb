import type { Params } from './params.ts';
import { ParseError } from './parse-error.ts';

/**
 * A SIP or SIPS URI (RFC 3261 §19.1). `user` and `password` are unescaped and may hold any character, control
 * characters too; `host` is lower-case, an IPv6 address in brackets; parameter values are as they were escaped.
 */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  readonly user?: string;
  readonly password?: string;
  readonly host: string;
  readonly port?: number;
  readonly params: Params;
  /** What follows `?`, escaped as it came. */
  readonly headers?: string;
}

/** Any other URI (`tel:+33…`, `isbn:…`): the scheme is lower-case, the rest as it came. */
export interface OtherUri {
  readonly scheme: string;
  readonly opaque: string;
}

export type Uri = SipUri | OtherUri;

const maxUriLength = 4096;
const schemePattern = /^[A-Za-z][A-Za-z0-9+.-]*$/;
/** Visible characters without quotes and angle brackets. */
const visiblePattern = /^[!#-;=?-~\u0080-\uffff]+$/;
const hostPattern = /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?|\[[0-9A-Fa-f:.]+\])$/;
/** RFC 3261 §25.1 unreserved and user-unreserved, escapes included; non-ASCII text is let through. */
const userPattern = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2}|[\u0080-\uffff])*$/;
const paramPattern = /^(?:[A-Za-z0-9\-_.!~*'()[\]/:&+$]|%[0-9A-Fa-f]{2}|[\u0080-\uffff])+$/;
const escapable = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu;

export function isSipUri(uri: Uri): uri is SipUri {
  return uri.scheme === 'sip' || uri.scheme === 'sips';
}

function unescapeText(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Escaped bytes that are not UTF-8: kept as Latin-1 rather than refused, for the user part is opaque to us.
    return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
}

function escapeUser(text: string): string {
  return text.replace(escapable, (character) => {
    let escaped = '';
    for (const byte of Buffer.from(character, 'utf8')) {
      escaped += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    }
    return escaped;
  });
}

export function parseUri(text: string): Uri {
  if (text.length > maxUriLength) throw new ParseError('URI too long', 414);
  const colon = text.indexOf(':');
  const scheme = colon > 0 ? text.slice(0, colon).toLowerCase() : '';
  if (!schemePattern.test(scheme)) throw new ParseError('URI without a scheme');
  const rest = text.slice(colon + 1);
  if (!visiblePattern.test(rest)) throw new ParseError('Malformed URI');
  return scheme === 'sip' || scheme === 'sips' ? parseSipParts(scheme, rest) : { scheme, opaque: rest };
}

export function parseSipUri(text: string): SipUri {
  const uri = parseUri(text);
  if (!isSipUri(uri)) throw new ParseError('Not a SIP URI', 416); // RFC 3261 §8.2.2.1
  return uri;
}

function parseSipParts(scheme: 'sip' | 'sips', rest: string): SipUri {
  let user: string | undefined;
  let password: string | undefined;
  let hostPart = rest;
  const at = rest.indexOf('@');
  if (at >= 0) {
    const userInfo = rest.slice(0, at);
    hostPart = rest.slice(at + 1);
    const colon = userInfo.indexOf(':');
    const rawUser = colon < 0 ? userInfo : userInfo.slice(0, colon);
    if (rawUser.length === 0 || !userPattern.test(rawUser)) throw new ParseError('Malformed user in URI');
    user = unescapeText(rawUser);
    if (colon >= 0) {
      const rawPassword = userInfo.slice(colon + 1);
      if (!userPattern.test(rawPassword)) throw new ParseError('Malformed password in URI');
      password = unescapeText(rawPassword);
    }
  }
  let headers: string | undefined;
  const question = hostPart.indexOf('?');
  if (question >= 0) {
    headers = hostPart.slice(question + 1);
    hostPart = hostPart.slice(0, question);
  }
  const semicolon = hostPart.indexOf(';');
  const params =
    semicolon < 0 ? new Map<string, string | null>() : parseUriParams(hostPart.slice(semicolon + 1));
  const { host, port } = parseHostPort(semicolon < 0 ? hostPart : hostPart.slice(0, semicolon));
  return {
    scheme,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    host,
    ...(port !== undefined && { port }),
    params,
    ...(headers !== undefined && { headers }),
  };
}

function parseUriParams(text: string): Params {
  const params: Params = new Map();
  for (const part of text.split(';', 65)) {
    const equals = part.indexOf('=');
    const rawName = equals < 0 ? part : part.slice(0, equals);
    if (!paramPattern.test(rawName)) throw new ParseError('Malformed URI parameter');
    const name = unescapeText(rawName).toLowerCase();
    const value = equals < 0 ? null : part.slice(equals + 1);
    if (value !== null && !paramPattern.test(value)) throw new ParseError(`Malformed URI parameter ${name}`);
    if (params.has(name)) throw new ParseError(`URI parameter ${name} appears twice`); // RFC 3261 §19.1.1
    if (params.size >= 64) throw new ParseError('Too many URI parameters');
    params.set(name, value);
  }
  return params;
}

/** Parses `host`, `host:port` or `[IPv6]:port`. */
export function parseHostPort(text: string): { host: string; port?: number } {
  let host = text;
  let port: number | undefined;
  const bracket = text.lastIndexOf(']');
  const colon = text.indexOf(':', bracket + 1);
  if (colon >= 0) {
    host = text.slice(0, colon).trimEnd();
    const portText = text.slice(colon + 1).trimStart();
    port = /^[0-9]{1,5}$/.test(portText) ? Number(portText) : 0;
    if (port < 1 || port > 65535) throw new ParseError('Port outside 1-65535');
  }
  if (host.length > 255 || !hostPattern.test(host)) throw new ParseError('Malformed host');
  return port === undefined ? { host: host.toLowerCase() } : { host: host.toLowerCase(), port };
}

export function formatUri(uri: Uri): string {
  if (!isSipUri(uri)) return `${uri.scheme}:${uri.opaque}`;
  let text = `${uri.scheme}:`;
  if (uri.user !== undefined) {
    text += escapeUser(uri.user);
    if (uri.password !== undefined) text += `:${escapeUser(uri.password)}`;
    text += '@';
  }
  text += uri.host;
  if (uri.port !== undefined) text += `:${uri.port}`;
  for (const [name, value] of uri.params) {
    // '&' and '+' and the like are legal as they are; only what the grammar forbids is escaped.
    const escapedName = paramPattern.test(name) ? name : encodeURIComponent(name);
    text += value === null ? `;${escapedName}` : `;${escapedName}=${value}`;
  }
  return uri.headers === undefined ? text : `${text}?${uri.headers}`;
}

const bothOrNeither = ['user', 'ttl', 'method', 'maddr', 'transport'];

/** RFC 3261 §19.1.4. Other schemes are equal when their text is. */
export function uriEquals(a: Uri, b: Uri): boolean {
  if (!isSipUri(a) || !isSipUri(b)) return formatUri(a) === formatUri(b);
  if (a.scheme !== b.scheme || a.user !== b.user || a.password !== b.password) return false;
  if (a.host.toLowerCase() !== b.host.toLowerCase() || a.port !== b.port) return false;
  for (const name of bothOrNeither) if (a.params.has(name) !== b.params.has(name)) return false;
  for (const [name, value] of a.params) {
    if (!b.params.has(name)) continue;
    const other = b.params.get(name) ?? '';
    if (unescapeText(value ?? '').toLowerCase() !== unescapeText(other).toLowerCase()) return false;
  }
  return headerSet(a.headers) === headerSet(b.headers);
}

function headerSet(headers: string | undefined): string {
  if (!headers) return '';
  return headers
    .split('&')
    .map((header) => {
      const equals = header.indexOf('=');
      if (equals < 0) return unescapeText(header).toLowerCase();
      return `${unescapeText(header.slice(0, equals)).toLowerCase()}=${unescapeText(header.slice(equals + 1))}`;
    })
    .sort()
    .join('&');
}
