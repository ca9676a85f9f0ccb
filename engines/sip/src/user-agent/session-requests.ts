import type { SessionReferrals } from '../refer/session-referrals.ts';
import { SipRefusal } from '../refusal.ts';
import type { ServerTransaction } from '../transaction/types.ts';
import { type AgentContext, guard } from './context.ts';
import type { TheirOffers, TheirOffersOptions } from './their-offers.ts';
import type { InviteSessionEvents } from './types.ts';

/** What the other side may ask inside a session that lives: each method to who answers it. */
export interface SessionRequests {
  /** Throws SipRefusal or ParseError, to be answered by the caller. */
  receive(transaction: ServerTransaction): void;
}

export function createSessionRequests(
  context: AgentContext,
  options: {
    readonly contact: string;
    theirs(): TheirOffers;
    referrals(): SessionReferrals;
    readonly respond: TheirOffersOptions['respond'];
    readonly acknowledgeProvisional: ((transaction: ServerTransaction) => void) | undefined;
    on(): InviteSessionEvents;
  },
): SessionRequests {
  const { contact, respond } = options;

  function receiveInfo(transaction: ServerTransaction): void {
    const { request } = transaction;
    const on = options.on();
    const infoPackage = request.headers.get('info-package');
    if (infoPackage !== undefined) {
      // RFC 6086 §4.2.2: we asked for no package, and an empty Recv-Info says so.
      respond(transaction, 469, { reason: 'Bad Info Package', headers: [['recv-info', '']] });
      return;
    }
    const type = request.contentType ?? '';
    const taken = on.infoTypes;
    // Without a body it is a sign of life, as it was before RFC 6086 §2, and answered 200.
    const isForeign = request.body.length > 0 && taken !== undefined && !taken.includes(type);
    if (!on.info || isForeign) {
      respond(transaction, 415, { headers: [['accept', (taken ?? ['application/sdp']).join(', ')]] });
      return;
    }
    guard(context, () => on.info?.(type, request.body));
    respond(transaction, 200);
  }

  function receiveRefer(transaction: ServerTransaction): void {
    if (!options.on().referred) {
      receiveOther(transaction);
      return;
    }
    options.referrals().receive(
      transaction.request,
      (status, reason, headers) =>
        respond(transaction, status, {
          ...(reason !== undefined && { reason }),
          // RFC 3515 §2.2: the 2xx founds a subscription, and says where we are.
          headers: [...(status < 300 ? [['contact', contact] as const] : []), ...(headers ?? [])],
        }),
      (referral) => options.on().referred?.(referral),
    );
  }

  function receiveSubscribe(transaction: ServerTransaction): void {
    const isIts = options.referrals().receiveSubscribe(transaction.request, (status, reason, headers) =>
      respond(transaction, status, {
        ...(reason !== undefined && { reason }),
        headers: [['contact', contact], ...(headers ?? [])],
      }),
    );
    if (!isIts) receiveOther(transaction);
  }

  function receiveNotify(transaction: ServerTransaction): void {
    if (options.referrals().receiveNotify(transaction.request, (status) => respond(transaction, status)))
      return;
    receiveOther(transaction);
  }

  function receiveOther(transaction: ServerTransaction): void {
    const { request } = transaction;
    let isTaken = false;
    guard(context, () => {
      isTaken =
        options.on().request?.(request, (status, reason, headers, body) =>
          respond(transaction, status, {
            ...(reason !== undefined && { reason }),
            ...(headers && { headers }),
            ...(body !== undefined && { body }),
          }),
        ) ?? false;
    });
    if (isTaken) return;
    const { method } = request;
    // RFC 6665 §4.1.3: a NOTIFY for a subscription that we do not have ends it over there.
    respond(transaction, method === 'SUBSCRIBE' ? 489 : method === 'NOTIFY' ? 481 : 405, {
      headers: [['allow', context.capabilities.allow]],
    });
  }

  return {
    receive(transaction) {
      switch (transaction.request.method) {
        case 'INVITE':
          options.theirs().receiveReinvite(transaction);
          return;
        case 'UPDATE':
          options.theirs().receiveUpdate(transaction);
          return;
        case 'PRACK':
          // RFC 3262 §3: what acknowledges nothing is 481.
          if (!options.acknowledgeProvisional) throw new SipRefusal(481, 'No Such Provisional Response');
          options.acknowledgeProvisional(transaction);
          return;
        case 'REFER':
          receiveRefer(transaction);
          return;
        case 'NOTIFY':
          receiveNotify(transaction);
          return;
        case 'SUBSCRIBE':
          receiveSubscribe(transaction);
          return;
        case 'INFO':
          receiveInfo(transaction);
          return;
        case 'OPTIONS':
          respond(transaction, 200, {
            headers: [
              ['allow', context.capabilities.allow],
              ['supported', context.capabilities.supported],
              ['accept', 'application/sdp'],
            ],
          });
          return;
        default:
          receiveOther(transaction);
      }
    },
  };
}
