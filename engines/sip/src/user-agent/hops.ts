import type { SipRequest } from '../message/message.ts';
import { parseNumber } from '../message/typed-headers.ts';
import { SipRefusal } from '../refusal.ts';

/** RFC 5393 §5.3.3: how many branches a call may have at once, where nobody says. */
const defaultBreadth = 60;

/** What is left of a call that came, for those that are made of it: see `InviteOptions.hops`. */
export interface Hops {
  readonly maxForwards: number;
  /** For one branch. */
  readonly maxBreadth: number;
}

/**
 * Divides what is left of a request among the calls that it becomes at the same time, so that calls that lead back to us
 * end (RFC 3261 §16.6 step 3, RFC 5393 §5.3). Throws SipRefusal 483 or 440 when there is not enough.
 */
export function hopsFor(request: SipRequest, branches = 1): Hops {
  const maxForwards = request.maxForwards - 1;
  if (maxForwards < 0) throw new SipRefusal(483, 'Too Many Hops');
  const value = request.headers.get('max-breadth');
  const breadth = Math.min(
    (value === undefined ? undefined : parseNumber(value)) ?? defaultBreadth,
    defaultBreadth,
  );
  const maxBreadth = Math.floor(breadth / Math.max(1, branches));
  if (maxBreadth < 1) throw new SipRefusal(440, 'Max-Breadth Exceeded');
  return { maxForwards, maxBreadth };
}
