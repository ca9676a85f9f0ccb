import type { IncomingMessage as HttpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { ClientCredentials } from '../digest/client.ts';
import type { DigestAlgorithm } from '../digest/digest.ts';
import type { KnownCredentials } from '../digest/server.ts';
import type { IncomingSubscription, SubscriptionLimits } from '../events/types.ts';
import type { HistoryEntry } from '../message/identity.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { ReplacesHeader } from '../message/replaces.ts';
import type { ReasonHeader } from '../message/typed-headers.ts';
import type { SipUri } from '../message/uri.ts';
import type { Load, OverloadOptions } from '../overload/overload-control.ts';
import type { IncomingReferral, ReferOptions } from '../refer/types.ts';
import type { ResolvedGruu } from '../registrar/gruu.ts';
import type { RegisteredContact, Registration } from '../registrar/types.ts';
import type { TimerValues } from '../transaction/types.ts';
import type { ConnectionLimits } from '../transport/limits.ts';
import type { MessageObserver } from '../transport/observer.ts';
import type { Resolver } from '../transport/resolver.ts';
import type { Endpoint, Flow, ReceiveQueue, TransportOptions } from '../transport/types.ts';
import type { Hops } from './hops.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** Fields hold no bodies and no credentials. */
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

/** RFC 4028: sessions end when one side vanishes. Both sides must support it; who does not is left alone. */
export interface SessionTimerOptions {
  /** What we propose and the most we take. Default 1800. */
  expiresSeconds?: number;
  /** The least we take; RFC 4028 §4 forbids less than 90, which is the default: less is for tests. */
  minSeconds?: number;
  isOff?: boolean;
}

export interface UserAgentOptions {
  clock?: Clock;
  log?: Log;
  /** Goes into User-Agent and Server. */
  userAgent: string;
  transports: TransportOptions[];
  /** Host put into Via and Contact; the bound address when absent. */
  advertise?: string;
  /**
   * Another proof than Digest (a trunk's address, a client certificate): an object signs the request in, null asks for
   * Digest. Not asked for ACK, CANCEL or requests inside a dialog.
   */
  authenticate?(request: SipRequest, realm: string, flow: Flow): Promise<{ principal: unknown } | null>;
  /** What to offer a client in a challenge. Default: SHA-256 then MD5, but MD5 alone to clients known to fail otherwise. */
  digestAlgorithms?(request: SipRequest): readonly DigestAlgorithm[];
  /** Challenges invite hashed names (RFC 7616 §3.4.4); `credentials` is asked with `isUserhash` then. Default: no. */
  takesUserhash?: boolean;
  handlers: Handlers;
  /**
   * Whether the other end of a flow is inside our trust domain (RFC 3324 §2.3): a proxy or trunk of ours. Only from there
   * P-Asserted-Identity and History-Info are believed, others lose them before a handler sees the request; and only there
   * goes the identity of a caller who wants to stay private. Default: nobody.
   */
  trusts?(flow: Flow): boolean;
  /**
   * An INVITE whose Replaces names no dialog of this agent is left to `handlers.invite`, which knows other agents: see
   * `InviteSession.foreignReplaces`. Default: it is refused with 481 (RFC 3891 §3).
   */
  foreignReplaces?: boolean;
  sessionTimers?: SessionTimerOptions;
  /** Event packages (RFC 6665) that `handlers.subscribe` serves, e.g. `dialog`, `presence`, `message-summary`. */
  eventPackages?: readonly string[];
  /**
   * Which of our 101-199 are sent until PRACK acknowledges them (RFC 3262), to callers who support that. Default
   * `with-sdp`: those that carry SDP, and all to callers who require it.
   */
  reliableProvisionals?: 'when-required' | 'with-sdp' | 'when-supported';
  /** Seals nonces and temporary GRUUs; 32 random bytes when absent. Processes that share clients share it. */
  nonceSecret?: Buffer;
  /** A nonce is answered with stale=true after this. Default 300 000. */
  nonceLifetimeMs?: number;
  registration?: {
    minExpiresSeconds?: number;
    maxExpiresSeconds?: number;
    defaultExpiresSeconds?: number;
    /** The most for a datagram flow through a NAT that nothing else keeps open. Default 120. */
    maxExpiresBehindNatSeconds?: number;
  };
  /** Answers RFC 3263's questions to the DNS; the machine's own resolver when absent. */
  resolver?: Resolver;
  /** T1, T2 and T4 of RFC 3261; for tests and for links of long delay. */
  timers?: TimerValues;
  limits?: {
    /** Unanswered requests at a time; more are answered 503. Default 20 000. */
    transactions?: number;
    /** Of these, from one address. Default 10 000. */
    transactionsPerPeer?: number;
  } & ConnectionLimits &
    SubscriptionLimits;
  /**
   * Measures how long requests wait, and answers new INVITE, REGISTER and SUBSCRIBE outside of dialogs with 503 and Retry-After
   * while they wait too long. Default: nothing is measured, and only `limits` refuse.
   */
  overload?: OverloadOptions;
  /**
   * Sees every message that comes and goes, keep-alives apart, before it is parsed: for ladder diagrams and captures
   * (`summariseMessage` reads what a diagram shows). What it is given belongs to the engine, and holds credentials and
   * the content of messages: keep no more than is needed.
   */
  observer?: MessageObserver;
}

export interface CredentialsQuery {
  realm: string;
  /** With `isUserhash` what stands for the name: `createUserhash('SHA-256', name, realm)`. */
  username: string;
  isUserhash: boolean;
  algorithm: DigestAlgorithm;
  request: SipRequest;
}

export interface Handlers {
  /**
   * HA1 = H(username ":" realm ":" password) in lower-case hex; null for an unknown user, whom the answer does not tell
   * apart from a wrong password. Also null when there is no HA1 of this algorithm: the other is tried by the client.
   */
  credentials(query: CredentialsQuery): Promise<KnownCredentials | null>;
  /** The realm (of one organisation) that a request outside of dialogs signs in to; null is answered 404. */
  realmFor(request: SipRequest): string | null;
  /**
   * A signed-in REGISTER, already checked for form. Stores the changes (see `applyRegistration`) and returns what is
   * bound now. May the principal register this address? Throw `SipRefusal(403, …)` if not.
   */
  register(registration: Registration): Promise<RegisteredContact[]>;
  /** An incoming call, signed in: set `session.on` before the first await. An INVITE left alone is answered 408 after 300 s. */
  invite(session: InviteSession): void | Promise<void>;
  /** A stream connection is gone: whoever was registered over it cannot be reached there any more (RFC 5626 §5.3). */
  flowClosed?(flow: Flow): void;
  /** Default: 200 without sign-in to an OPTIONS for anybody. */
  options?(request: SipRequest, flow: Flow): Promise<void>;
  /** RFC 3428, signed in. Resolving answers 202. Default: 405. */
  message?(message: IncomingMessage): Promise<void>;
  /** REFER outside of any call, signed in. Default: 405. Inside one: `session.on.referred`. */
  refer?(referral: IncomingReferral): void | Promise<void>;
  /** Somebody wants to be told of one of `eventPackages`, signed in: set `on`, then `accept` or `reject`. Default: 489. */
  subscribe?(subscription: IncomingSubscription): void | Promise<void>;
  /** Any other method (PUBLISH, NOTIFY…), signed in: return false to leave it to the engine (405, 489, 501). */
  other?(incoming: IncomingRequest): Promise<boolean>;
}

export type Respond = (
  status: number,
  reason?: string,
  headers?: readonly (readonly [string, string])[],
  body?: Buffer | string,
) => void;

export interface IncomingRequest {
  request: SipRequest;
  principal: unknown;
  flow: Flow;
  respond: Respond;
}

export interface IncomingMessage {
  request: SipRequest;
  principal: unknown;
  flow: Flow;
  from: NameAddr;
  to: NameAddr;
  contentType: string;
  body: Buffer;
}

export interface InviteOptions {
  target: SipUri;
  /** Send over this registered flow; otherwise to the target's (or first route's) address. */
  flow?: Flow;
  /** Proxies to pass, as Route values: `Binding.path` (RFC 3327 §5.3). */
  route?: readonly string[];
  from: NameAddr;
  to: NameAddr;
  /** SDP. Absent: an INVITE without an offer; `on.accepted(offer)` then waits for `acknowledge(answer)`. */
  offer?: string;
  headers?: readonly (readonly [string, string])[];
  auth?: ClientCredentials;
  /** No final answer in this time: CANCEL, and `on.rejected(408, …)`. Default 180 000. */
  timeoutMs?: number;
  /** Whether provisional responses may, or must, be reliable (RFC 3262 §4). Default `supported`; without an offer `none`. */
  reliable?: 'none' | 'supported' | 'required';
  /** The call at the other side that this one is to take the place of (RFC 3891). */
  replaces?: ReplacesHeader;
  /**
   * Who calls, as we know (RFC 3325): P-Asserted-Identity. `isPrivate`: Privacy says so, From and Contact are anonymous
   * (RFC 3323 §4.1), and only those whom we trust are told.
   */
  identity?: { asserted: NameAddr; isPrivate?: boolean };
  /** Where the call was meant to go before (RFC 7044): see `extendHistory`. To those whom we trust. */
  history?: readonly HistoryEntry[];
  /** What is left of the call that this one is made of: see `hopsFor`. Default: 70 hops. */
  hops?: Hops;
}

export interface RequestOptions {
  method: string;
  target: SipUri;
  flow?: Flow;
  route?: readonly string[];
  from: NameAddr;
  to: NameAddr;
  headers?: readonly (readonly [string, string])[];
  body?: { contentType: string; content: Buffer | string };
  auth?: ClientCredentials;
  /** For requests that continue a series, as REGISTER does. */
  callId?: string;
  cseq?: number;
}

export interface BoundPorts {
  udpPort?: number;
  tcpPort?: number;
  tlsPort?: number;
  wsPort?: number;
  wssPort?: number;
}

export interface UserAgent {
  /** Opens the sockets; the ports are those bound, for a port of 0 was asked for. */
  start(): Promise<BoundPorts>;
  /** Ends sessions (BYE, 487, 503; best effort), closes every socket and timer. */
  stop(): Promise<void>;
  invite(options: InviteOptions): InviteSession;
  /** One request outside of any dialog; answers the final response, whatever its status. 408 and 503 stand for no answer and no transport (RFC 3261 §8.1.3.1). */
  request(options: RequestOptions): Promise<SipResponse>;
  /** Is a flow still open? Always true for a UDP socket of ours. */
  isFlowOpen(flow: Flow): boolean;
  readonly sessions: ReadonlyMap<string, InviteSession>;
  /** What overload control measures; undefined without it. */
  readonly load: Load | undefined;
  /** How much of what comes by UDP the system holds until it is read; undefined without UDP, and before `start`. */
  readonly receiveQueue: ReceiveQueue | undefined;
  /** Messages that came by UDP and that the system dropped since the start, because nobody read them in time; undefined where nobody knows. */
  dropped(): Promise<number | undefined>;
  /**
   * Takes over a WebSocket from a web server: call it with what Node's `upgrade` event gives. Needs a transport of
   * protocol `ws` or `wss`; refuses, and closes, what does not speak the subprotocol `sip` (RFC 7118 §5). `remote` is
   * the peer's address where a proxy stands between.
   */
  acceptUpgrade(request: HttpRequest, socket: Duplex, head: Buffer, remote?: Endpoint): void;
  /** Which instance a GRUU means (RFC 5627 §5.4); undefined when the URI is none of ours. */
  resolveGruu(uri: SipUri): ResolvedGruu | undefined;
  /** Another certificate for TLS and secure WebSocket, from now on; throws when the key does not belong to it. */
  setCertificate(certificate: string | Buffer, key: string | Buffer): void;
}

export interface EndCause {
  by: 'remote' | 'local' | 'timeout' | 'transport';
  reason?: ReasonHeader;
}

/**
 * What happens to a session. Exactly one of `rejected`, `cancelled` and `ended` ends it, also when this side asked for
 * it (`reject` → rejected, `cancel` → cancelled, `bye` → ended by local). An error thrown inside is logged.
 */
export interface InviteSessionEvents {
  /** Outgoing: 101-199 came; sdp when it carried one (early media). */
  progress?(status: number, sdp?: string): void;
  /** Outgoing: 2xx came. sdp is the answer, or the offer when our INVITE had none. */
  accepted?(sdp: string): void;
  /** Incoming: the ACK's answer to the offer given to `accept` (only when `remoteOffer` was undefined). */
  acknowledged?(answerSdp: string): void;
  /** A final refusal, theirs or ours; headers for those who route on (Contact of 302, Retry-After). */
  rejected?(status: number, reason: string, response?: SipResponse): void;
  /** Incoming: CANCEL came. Outgoing: our CANCEL has worked, or the call was over for another reason after `cancel`. */
  cancelled?(reason?: ReasonHeader): void;
  /** A re-INVITE with a new offer: resolve with the answer; throw SipRefusal (488) to keep things as they are. */
  reinvited?(offerSdp: string): Promise<string>;
  /** A re-INVITE without an offer: resolve with ours; `acknowledged` brings the answer. Absent: 488. */
  offerRequested?(): Promise<string>;
  /** An UPDATE with a new offer, also before the session is answered; answer at once. Absent: `reinvited` is asked. */
  updated?(offerSdp: string): Promise<string>;
  /** INFO (DTMF relay…). Absent: 415. */
  info?(contentType: string, body: Buffer): void;
  /** The types of body that `info` understands, lower-case: others are answered 415 (RFC 6086 §4.2.2). Absent: all. */
  infoTypes?: readonly string[];
  /** REFER: they ask for a transfer. Absent: `request` is asked. */
  referred?(referral: IncomingReferral): void;
  /** Any other request inside the session (SUBSCRIBE…): return true when `respond` is or will be called. Absent: 405. */
  request?(request: SipRequest, respond: Respond): boolean;
  ended?(why: EndCause): void;
}

export interface InviteSession {
  readonly id: string;
  readonly callId: string;
  readonly direction: 'incoming' | 'outgoing';
  readonly principal?: unknown;
  /** The INVITE, on an outgoing session as it was last sent, until it is answered: a call that stands keeps no message. */
  readonly request: SipRequest | undefined;
  /** Who is there: From of an incoming call, To of an outgoing one (with the tag once known). */
  readonly remote: NameAddr;
  readonly local: NameAddr;
  /** Incoming: the Request-URI. */
  readonly requested?: SipUri;
  readonly remoteOffer?: string;
  /**
   * Incoming: the call that this one is to take the place of (RFC 3891). Whether the principal may is yours to judge.
   * Once this one is accepted, the engine ends that one.
   */
  readonly replaces?: InviteSession;
  /** The same, of a dialog that is none of this agent's; who accepts ends that call. */
  readonly foreignReplaces?: ReplacesHeader;
  readonly state: 'early' | 'confirmed' | 'ended';
  /** Where its messages come from and go to. */
  readonly flow: Flow | undefined;
  on: InviteSessionEvents;

  /** Incoming: 180. */
  ring(): void;
  /**
   * Incoming: 183 with SDP. Sent reliably, it is the answer, and `accept` repeats it; should `accept` be given another,
   * that one is offered by re-INVITE after the ACK (RFC 3262 §5).
   */
  progress(sdp: string): void;
  /** Incoming: 200 with the answer (or with our offer when `remoteOffer` is undefined). Resolves on ACK; without one in 64*T1 sends BYE, ends by timeout and rejects. */
  accept(sdp: string): Promise<void>;
  /** Incoming: a final status of 300-699. */
  reject(status: number, reason?: string, headers?: readonly (readonly [string, string])[]): void;
  /** Outgoing, without effect once answered: CANCEL, carrying the Reason. A 200 that crosses it is acknowledged and hung up. */
  cancel(reason?: ReasonHeader): void;
  /** Outgoing, only after an INVITE without offer: sends the ACK with the answer. */
  acknowledge(answerSdp: string): void;
  /** Hangs up; resolves when BYE is answered or given up. Also right while early: cancels or rejects with 603. */
  bye(reason?: ReasonHeader): Promise<void>;
  /** Offers anew inside the session; answers the other side's answer. Glare is tried again; throws SipRefusal. */
  reinvite(sdp: string): Promise<string>;
  /**
   * Asks the other side to call somebody else: a transfer (RFC 3515). Resolves with the final status that it tells, or
   * with that of its acceptance where it will not tell; throws SipRefusal when it refuses. The session stays: hang up.
   */
  refer(options: ReferOptions): Promise<number>;
  /** As `reinvite`, by UPDATE (RFC 3311): without ACK, and already before the answer once an offer was answered reliably. */
  update(sdp: string): Promise<string>;
  /** Sends INFO; throws SipRefusal on a final answer of 300 or more. */
  info(contentType: string, body: Buffer | string): Promise<void>;
}
