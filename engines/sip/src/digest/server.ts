import { timingSafeEqual } from 'node:crypto';
import type { SipRequest } from '../message/message.ts';
import type { AuthHeader } from '../message/typed-headers.ts';
import { type DigestAlgorithm, digestAlgorithms, digestResponse, parseAlgorithm } from './digest.ts';
import type { Nonces } from './nonces.ts';

/** What is known of a user: H(username ":" realm ":" password) in lower-case hex, and who that is. */
export interface KnownCredentials {
  ha1: string;
  principal: unknown;
  /** Told how the digest came out, for who counts wrong ones; an unknown user is known to the lookup itself. */
  judged?(verdict: DigestVerdict): void;
}

export type CredentialsLookup = (query: {
  realm: string;
  /** The user's name, or with `isUserhash` what stands for it: `createUserhash('SHA-256', name, realm)`. */
  username: string;
  isUserhash: boolean;
  algorithm: DigestAlgorithm;
  request: SipRequest;
}) => Promise<KnownCredentials | null>;

export type DigestVerdict =
  | { readonly signedIn: true; readonly principal: unknown }
  | { readonly signedIn: false; readonly stale: boolean };

const refused: DigestVerdict = { signedIn: false, stale: false };
const stale: DigestVerdict = { signedIn: false, stale: true };

/**
 * One WWW-Authenticate value per algorithm, the stronger first (RFC 8760 §2.4). `takesUserhash` invites hashed names
 * (RFC 7616 §3.3), beside SHA-256 alone: who knows them knows that, and the challenge for older ones stays as they know it.
 */
export function createChallenges(
  nonces: Nonces,
  realm: string,
  isStale: boolean,
  algorithms: readonly DigestAlgorithm[] = digestAlgorithms,
  takesUserhash = false,
): string[] {
  const nonce = nonces.create(realm);
  const quotedRealm = realm.replace(/["\\]/g, '\\$&');
  return algorithms.map(
    (algorithm) =>
      `Digest realm="${quotedRealm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${isStale ? ', stale=true' : ''}` +
      (takesUserhash && algorithm === 'SHA-256' ? ', userhash=true' : ''),
  );
}

interface Credentials {
  readonly username: string;
  readonly isUserhash: boolean;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly nc: string;
  readonly cnonce: string;
  readonly algorithm: DigestAlgorithm;
}

const userhash = /^[0-9a-f]{64}$/i;

function readCredentials(header: AuthHeader): Credentials | undefined {
  const { params } = header;
  const username = params.get('username');
  const nonce = params.get('nonce');
  const uri = params.get('uri');
  const response = params.get('response');
  const nc = params.get('nc');
  const cnonce = params.get('cnonce');
  const algorithm = parseAlgorithm(params.get('algorithm'));
  if (!username || !nonce || !uri || !response || !nc || !cnonce || !algorithm) return undefined;
  // Without qop nothing would count the uses of a nonce: the form of RFC 2069 is refused.
  if (params.get('qop')?.toLowerCase() !== 'auth') return undefined;
  if (username.length > 256 || cnonce.length > 256 || !/^[0-9a-f]{8}$/i.test(nc)) return undefined;
  const isUserhash = params.get('userhash')?.toLowerCase() === 'true';
  if (isUserhash && (algorithm !== 'SHA-256' || !userhash.test(username))) return undefined;
  const name = isUserhash ? username.toLowerCase() : username;
  return { username: name, isUserhash, nonce, uri, response, nc, cnonce, algorithm };
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Checks Authorization against the realm (RFC 7616 §3.4, RFC 8760). An unknown user costs the same work and gets the
 * same verdict as a wrong password. `stale` is only for somebody who knows the password (RFC 7616 §3.3).
 *
 * Departs from RFC 7616 §3.4.6: the digest's uri is not compared with the Request-URI, for telephones and proxies put
 * the server's address there; a captured answer is of no use elsewhere, since each count of a nonce is taken once.
 */
export async function verifyDigest(
  nonces: Nonces,
  request: SipRequest,
  realm: string,
  lookup: CredentialsLookup,
): Promise<DigestVerdict> {
  const header = request
    .authHeaders('authorization')
    .find(({ scheme, params }) => scheme.toLowerCase() === 'digest' && params.get('realm') === realm);
  const credentials = header && readCredentials(header);
  if (!credentials) return refused;
  const { username, isUserhash, algorithm, nonce } = credentials;
  // RFC 7616 §3.4.4: the hashed name finds whose it is; A1, and so what is stored, is of the plain one.
  const known = await lookup({ realm, username, isUserhash, algorithm, request });
  const ha1 = known?.ha1 ?? '0'.repeat(algorithm === 'MD5' ? 32 : 64);
  const expected = digestResponse({ ...credentials, ha1, method: request.method });
  const matches = sameText(expected, credentials.response.toLowerCase());
  const verdict = judge();
  known?.judged?.(verdict);
  return verdict;

  function judge(): DigestVerdict {
    if (!known || !matches || !credentials) return refused;
    if (nonces.check(nonce, realm) !== 'fresh') return stale;
    return nonces.spend(nonce, Number.parseInt(credentials.nc, 16))
      ? { signedIn: true, principal: known.principal }
      : stale;
  }
}
