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

/** Who sent a request: the principal, or a SipRefusal with the challenge. */
export type Authenticator = (request: SipRequest, flow: Flow) => Promise<{ principal: unknown }>;

export function createAuthenticator(
  options: Pick<
    UserAgentOptions,
    'authenticate' | 'digestAlgorithms' | 'handlers' | 'nonceSecret' | 'nonceLifetimeMs'
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
  return async (request, flow) => {
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
    const challenges = createChallenges(nonces, realm, verdict.stale, algorithms);
    throw new SipRefusal(
      401,
      'Unauthorized',
      challenges.map((value) => ['www-authenticate', value] as const),
    );
  };
}
