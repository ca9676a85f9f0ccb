import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '@liaison/core/secrets';

const cookieName = 'liaison.known';
const label = 'people.known-browser';
const yearSeconds = 365 * 86_400;

const proofOf = (key: Buffer, nonce: string, address: string): Buffer =>
  createHmac('sha256', key).update(`${nonce} ${address}`).digest();

/** One cookie's value from a `Cookie` header; undefined when it is not there. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').slice(0, 16_384).split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/**
 * The proof that this browser has signed in to this account before. It opens nothing: it only spares its owner from
 * waiting for somebody else's guesses.
 *
 * @returns a name for the browser, or null.
 */
export function knownBrowser(
  secrets: Secrets,
  cookieHeader: string | undefined,
  address: string,
): string | null {
  const [nonce = '', proof = ''] = (cookieOf(cookieHeader, cookieName) ?? '').split('.');
  if (!/^[\w-]{22}$/.test(nonce) || !/^[\w-]{43}$/.test(proof)) return null;
  const given = Buffer.from(proof, 'base64url');
  const known = secrets
    .deriveAll(label)
    .some((key) => timingSafeEqual(given, proofOf(key, nonce, address.toLowerCase())));
  return known ? nonce : null;
}

/** The `Set-Cookie` line that makes this browser known. */
export function makeKnown(secrets: Secrets, address: string, secure: boolean): string {
  const nonce = randomBytes(16).toString('base64url');
  const proof = proofOf(secrets.derive(label), nonce, address.toLowerCase()).toString('base64url');
  return `${cookieName}=${nonce}.${proof}; Path=/api/v1/auth; Max-Age=${yearSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
