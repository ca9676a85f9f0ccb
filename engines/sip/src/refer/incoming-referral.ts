import type { Clock, TimerHandle } from '../clock.ts';
import { createNotifier } from '../events/notifier.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { ParseError } from '../message/parse-error.ts';
import { parseReplaces } from '../message/replaces.ts';
import { reasonPhrase } from '../message/response.ts';
import { formatUri, isSipUri } from '../message/uri.ts';
import type { IncomingReferral } from './types.ts';

const undecidedMs = 30_000;
const lifetimeMs = 300_000;

type HeaderLines = readonly (readonly [string, string])[];

/**
 * A REFER that came (RFC 3515 §2.4). `respond` answers it; `send` sends NOTIFY in its dialog; `closed` is called once,
 * when nothing more will be sent. Throws ParseError.
 */
export function createIncomingReferral(
  context: { clock: Clock },
  request: SipRequest,
  options: {
    principal: unknown;
    /** The first REFER of its dialog: its NOTIFYs need no id (RFC 3515 §2.4.6). */
    isFirst: boolean;
    respond(status: number, reason?: string, headers?: HeaderLines): void;
    send(method: string, headers: HeaderLines, body: string | Buffer): Promise<SipResponse>;
    closed(): void;
  },
): IncomingReferral {
  const { clock } = context;
  const { target, headers } = readTarget(request);
  const replacesText = headers.get('replaces');
  const method = isSipUri(target.uri) ? (target.uri.params.get('method') ?? 'INVITE') : 'INVITE';
  const referredBy = request.headers.get('referred-by');
  // RFC 4488 §4: nobody wants to be told.
  const isSilent = request.headers.get('refer-sub')?.trim().toLowerCase() === 'false';
  const event = options.isFirst ? 'refer' : `refer;id=${request.cseq.number}`;
  const notifier = createNotifier(event, options.send, () => close());
  let state: 'undecided' | 'accepted' | 'closed' = 'undecided';
  let endsAtMs = 0;
  let timer: TimerHandle = clock.setTimer(() => reject(603), undecidedMs);

  function close(): void {
    if (state === 'closed') return;
    state = 'closed';
    clock.clearTimer(timer);
    void notifier.settled().then(options.closed);
  }

  function tell(status: number, reason: string, isFinal: boolean, why = 'noresource'): void {
    if (isSilent) return;
    notifier.notify(() => ({
      state: isFinal
        ? `terminated;reason=${why}`
        : `active;expires=${Math.max(1, Math.round((endsAtMs - clock.now()) / 1000))}`,
      // RFC 3515 §2.4.5, RFC 3420: the status line is enough.
      body: { contentType: 'message/sipfrag;version=2.0', content: `SIP/2.0 ${status} ${reason}\r\n` },
    }));
  }

  function reject(status: number, reason?: string): void {
    if (state !== 'undecided') return;
    options.respond(status, reason);
    close();
  }

  return {
    request,
    principal: options.principal,
    target,
    method: method.toUpperCase(),
    replaces: replacesText === undefined ? undefined : parseReplaces(replacesText),
    referredBy: referredBy === undefined ? undefined : parseNameAddr(referredBy),
    accept() {
      if (state !== 'undecided') return;
      state = 'accepted';
      options.respond(202, undefined, isSilent ? [['refer-sub', 'false']] : []);
      clock.clearTimer(timer);
      endsAtMs = clock.now() + lifetimeMs;
      timer = clock.setTimer(() => {
        tell(408, 'Request Timeout', true, 'timeout');
        close();
      }, lifetimeMs);
      tell(100, 'Trying', false); // RFC 3515 §2.4.4: at once
    },
    reject,
    notify(status, reason = reasonPhrase(status)) {
      if (state !== 'accepted') return;
      const line = reason.replace(/[\r\n]+/g, ' ');
      tell(status, line, status >= 200);
      if (status >= 200) close();
    },
  };
}

/** The one Refer-To (RFC 3515 §2.1), and the headers that its URI carries, by lower-case name. */
function readTarget(request: SipRequest): {
  target: IncomingReferral['target'];
  headers: ReadonlyMap<string, string>;
} {
  const lines = request.headers.all('refer-to');
  if (lines.length !== 1) throw new ParseError('A REFER needs one Refer-To');
  const target = parseNameAddr(lines[0]!);
  if (!isSipUri(target.uri)) return { target, headers: new Map() };
  const { headers: text, ...uri } = target.uri;
  const headers = new Map<string, string>();
  for (const pair of (text ?? '').split('&', 16)) {
    const equals = pair.indexOf('=');
    if (equals < 1) continue;
    const value = decode(pair.slice(equals + 1));
    // A line break in here would begin another header in the request that we send.
    if (/[\r\n]/.test(value)) throw new ParseError(`Line break in ${formatUri(uri)}`);
    headers.set(decode(pair.slice(0, equals)).toLowerCase(), value);
  }
  return { target: { ...target, uri }, headers };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ParseError('Malformed escape in Refer-To');
  }
}
