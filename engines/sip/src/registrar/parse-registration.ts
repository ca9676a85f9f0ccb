import type { SipRequest } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import { formatParams } from '../message/params.ts';
import { ParseError } from '../message/parse-error.ts';
import { parseClampedNumber } from '../message/typed-headers.ts';
import { formatUri, isSipUri, type SipUri } from '../message/uri.ts';
import { SipRefusal } from '../refusal.ts';
import type { ContactChange, RegistrationChanges } from './types.ts';

export interface RegistrationLimits {
  readonly minExpiresSeconds: number;
  readonly maxExpiresSeconds: number;
  readonly defaultExpiresSeconds: number;
}

const maxContacts = 10;

/** The address-of-record: To without parameters, port and headers (RFC 3261 §10.3 step 5). */
export function parseAor(request: SipRequest): SipUri {
  const { uri } = request.to;
  if (!isSipUri(uri)) throw new SipRefusal(404, 'Not Found');
  const { scheme, user, host } = uri;
  return user === undefined ? { scheme, host, params: new Map() } : { scheme, user, host, params: new Map() };
}

/** What a REGISTER asks for (RFC 3261 §10.3 steps 6 and 7). Throws ParseError, or SipRefusal 423. */
export function parseRegistrationChanges(
  request: SipRequest,
  limits: RegistrationLimits,
): RegistrationChanges {
  const { contacts } = request;
  if (contacts === '*') {
    if (request.expires !== 0) throw new ParseError('The wildcard contact needs Expires: 0');
    return { kind: 'remove-all' };
  }
  if (contacts.length === 0) return { kind: 'query' };
  if (contacts.length > maxContacts) throw new ParseError('Too many contacts');
  return {
    kind: 'update',
    contacts: contacts.map((contact) => parseContact(contact, request.expires, limits)),
  };
}

function parseContact(
  contact: NameAddr,
  headerExpires: number | undefined,
  limits: RegistrationLimits,
): ContactChange {
  // RFC 5627 §5.1: a GRUU leads to a contact; as a contact it would lead to itself.
  if (isSipUri(contact.uri) && contact.uri.params.has('gr')) throw new SipRefusal(403, 'GRUU As Contact');
  const params = new Map(contact.params);
  const instanceId = params.get('+sip.instance')?.replace(/^<|>$/g, '').slice(0, 256);
  const regId = parseClampedNumber(params.get('reg-id') ?? '', 2 ** 31 - 1);
  const q = parseQ(params.get('q'));
  const expiresSeconds = chooseExpires(params.get('expires'), headerExpires, limits);
  params.delete('expires');
  params.delete('q');
  // RFC 5627 §4.2: these are ours to give.
  params.delete('pub-gruu');
  params.delete('temp-gruu');
  return {
    uri: formatUri(contact.uri),
    expiresSeconds,
    q,
    ...(instanceId && { instanceId }),
    ...(instanceId && regId && { regId }),
    params: formatParams(params),
  };
}

/** RFC 3261 §10.2.1.1: the parameter, then the header, then what we choose; a malformed one counts as absent. */
function chooseExpires(
  param: string | null | undefined,
  header: number | undefined,
  limits: RegistrationLimits,
): number {
  const wished = parseClampedNumber(param ?? '') ?? header ?? limits.defaultExpiresSeconds;
  if (wished > 0 && wished < limits.minExpiresSeconds) {
    throw new SipRefusal(423, 'Interval Too Brief', [['min-expires', String(limits.minExpiresSeconds)]]);
  }
  return Math.min(wished, limits.maxExpiresSeconds);
}

function parseQ(text: string | null | undefined): number {
  return text && /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 1;
}
