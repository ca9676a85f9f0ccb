import type { SipRequest } from '../message/message.ts';
import { type DigestAlgorithm, digestAlgorithms } from './digest.ts';

/**
 * Telephones that give up when any challenge names an algorithm that they do not know, instead of choosing another one
 * as RFC 8760 §2.4 asks. baresip up to 1.x: its library answers ENOSYS to the first that is not MD5. sipp (when its scenario
 * names itself): ends the process.
 */
const onlyMd5 = [/^baresip v[01]\./, /^sipp\b/i];

/** What is offered to this client, the strongest first. Who pretends to be old only weakens their own sign-in. */
export function offeredAlgorithms(request: SipRequest): readonly DigestAlgorithm[] {
  const userAgent = request.headers.get('user-agent') ?? '';
  return onlyMd5.some((pattern) => pattern.test(userAgent)) ? ['MD5'] : digestAlgorithms;
}
