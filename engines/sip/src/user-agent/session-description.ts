import type { SipMessage } from '../message/message.ts';
import { isMultipart, parseMultipart } from '../message/multipart.ts';
import { ParseError } from '../message/parse-error.ts';
import { SipRefusal } from '../refusal.ts';

const sdpType = 'application/sdp';

/** The SDP that a message carries, alone or among other parts (RFC 5621 §3.1); undefined when it has none. */
export function sdpOf(message: SipMessage): string | undefined {
  if (message.body.length === 0) return undefined;
  if (message.contentType === sdpType) return message.body.toString('utf8');
  if (!isMultipart(message.contentType)) return undefined;
  try {
    return partsOf(message)
      .find(({ contentType }) => contentType === sdpType)
      ?.body.toString('utf8');
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

function partsOf(message: SipMessage) {
  return parseMultipart(message.headers.get('content-type') ?? '', message.body);
}

/** Refuses a body that we could not read, in a request that may carry SDP (RFC 3261 §8.2.3, §21.4.13). */
export function requireReadableBody(message: SipMessage): void {
  const encoding = message.headers.get('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new SipRefusal(415, 'Unsupported Media Type', [['accept-encoding', 'identity']]);
  }
  if (message.body.length === 0 || message.contentType === sdpType) return;
  if (isMultipart(message.contentType)) {
    // Departs from RFC 5621 §8.2: a part that says nothing of its handling (a location, an avatar) may be left aside;
    // only one that is called required must be understood.
    const others = partsOf(message).filter(({ contentType }) => contentType !== sdpType);
    if (!others.some(({ isRequired }) => isRequired)) return;
  }
  throw new SipRefusal(415, 'Unsupported Media Type', [['accept', `${sdpType}, multipart/mixed`]]);
}

/** Refuses somebody who could not read our SDP (RFC 3261 §21.4.7). */
export function requireAcceptsSdp(message: SipMessage): void {
  if (!message.headers.has('accept')) return;
  const types = message.headers
    .list('accept')
    .map((range) => range.replace(/;.*$/s, '').trim().toLowerCase());
  if (!types.some((type) => type === sdpType || type === 'application/*' || type === '*/*')) {
    throw new SipRefusal(406, 'Not Acceptable');
  }
}
