import { Headers } from './headers.ts';
import { type SipRequest, SipResponse } from './message.ts';

const reasonPhrases: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  182: 'Queued',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Moved Temporarily',
  305: 'Use Proxy',
  380: 'Alternative Service',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  410: 'Gone',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  421: 'Extension Required',
  422: 'Session Interval Too Small',
  423: 'Interval Too Brief',
  430: 'Flow Failed',
  439: 'First Hop Lacks Outbound Support',
  440: 'Max-Breadth Exceeded',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  484: 'Address Incomplete',
  485: 'Ambiguous',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  489: 'Bad Event',
  491: 'Request Pending',
  493: 'Undecipherable',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  505: 'Version Not Supported',
  513: 'Message Too Large',
  600: 'Busy Everywhere',
  603: 'Decline',
  604: 'Does Not Exist Anywhere',
  606: 'Not Acceptable',
};

export function reasonPhrase(status: number): string {
  return reasonPhrases[status] ?? reasonPhrases[Math.floor(status / 100) * 100] ?? 'Unknown';
}

export interface ResponseParts {
  reason?: string | undefined;
  /** Added to To when the request had none there; every answer but 100 has one (RFC 3261 §8.2.6.2). */
  toTag?: string | undefined;
  headers?: readonly (readonly [string, string])[] | undefined;
  body?: Buffer | string | undefined;
}

/** A response that copies what RFC 3261 §8.2.6.2 says from the request, as it was written there. */
export function createResponse(request: SipRequest, status: number, parts: ResponseParts = {}): SipResponse {
  const headers = new Headers();
  for (const via of request.headers.all('via')) headers.append('via', via);
  headers.append('from', request.headers.get('from') ?? '');
  const to = request.headers.get('to') ?? '';
  headers.append(
    'to',
    parts.toTag !== undefined && status > 100 && !hasToTag(request) ? `${to};tag=${parts.toTag}` : to,
  );
  headers.append('call-id', request.headers.get('call-id') ?? '');
  headers.append('cseq', request.headers.get('cseq') ?? '');
  const timestamp = request.headers.get('timestamp');
  if (status === 100 && timestamp !== undefined) headers.append('timestamp', timestamp); // RFC 3261 §8.2.6.1
  for (const [name, value] of parts.headers ?? []) headers.append(name, value);
  return new SipResponse(status, parts.reason ?? reasonPhrase(status), headers, parts.body);
}

function hasToTag(request: SipRequest): boolean {
  try {
    return request.toTag !== undefined;
  } catch {
    return true; // A To that cannot be read is sent back untouched.
  }
}
