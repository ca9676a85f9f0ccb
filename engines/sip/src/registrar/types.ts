import type { SipRequest } from '../message/message.ts';
import type { SipUri } from '../message/uri.ts';
import type { Flow } from '../transport/types.ts';

/** One Contact of a REGISTER. */
export interface ContactChange {
  /** The contact's URI as text, with its parameters. */
  readonly uri: string;
  /** 0 removes it. */
  readonly expiresSeconds: number;
  /** 0 to 1 (RFC 3261 §20.10); 1 when absent. */
  readonly q: number;
  /** RFC 5626 §4.1: `+sip.instance` without its angle brackets, and `reg-id`. */
  readonly instanceId?: string;
  readonly regId?: number;
  /** The contact's header parameters as text, without q, expires: goes back in the answer. */
  readonly params: string;
}

/** `query` asks only; `remove-all` is the wildcard (RFC 3261 §10.2.2). */
export type RegistrationChanges =
  | { readonly kind: 'query' }
  | { readonly kind: 'remove-all' }
  | { readonly kind: 'update'; readonly contacts: readonly ContactChange[] };

export interface Registration {
  /** To, without parameters and port (RFC 3261 §10.3). */
  readonly aor: SipUri;
  readonly principal: unknown;
  readonly changes: RegistrationChanges;
  readonly flow: Flow;
  readonly callId: string;
  readonly cseq: number;
  readonly userAgent?: string;
  /** Proxies between, the one next to us first: goes into Route when the contact is called (RFC 3327 §5.3). */
  readonly path?: readonly string[];
  readonly request: SipRequest;
}

/** What is bound now, as the 200 lists it. */
export interface RegisteredContact {
  readonly uri: string;
  readonly expiresSeconds: number;
  readonly q?: number;
  readonly params?: string;
  /** With these two the answer names the contact's GRUUs (RFC 5627 §5.3). */
  readonly instanceId?: string;
  readonly callId?: string;
}

/** A binding as a store keeps it: plain data. */
export interface Binding {
  readonly uri: string;
  readonly q: number;
  readonly params: string;
  readonly instanceId?: string;
  readonly regId?: number;
  readonly callId: string;
  readonly cseq: number;
  readonly expiresAtMs: number;
  readonly flow: Flow;
  /** See `InviteOptions.route`. */
  readonly path?: readonly string[];
  readonly userAgent?: string;
}
