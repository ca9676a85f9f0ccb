import { isIP } from 'node:net';
import type { SipRequest } from '../message/message.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { ParseError } from '../message/parse-error.ts';
import { isSipUri } from '../message/uri.ts';
import { SipRefusal } from '../refusal.ts';
import type { Flow } from '../transport/types.ts';
import { supports } from '../user-agent/capabilities.ts';
import type { RegistrationChanges } from './types.ts';

const maxPathValues = 10;
const maxPathLength = 1024;

/** The Path of a REGISTER, as requests to the contact are to follow it (RFC 3327 §5.3). Throws ParseError. */
export function parsePath(request: SipRequest): string[] {
  if (!request.headers.has('path')) return [];
  const values = request.headers.list('path');
  if (values.length > maxPathValues) throw new ParseError('Too many Path values');
  for (const value of values) {
    if (value.length > maxPathLength || !isSipUri(parseNameAddr(value).uri))
      throw new ParseError('Malformed Path');
  }
  return values;
}

/**
 * Whether a REGISTER is one of several flows of an instance (RFC 5626 §6). Throws SipRefusal 439 when the first proxy
 * would not keep its flow, and ParseError when flows and ordinary contacts are mixed.
 */
export function isOutbound(
  request: SipRequest,
  changes: RegistrationChanges,
  path: readonly string[],
): boolean {
  if (changes.kind !== 'update' || !supports(request, 'outbound')) return false;
  const flows = changes.contacts.filter((contact) => contact.regId !== undefined);
  if (flows.length === 0) return false;
  const bound = changes.contacts.filter((contact) => contact.expiresSeconds > 0);
  if (bound.length > 1) throw new ParseError('More than one contact with a reg-id'); // RFC 5626 §6
  const first = path.at(-1);
  const firstUri = first === undefined ? undefined : parseNameAddr(first).uri;
  const keepsFlow = firstUri !== undefined && isSipUri(firstUri) && firstUri.params.has('ob');
  if (request.vias.length > 1 && !keepsFlow) throw new SipRefusal(439, 'First Hop Lacks Outbound Support');
  return true;
}

/**
 * A telephone whose own address is not the one that its datagrams come from, and that promises no sign of life in between:
 * what it stands behind forgets it after two minutes of silence, if not sooner (RFC 4787 §4.3).
 */
export function isForgotten(request: SipRequest, flow: Flow): boolean {
  if (flow.protocol !== 'udp' || request.vias.length > 1 || supports(request, 'outbound')) return false;
  const { host } = request.topVia;
  const own = host.startsWith('[') ? host.slice(1, -1) : host;
  return isIP(own) !== 0 && own !== flow.remote.address;
}

/** RFC 5626 §4.4: how often the client shows a sign of life; a NAT forgets UDP soonest. In seconds. */
export function flowTimer(flow: Flow): number {
  return flow.protocol === 'udp' ? 30 : 120;
}
