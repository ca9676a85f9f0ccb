import type { Clock, TimerHandle } from '../clock.ts';
import { parseEvent, sameEvent } from '../events/event-header.ts';
import { createNotifier } from '../events/notifier.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { ParseError } from '../message/parse-error.ts';
import { parseReplaces } from '../message/replaces.ts';
import { reasonPhrase } from '../message/response.ts';
import { formatUri, isSipUri } from '../message/uri.ts';
import { SipRefusal } from '../refusal.ts';
import type { IncomingReferral } from './types.ts';

const undecidedMs = 30_000;
const lifetimeMs = 300_000;
const minSeconds = 10;

type HeaderLines = readonly (readonly [string, string])[];
type Respond = (status: number, reason?: string, headers?: HeaderLines) => void;

/** A REFER, and the subscription that it founded. */
export interface ReferralSubscription {
  readonly referral: IncomingReferral;
  /** SUBSCRIBE came in its dialog: false when it is about another subscription. */
  refresh(request: SipRequest, respond: Respond): boolean;
}

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
    respond: Respond;
    send(method: string, headers: HeaderLines, body: string | Buffer): Promise<SipResponse>;
    closed(): void;
  },
): ReferralSubscription {
  const { clock } = context;
  const { target, headers } = readTarget(request);
  const replacesText = headers.get('replaces');
  const method = isSipUri(target.uri) ? (target.uri.params.get('method') ?? 'INVITE') : 'INVITE';
  const referredBy = request.headers.get('referred-by');
  // RFC 4488 §4: nobody wants to be told.
  const isSilent = request.headers.get('refer-sub')?.trim().toLowerCase() === 'false';
  const named = { package: 'refer', id: String(request.cseq.number) };
  const event = options.isFirst ? 'refer' : `refer;id=${named.id}`;
  const notifier = createNotifier(event, options.send, () => close());
  let told: { status: number; reason: string } = { status: 100, reason: 'Trying' };
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
    told = { status, reason };
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

  function live(forMs: number): void {
    clock.clearTimer(timer);
    endsAtMs = clock.now() + forMs;
    timer = clock.setTimer(() => {
      tell(408, 'Request Timeout', true, 'timeout');
      close();
    }, forMs);
  }

  /** RFC 3515 §2.4.4: as any other subscription, it is refreshed or ended by SUBSCRIBE in its dialog (RFC 6665 §4.2.1). */
  function refresh(again: SipRequest, respond: Respond): boolean {
    const wished = parseEvent(again);
    // RFC 3515 §2.4.6: the first REFER of a dialog may be named with or without its id.
    const isMeant =
      sameEvent(wished, { ...wished, ...named }) ||
      (options.isFirst && wished.package === 'refer' && wished.id === undefined);
    if (!isMeant || isSilent || state !== 'accepted') return false;
    const seconds = Math.min(again.expires ?? lifetimeMs / 1000, lifetimeMs / 1000);
    if (seconds > 0 && seconds < minSeconds)
      throw new SipRefusal(423, 'Interval Too Brief', [['min-expires', String(minSeconds)]]);
    respond(200, undefined, [['expires', String(seconds)]]);
    if (seconds === 0) {
      // RFC 6665 §4.2.1.4: what it was at last, and no more. What was asked for goes on.
      tell(told.status, told.reason, true, 'timeout');
      close();
    } else {
      live(seconds * 1000);
      tell(told.status, told.reason, false);
    }
    return true;
  }

  const referral: IncomingReferral = {
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
      live(lifetimeMs);
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
  return { referral, refresh };
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
