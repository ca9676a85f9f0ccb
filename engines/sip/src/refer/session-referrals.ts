import type { TimerHandle } from '../clock.ts';
import { parseEvent } from '../events/event-header.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { formatNameAddr } from '../message/name-addr.ts';
import { formatReplaces } from '../message/replaces.ts';
import { isSipUri } from '../message/uri.ts';
import { SipRefusal } from '../refusal.ts';
import { type AgentContext, guard } from '../user-agent/context.ts';
import { createIncomingReferral, type ReferralSubscription } from './incoming-referral.ts';
import type { IncomingReferral, ReferOptions } from './types.ts';

type HeaderLines = readonly (readonly [string, string])[];
type Respond = (status: number, reason?: string, headers?: HeaderLines) => void;

/** REFERs inside one session, both ways, and the subscriptions that they imply (RFC 3515 §2.4.4). */
export interface SessionReferrals {
  /** REFER came; throws SipRefusal or ParseError. */
  receive(request: SipRequest, respond: Respond, tell: (referral: IncomingReferral) => void): void;
  /** SUBSCRIBE came: false when it belongs to no REFER of theirs. Throws SipRefusal or ParseError. */
  receiveSubscribe(request: SipRequest, respond: Respond): boolean;
  /** NOTIFY came: false when it belongs to no REFER of ours. */
  receiveNotify(request: SipRequest, respond: Respond): boolean;
  /** Sends REFER; resolves with the final status that the other side tells. Throws SipRefusal when it will not. */
  send(options: ReferOptions): Promise<number>;
  close(): void;
}

interface Ours {
  /** CSeq of the REFER; known once it is answered. */
  sequence: number | undefined;
  readonly progress: ReferOptions['progress'];
  finish(status: number): void;
}

const maxIncoming = 4;
const defaultTimeoutMs = 180_000;

export function createSessionReferrals(
  context: AgentContext,
  send: (method: string, headers: HeaderLines, body?: string | Buffer) => Promise<SipResponse>,
  contact: string,
  principal: unknown,
): SessionReferrals {
  const { clock } = context;
  const ours = new Set<Ours>();
  const theirs = new Set<ReferralSubscription>();
  let hasSeenOne = false;
  const withContact: typeof send = (method, headers, body) =>
    send(method, [['contact', contact], ...headers], body);

  function find(id: string | undefined): Ours | undefined {
    const all = [...ours];
    if (id === undefined) return all[0];
    return all.find(({ sequence }) => sequence === undefined || String(sequence) === id);
  }

  return {
    receive(request, respond, tell) {
      if (theirs.size >= maxIncoming)
        throw new SipRefusal(503, 'Too Many Referrals', [['retry-after', '10']]);
      const subscription = createIncomingReferral(context, request, {
        principal,
        isFirst: !hasSeenOne,
        respond,
        send: withContact,
        closed: () => void theirs.delete(subscription),
      });
      hasSeenOne = true;
      theirs.add(subscription);
      guard(context, () => tell(subscription.referral));
    },
    receiveSubscribe: (request, respond) => [...theirs].some(({ refresh }) => refresh(request, respond)),
    receiveNotify(request, respond) {
      const event = parseEvent(request);
      const referral = event.package === 'refer' ? find(event.id) : undefined;
      if (!referral) return false;
      respond(200);
      const state = request.headers.get('subscription-state') ?? '';
      const line = /^SIP\/2\.0 ([1-6][0-9]{2}) ?(.*)/.exec(request.body.toString('utf8', 0, 512));
      const status = Number(line?.[1] ?? 0);
      if (status >= 200) referral.finish(status);
      else if (/^terminated\b/i.test(state.trim())) referral.finish(408);
      else if (status > 0) guard(context, () => referral.progress?.(status, line?.[2]?.trim() ?? ''));
      return true;
    },
    async send(options) {
      let timer: TimerHandle;
      let settle: (status: number) => void = () => {};
      const finished = new Promise<number>((resolve) => {
        settle = resolve;
      });
      const referral: Ours = {
        sequence: undefined,
        progress: options.progress,
        finish(status) {
          clock.clearTimer(timer);
          ours.delete(referral);
          settle(status);
        },
      };
      ours.add(referral);
      const response = await withContact('REFER', [
        ['refer-to', referTo(options)],
        ...(options.referredBy ? [['referred-by', formatNameAddr(options.referredBy)] as const] : []),
      ]).catch((error: unknown) => {
        ours.delete(referral);
        throw error;
      });
      if (response.status >= 300) {
        ours.delete(referral);
        throw new SipRefusal(response.status, response.reasonPhrase);
      }
      referral.sequence = response.cseq.number;
      // RFC 4488 §4: the other side will not tell; then its acceptance is all there is.
      if (response.headers.get('refer-sub')?.trim().toLowerCase() === 'false')
        referral.finish(response.status);
      else if (ours.has(referral)) {
        timer = clock.setTimer(() => referral.finish(408), options.timeoutMs ?? defaultTimeoutMs);
      }
      return finished;
    },
    close() {
      for (const referral of [...ours]) referral.finish(408);
    },
  };
}

function referTo({ target, replaces }: ReferOptions): string {
  if (!replaces || !isSipUri(target.uri)) return formatNameAddr({ ...target, params: new Map() });
  // RFC 3891 §5, RFC 3261 §19.1.1: inside the URI, escaped.
  const headers = `Replaces=${encodeURIComponent(formatReplaces(replaces))}`;
  return formatNameAddr({ ...target, uri: { ...target.uri, headers }, params: new Map() });
}
