import type { SipRequest } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { ReplacesHeader } from '../message/replaces.ts';

/** Somebody wants us to send a request to a third (RFC 3515): for INVITE, a transfer. Decide with `accept` or `reject`. */
export interface IncomingReferral {
  readonly request: SipRequest;
  readonly principal: unknown;
  /** Refer-To, without the headers that its URI asks to be put into the request. */
  readonly target: NameAddr;
  /** `INVITE` unless the URI names another. */
  readonly method: string;
  /** The call that the new one takes the place of: an attended transfer (RFC 5589 §7). */
  readonly replaces: ReplacesHeader | undefined;
  /** Who says to have referred (RFC 3892); not proven. */
  readonly referredBy: NameAddr | undefined;
  /** 202; without a decision in 30 s it is 603. */
  accept(): void;
  reject(status: number, reason?: string): void;
  /** How it goes: a provisional status, then one final, which ends it. Without one in 300 s it ends by itself. */
  notify(status: number, reason?: string): void;
}

export interface ReferOptions {
  target: NameAddr;
  /** The call that the new one is to replace, seen from the third party: an attended transfer. */
  replaces?: ReplacesHeader;
  /** Goes out as Referred-By. */
  referredBy?: NameAddr;
  /** Each provisional status that the other side tells. */
  progress?(status: number, reason: string): void;
  /** No word of how it ended in this time: 408. Default 180 000. */
  timeoutMs?: number;
}
