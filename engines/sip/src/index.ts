/** @liaison/sip: a SIP stack (RFC 3261). Start with `createUserAgent`. */
export {
  type Clock,
  createManualClock,
  createRealClock,
  type ManualClock,
  type TimerHandle,
} from './clock.ts';
export type { ClientCredentials } from './digest/client.ts';
export { createHa1, createUserhash, type DigestAlgorithm } from './digest/digest.ts';
export type {
  IncomingSubscription,
  NotifyBody,
  SubscriptionEvents,
  SubscriptionLimits,
  TerminationReason,
} from './events/types.ts';
export { Headers } from './message/headers.ts';
export {
  anonymous,
  assertedIdentities,
  extendHistory,
  type HistoryEntry,
  parseHistory,
  preferredIdentities,
  privacyOf,
} from './message/identity.ts';
export { type SipMessage, SipRequest, SipResponse } from './message/message.ts';
export { formatNameAddr, type NameAddr, parseNameAddr } from './message/name-addr.ts';
export type { Params } from './message/params.ts';
export { ParseError } from './message/parse-error.ts';
export { formatReplaces, parseReplaces, type ReplacesHeader } from './message/replaces.ts';
export type { ReasonHeader, Via } from './message/typed-headers.ts';
export {
  formatUri,
  isSipUri,
  type OtherUri,
  parseSipUri,
  parseUri,
  type SipUri,
  type Uri,
  uriEquals,
} from './message/uri.ts';
export type { Load, OverloadOptions } from './overload/overload-control.ts';
export type { IncomingReferral, ReferOptions } from './refer/types.ts';
export { SipRefusal } from './refusal.ts';
export { applyRegistration, registeredContacts } from './registrar/apply-registration.ts';
export type { ResolvedGruu } from './registrar/gruu.ts';
export type {
  Binding,
  ContactChange,
  RegisteredContact,
  Registration,
  RegistrationChanges,
} from './registrar/types.ts';
export type { ConnectionLimits } from './transport/limits.ts';
export {
  type MessageObserver,
  type MessageSummary,
  type ObservedMessage,
  summariseMessage,
} from './transport/observer.ts';
export { originOf } from './transport/origin.ts';
export { receiveQueueBytes } from './transport/receive-queue.ts';
export type { Answer, NaptrRecord, Resolver, SrvRecord } from './transport/resolver.ts';
export type {
  Endpoint,
  Flow,
  Protocol,
  ReceiveQueue,
  TlsOptions,
  TransportOptions,
} from './transport/types.ts';
export { type Hops, hopsFor } from './user-agent/hops.ts';
export { replacesOf } from './user-agent/replaces-of.ts';
export type {
  BoundPorts,
  CredentialsQuery,
  EndCause,
  Handlers,
  IncomingMessage,
  IncomingRequest,
  InviteOptions,
  InviteSession,
  InviteSessionEvents,
  Log,
  RequestOptions,
  SessionTimerOptions,
  UserAgent,
  UserAgentOptions,
} from './user-agent/types.ts';
export { createUserAgent } from './user-agent/user-agent.ts';
