import { parseNameAddr } from '../message/name-addr.ts';
import { ParseError } from '../message/parse-error.ts';
import { isSipUri, type SipUri } from '../message/uri.ts';

/** Where a request with these Route values goes first (RFC 3261 §8.1.2). */
export function firstHop(route: readonly string[] | undefined, target: SipUri): SipUri {
  if (route?.[0] === undefined) return target;
  const { uri } = parseNameAddr(route[0]);
  if (!isSipUri(uri)) throw new ParseError('Route is not a SIP URI');
  return uri;
}
