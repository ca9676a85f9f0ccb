import type { SipMessage } from '../message/message.ts';
import { SipRefusal } from '../refusal.ts';

/** The SDP that a message carries, or undefined when it has none. TODO(RFC 5621): SDP inside multipart bodies. */
export function sdpOf(message: SipMessage): string | undefined {
  if (message.body.length === 0) return undefined;
  if (message.contentType !== 'application/sdp') return undefined;
  return message.body.toString('utf8');
}

/** Refuses a body that we could not read, in a request that may carry SDP (RFC 3261 §8.2.3, §21.4.13). */
export function requireReadableBody(message: SipMessage): void {
  const encoding = message.headers.get('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new SipRefusal(415, 'Unsupported Media Type', [['accept-encoding', 'identity']]);
  }
  if (message.body.length > 0 && message.contentType !== 'application/sdp') {
    throw new SipRefusal(415, 'Unsupported Media Type', [['accept', 'application/sdp']]);
  }
}

/** Refuses somebody who could not read our SDP (RFC 3261 §21.4.7). */
export function requireAcceptsSdp(message: SipMessage): void {
  if (!message.headers.has('accept')) return;
  const types = message.headers
    .list('accept')
    .map((range) => range.replace(/;.*$/s, '').trim().toLowerCase());
  if (!types.some((type) => type === 'application/sdp' || type === 'application/*' || type === '*/*')) {
    throw new SipRefusal(406, 'Not Acceptable');
  }
}
