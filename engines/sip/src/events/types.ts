import type { SipRequest } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { SipUri } from '../message/uri.ts';
import type { Flow } from '../transport/types.ts';

export interface NotifyBody {
  readonly contentType: string;
  readonly content: string | Buffer;
}

/** RFC 6665 §4.1.3: why we end a subscription, and with that what the subscriber does next. */
export type TerminationReason =
  | 'deactivated' // subscribe anew at once
  | 'probation' // later, see retryAfterSeconds
  | 'rejected' // not again
  | 'timeout' // it was not refreshed
  | 'giveup' // nobody has decided in time
  | 'noresource' // what was watched is gone
  | 'invariant'; // its state will never change

export interface SubscriptionEvents {
  /** Told once, unless `reject` was called: unsubscribed, expired, ended by us, or its NOTIFY was not answered. */
  ended?(why: 'unsubscribed' | 'expired' | 'terminated' | 'unreachable'): void;
  /** The subscriber has refreshed it; the current state goes out by itself. */
  refreshed?(expiresSeconds: number): void;
}

/** Somebody, signed in, wants to be told about something (RFC 6665). Decide with `accept` or `reject`. */
export interface IncomingSubscription {
  readonly id: string;
  /** The event package: one of `eventPackages`. */
  readonly event: string;
  /** What is watched: the Request-URI. */
  readonly resource: SipUri;
  readonly subscriber: NameAddr;
  readonly principal: unknown;
  readonly flow: Flow;
  readonly request: SipRequest;
  /** Media types that the subscriber reads, lower-case; empty: the package's own. */
  readonly accepts: readonly string[];
  readonly state: 'undecided' | 'pending' | 'active' | 'ended';
  on: SubscriptionEvents;
  /**
   * 200, and NOTIFY with the state that `current` gives. It is asked each time that a NOTIFY is about to go out; several
   * changes in the time that one takes are told in one. `isPending`: somebody else has yet to decide, and nothing but that
   * is told; call `accept` again then.
   */
  accept(current: () => NotifyBody | undefined, options?: { isPending?: boolean }): void;
  /** A final status of 300-699; only while undecided. */
  reject(status: number, reason?: string): void;
  /** The state has changed. */
  changed(): void;
  terminate(reason: TerminationReason, retryAfterSeconds?: number): void;
}

export interface SubscriptionLimits {
  /** At a time, in all (default 20 000) and from one address (default 1 000); more are answered 503. */
  subscriptions?: number;
  subscriptionsPerPeer?: number;
}
