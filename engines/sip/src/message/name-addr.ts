import { formatParams, isToken, type Params, parseParams, quote, readQuoted } from './params.ts';
import { ParseError } from './parse-error.ts';
import { formatUri, parseUri, type Uri } from './uri.ts';

/** The value of From, To, Contact, Route… (RFC 3261 §20.10): a URI, how to show it, and the header's parameters. */
export interface NameAddr {
  readonly displayName?: string;
  readonly uri: Uri;
  readonly params: Params;
}

export function parseNameAddr(input: string): NameAddr {
  const text = input.trim();
  let displayName = '';
  let at = 0;
  if (text.charCodeAt(0) === 34) {
    const quoted = readQuoted(text, 0);
    displayName = quoted.value;
    at = quoted.end;
    while (text[at] === ' ' || text[at] === '\t') at++;
    if (text[at] !== '<') throw new ParseError('A display name without an address in angle brackets');
  } else {
    at = text.indexOf('<');
    if (at < 0) return parseAddrSpec(text);
    displayName = text.slice(0, at).trim();
    // Departs from RFC 3261 §25.1: an unquoted display name may hold more than token characters, as many telephones
    // send accents and dots; what would be read as something else stays forbidden.
    if (/[",;:@\\>]/.test(displayName)) throw new ParseError('Display name must be quoted');
  }
  const close = text.indexOf('>', at);
  if (close < 0) throw new ParseError('Angle bracket not closed');
  const uri = parseUri(text.slice(at + 1, close).trim());
  const params = parseParams(text, close + 1);
  return displayName === '' ? { uri, params } : { displayName, uri, params };
}

/** Without angle brackets everything from the first semicolon belongs to the header (RFC 3261 §20). */
function parseAddrSpec(text: string): NameAddr {
  const semicolon = text.indexOf(';');
  const uriText = (semicolon < 0 ? text : text.slice(0, semicolon)).trimEnd();
  if (/[?,]/.test(uriText)) throw new ParseError('This address must be in angle brackets');
  return { uri: parseUri(uriText), params: semicolon < 0 ? new Map() : parseParams(text, semicolon) };
}

export function formatNameAddr(address: NameAddr): string {
  const { displayName } = address;
  let name = '';
  if (displayName) name = isToken(displayName) ? `${displayName} ` : `${quote(displayName)} `;
  return `${name}<${formatUri(address.uri)}>${formatParams(address.params)}`;
}

/** The same address with its tag replaced, or without one. */
export function withTag(address: NameAddr, tag: string | undefined): NameAddr {
  const params = new Map(address.params);
  if (tag === undefined) params.delete('tag');
  else params.set('tag', tag);
  return { ...address, params };
}
