import type { SipMessage } from './message.ts';
import { ParseError } from './parse-error.ts';

/** The message's bytes, with a Content-Length that is true (RFC 3261 §20.14). */
export function serialise(message: SipMessage): Buffer {
  const { headers, body } = message;
  if (headers.has('content-length')) headers.delete('content-length');
  const head = `${startLine(message)}\r\n${headers.format()}Content-Length: ${body.length}\r\n\r\n`;
  if (body.length === 0) return Buffer.from(head, 'utf8');
  return Buffer.concat([Buffer.from(head, 'utf8'), body]);
}

function startLine(message: SipMessage): string {
  if (message.kind === 'response') {
    return `SIP/2.0 ${message.status} ${message.reasonPhrase.replace(/[\r\n]+/g, ' ')}`;
  }
  if (/\s/.test(message.uriText)) throw new ParseError('White space in the Request-URI');
  return `${message.method} ${message.uriText} SIP/2.0`;
}
