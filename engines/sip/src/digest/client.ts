import { randomBytes } from 'node:crypto';
import type { SipRequest, SipResponse } from '../message/message.ts';
import {
  createHa1,
  type DigestAlgorithm,
  digestAlgorithms,
  digestResponse,
  parseAlgorithm,
} from './digest.ts';

/** How the engine signs in where it is the client: the password, or the stored HA1. */
export interface ClientCredentials {
  username: string;
  password?: string;
  ha1?: (algorithm: DigestAlgorithm, realm: string) => string | undefined;
}

/**
 * The header that answers a 401 or 407, for the strongest algorithm offered (RFC 8760 §2.4); undefined when none of
 * its challenges can be met.
 */
export function answerChallenge(
  response: SipResponse,
  request: Pick<SipRequest, 'method' | 'uriText'>,
  credentials: ClientCredentials,
): readonly [name: string, value: string] | undefined {
  const isProxy = response.status === 407;
  const challenges = response.authHeaders(isProxy ? 'proxy-authenticate' : 'www-authenticate');
  for (const algorithm of digestAlgorithms) {
    for (const { scheme, params } of challenges) {
      const realm = params.get('realm');
      const nonce = params.get('nonce');
      if (scheme.toLowerCase() !== 'digest' || realm === undefined || nonce === undefined) continue;
      if (parseAlgorithm(params.get('algorithm')) !== algorithm) continue;
      const qops = params
        .get('qop')
        ?.split(',')
        .map((qop) => qop.trim().toLowerCase());
      // RFC 7616 §3.3: every challenge has qop. Departs from RFC 3261 §22.4: the older form without it is not answered.
      if (!qops?.includes('auth')) continue;
      const ha1 = findHa1(credentials, algorithm, realm);
      if (ha1 === undefined) continue;
      const { username } = credentials;
      const cnonce = randomBytes(12).toString('base64url');
      const nc = '00000001';
      const uri = request.uriText;
      const digest = digestResponse({ algorithm, ha1, method: request.method, uri, nonce, nc, cnonce });
      const opaque = params.get('opaque');
      const value =
        `Digest username="${escapeQuoted(username)}", realm="${escapeQuoted(realm)}", nonce="${escapeQuoted(nonce)}"` +
        `, uri="${uri}", response="${digest}", algorithm=${algorithm}, cnonce="${cnonce}", qop=auth, nc=${nc}` +
        (opaque === undefined ? '' : `, opaque="${escapeQuoted(opaque)}"`);
      return [isProxy ? 'proxy-authorization' : 'authorization', value];
    }
  }
  return undefined;
}

function escapeQuoted(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}

function findHa1(
  credentials: ClientCredentials,
  algorithm: DigestAlgorithm,
  realm: string,
): string | undefined {
  if (credentials.ha1) return credentials.ha1(algorithm, realm);
  if (credentials.password === undefined) return undefined;
  return createHa1(algorithm, credentials.username, realm, credentials.password);
}
