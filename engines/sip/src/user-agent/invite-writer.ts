import { Headers } from '../message/headers.ts';
import { formatHistory } from '../message/identity.ts';
import { SipRequest } from '../message/message.ts';
import { formatNameAddr, type NameAddr, withTag } from '../message/name-addr.ts';
import { formatReplaces } from '../message/replaces.ts';
import { formatUri } from '../message/uri.ts';
import type { Flow } from '../transport/types.ts';
import type { AgentContext } from './context.ts';
import type { SessionInterval } from './session-interval.ts';
import type { InviteOptions } from './types.ts';

type HeaderLines = readonly (readonly [string, string])[];

/** Writes the INVITE of an outgoing session (RFC 3261 §13.2.1), as often as it must be sent. */
export interface InviteWriter {
  /** Without Via and Contact, which depend on the flow. */
  write(sequence: number, extra: HeaderLines): SipRequest;
  /** What goes to some and not to others (RFC 3325 §5, RFC 3323 §4.2, RFC 7044 §10.1). */
  identityHeaders(over: Flow): HeaderLines;
}

export function createInviteWriter(
  context: Pick<AgentContext, 'capabilities' | 'trusts'>,
  options: InviteOptions,
  session: {
    readonly local: NameAddr;
    readonly callId: string;
    readonly reliable: 'none' | 'supported' | 'required';
    readonly interval: SessionInterval;
  },
): InviteWriter {
  const { reliable } = session;
  const { allow, supported } = context.capabilities;

  return {
    write(sequence, extra) {
      const headers = new Headers([
        ['max-forwards', String(options.hops?.maxForwards ?? 70)],
        ...(options.hops ? [['max-breadth', String(options.hops.maxBreadth)] as const] : []),
        ...(options.route ?? []).map((route) => ['route', route] as const),
        ['from', formatNameAddr(session.local)],
        ['to', formatNameAddr(withTag(options.to, undefined))],
        ['call-id', session.callId],
        ['cseq', `${sequence} INVITE`],
        ['allow', allow],
        ['supported', reliable === 'none' ? supported.replace(/\b100rel, /, '') : supported],
        ...(reliable === 'required' ? [['require', '100rel'] as const] : []),
        ['accept', 'application/sdp'],
        ...session.interval.offer(),
        ...(options.replaces ? [['replaces', formatReplaces(options.replaces)] as const] : []),
        ...(options.offer === undefined ? [] : [['content-type', 'application/sdp'] as const]),
        ...(options.headers ?? []),
        ...extra,
      ]);
      return new SipRequest('INVITE', formatUri(options.target), headers, options.offer ?? '');
    },
    identityHeaders(over) {
      const { identity, history = [] } = options;
      const isPrivate = identity?.isPrivate ?? false;
      const isTrusted = context.trusts(over);
      const headers: (readonly [string, string])[] = [];
      if (identity && (isTrusted || !isPrivate)) {
        headers.push(['p-asserted-identity', formatNameAddr(withTag(identity.asserted, undefined))]);
      }
      if (isPrivate) headers.push(['privacy', 'id']);
      if (history.length > 0 && isTrusted) headers.push(['history-info', formatHistory(history)]);
      return headers;
    },
  };
}

/** The credentials that a request was signed in with, for the same request with another number. */
export function authOf(request: SipRequest): (readonly [string, string])[] {
  return ['authorization', 'proxy-authorization'].flatMap((name) =>
    request.headers.all(name).map((value) => [name, value] as const),
  );
}
