/** @liaison/sip: a SIP stack (RFC 3261). Start with `createUserAgent`. */
export {
  type Clock,
  createManualClock,
  createRealClock,
  type ManualClock,
  type TimerHandle,
} from './clock.ts';
export { Headers } from './message/headers.ts';
export { type SipMessage, SipRequest, SipResponse } from './message/message.ts';
export { formatNameAddr, type NameAddr, parseNameAddr } from './message/name-addr.ts';
export type { Params } from './message/params.ts';
export { ParseError } from './message/parse-error.ts';
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
export type {
  Binding,
  ContactChange,
  RegisteredContact,
  Registration,
  RegistrationChanges,
} from './registrar/types.ts';
export type { Endpoint, Flow, Protocol, TransportOptions } from './transport/types.ts';
export {
  type ClientCredentials,
  type CredentialsQuery,
  type DigestAlgorithm,
  type EndCause,
  type Handlers,
  type IncomingMessage,
  type IncomingRequest,
  type InviteOptions,
  type InviteSession,
  type InviteSessionEvents,
  type Log,
  type RequestOptions,
  SipRefusal,
  type UserAgent,
  type UserAgentOptions,
} from './user-agent/types.ts';
export { createUserAgent } from './user-agent/user-agent.ts';
