import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { createNonces } from '../digest/nonces.ts';
import { offeredAlgorithms } from '../digest/offered-algorithms.ts';
import { createChallenges, verifyDigest } from '../digest/server.ts';
import type { SipRequest } from '../message/message.ts';
import { SipRefusal } from '../refusal.ts';
import type { Flow } from '../transport/types.ts';
import type { UserAgentOptions } from './types.ts';

const defaultNonceLifetimeMs = 300_000;

export interface Authenticator {
  /** Who sent a request: the principal, or a SipRefusal with the challenge. */
  authenticate(request: SipRequest, flow: Flow): Promise<{ principal: unknown }>;
  /** Whether the value of an Authorization answers a challenge of ours that is still good; its digest is not looked at. */
  wasChallenged(authorization: string): boolean;
}

export function createAuthenticator(
  options: Pick<
    UserAgentOptions,
    'authenticate' | 'digestAlgorithms' | 'handlers' | 'nonceSecret' | 'nonceLifetimeMs' | 'takesUserhash'
  >,
  clock: Clock,
  /** Somebody has signed in over this flow. */
  vouch: (flow: Flow) => void,
): Authenticator {
  const { handlers } = options;
  const nonces = createNonces({
    clock,
    secret: options.nonceSecret ?? randomBytes(32),
    lifetimeMs: options.nonceLifetimeMs ?? defaultNonceLifetimeMs,
  });
  return { authenticate, wasChallenged };

  function wasChallenged(authorization: string): boolean {
    const nonce = /\bnonce="([\w-]{43})"/.exec(authorization)?.[1];
    const realm = /\brealm="([^"\\]{1,253})"/.exec(authorization)?.[1];
    return nonce !== undefined && realm !== undefined && nonces.check(nonce, realm) === 'fresh';
  }

  async function authenticate(request: SipRequest, flow: Flow): Promise<{ principal: unknown }> {
    const realm = handlers.realmFor(request);
    if (realm === null) throw new SipRefusal(404, 'Not Found');
    const proven = await options.authenticate?.(request, realm, flow);
    if (proven) {
      vouch(flow);
      return proven;
    }
    const verdict = await verifyDigest(nonces, request, realm, handlers.credentials);
    if (verdict.signedIn) {
      vouch(flow);
      return { principal: verdict.principal };
    }
    // RFC 3261 §22.2: a user agent server answers 401, also to wrong credentials.
    const algorithms = options.digestAlgorithms?.(request) ?? offeredAlgorithms(request);
    const { takesUserhash } = options;
    const challenges = createChallenges(nonces, realm, verdict.stale, algorithms, takesUserhash);
    throw new SipRefusal(
      401,
      'Unauthorized',
      challenges.map((value) => ['www-authenticate', value] as const),
    );
  }
}
