import type { Dialog } from '../dialog/dialog.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { createResponse } from '../message/response.ts';
import { SipRefusal } from '../refusal.ts';
import type { ServerTransaction } from '../transaction/types.ts';
import { type Acceptance, createAcceptance } from './acceptance.ts';
import { type AgentContext, guard } from './context.ts';
import { requireReadableBody, sdpOf } from './session-description.ts';
import type { SessionInterval } from './session-interval.ts';
import type { EndCause, InviteSessionEvents } from './types.ts';

/*
 * Their INVITEs and UPDATEs inside a dialog.
 *
 * idle       nothing of theirs is open.
 * deciding   a re-INVITE or UPDATE waits for our user. Answer → INVITE: accepting; UPDATE: idle. Refused → idle.
 * accepting  a 2xx to an INVITE is out. ACK → idle; none in 64*T1 → the session ends.
 *
 * Ours under way: 491. Theirs under way: 500 with Retry-After (RFC 3261 §14.2, RFC 3311 §5.2).
 */

export interface TheirOffers {
  /** An INVITE or UPDATE of theirs is unfinished. */
  readonly isOpen: boolean;
  /** A 2xx of ours waits for its ACK. */
  readonly isAccepting: boolean;
  receiveReinvite(transaction: ServerTransaction): void;
  receiveUpdate(transaction: ServerTransaction): void;
  /** Answers an INVITE with 2xx and waits for the ACK; without one the session ends by timeout. */
  accept(transaction: ServerTransaction, response: SipResponse): Promise<SipRequest>;
  receiveAck(ack: SipRequest): void;
  /** Calls back once the 2xx is acknowledged or given up. */
  afterAck(action: () => void): void;
  close(): void;
}

export interface TheirOffersOptions {
  readonly dialog: Dialog;
  readonly contact: string;
  readonly interval: SessionInterval;
  on(): InviteSessionEvents;
  respond(
    transaction: ServerTransaction,
    status: number,
    parts?: { reason?: string; headers?: readonly (readonly [string, string])[]; body?: Buffer | string },
  ): void;
  /** Whose INVITE is under way that this file does not know of. */
  otherInvite(): 'ours' | 'theirs' | undefined;
  /** Whose offer waits for its answer, as far as this file does not know. */
  otherOffer(): 'ours' | 'theirs' | undefined;
  /** We said this of our media. */
  said(sdp: string): void;
  /** The session was agreed on anew. */
  agreed(): void;
  /** Something was finished. */
  wake(): void;
  /** The transport failed, or no ACK came. */
  lost(why: EndCause, isDead: boolean): void;
}

export function createTheirOffers(context: AgentContext, options: TheirOffersOptions): TheirOffers {
  const { dialog, interval, respond } = options;
  let deciding: ServerTransaction | undefined;
  let acceptance: Acceptance | undefined;
  let abandonAcceptance: ((error: Error) => void) | undefined;
  let afterAck: (() => void) | undefined;

  function accept(transaction: ServerTransaction, response: SipResponse): Promise<SipRequest> {
    return new Promise((resolve, reject) => {
      abandonAcceptance = reject;
      transaction.failed = (failure) => {
        acceptance?.close();
        acceptance = undefined;
        options.lost({ by: failure }, true);
      };
      const finish = () => {
        acceptance = undefined;
        abandonAcceptance = undefined;
        options.wake();
        const next = afterAck;
        afterAck = undefined;
        return next;
      };
      acceptance = createAcceptance(context, transaction, response, {
        acknowledged(ack) {
          const next = finish();
          resolve(ack);
          next?.();
        },
        unacknowledged() {
          const next = finish();
          reject(new Error('No ACK came for the 2xx'));
          // RFC 3261 §13.3.1.4
          if (next) next();
          else options.lost({ by: 'timeout' }, false);
        },
      });
    });
  }

  function laterPlease(transaction: ServerTransaction): void {
    respond(transaction, 500, { headers: [['retry-after', String(Math.floor(Math.random() * 11))]] });
  }

  function receiveReinvite(transaction: ServerTransaction): void {
    const { request } = transaction;
    const other = options.otherInvite();
    // RFC 3261 §14.2; RFC 3311 §5.1: an UPDATE of ours with an offer counts.
    if (other === 'ours' || options.otherOffer() === 'ours') {
      respond(transaction, 491);
      return;
    }
    if (deciding || acceptance || other === 'theirs') {
      laterPlease(transaction);
      return;
    }
    requireReadableBody(request);
    interval.check(request);
    const on = options.on();
    const offer = sdpOf(request);
    if (offer === undefined ? !on.offerRequested : !on.reinvited) {
      respond(transaction, 488);
      return;
    }
    deciding = transaction;
    dialog.refreshTarget(request);
    void answerReinvite(transaction, offer);
  }

  async function decide(
    transaction: ServerTransaction,
    ask: () => Promise<string>,
  ): Promise<string | undefined> {
    try {
      const sdp = await ask();
      return deciding === transaction ? sdp : undefined;
    } catch (error) {
      if (deciding !== transaction) return undefined;
      deciding = undefined;
      options.wake();
      const refusal = error instanceof SipRefusal ? error : new SipRefusal(488, 'Not Acceptable Here');
      respond(transaction, refusal.status, { reason: refusal.message, headers: refusal.headers });
      return undefined;
    }
  }

  async function answerReinvite(transaction: ServerTransaction, offer: string | undefined): Promise<void> {
    const on = options.on();
    const sdp = await decide(transaction, () =>
      offer === undefined ? on.offerRequested!() : on.reinvited!(offer),
    );
    if (sdp === undefined) return;
    options.said(sdp);
    const response = createResponse(transaction.request, 200, {
      headers: [
        ['contact', options.contact],
        ['allow', context.capabilities.allow],
        ['supported', context.capabilities.supported],
        ['content-type', 'application/sdp'],
        ...interval.answer(transaction.request),
      ],
      body: sdp,
    });
    const acknowledged = accept(transaction, response);
    deciding = undefined; // From here on the acceptance keeps the place.
    options.agreed();
    try {
      const ack = await acknowledged;
      const answer = sdpOf(ack);
      if (offer === undefined && answer !== undefined)
        guard(context, () => options.on().acknowledged?.(answer));
    } catch {
      // The session has ended and was told so.
    }
  }

  function receiveUpdate(transaction: ServerTransaction): void {
    const { request } = transaction;
    requireReadableBody(request);
    const offer = sdpOf(request);
    if (deciding?.request.method === 'UPDATE') {
      laterPlease(transaction);
      return;
    }
    if (offer !== undefined) {
      const other = options.otherOffer();
      if (other === 'ours') {
        respond(transaction, 491);
        return;
      }
      if (deciding || acceptance || other === 'theirs') {
        laterPlease(transaction);
        return;
      }
    }
    interval.check(request);
    dialog.refreshTarget(request); // RFC 3311 §5.2
    if (offer === undefined) {
      // RFC 4028 §9: a sign of life.
      finishUpdate(transaction, undefined);
      return;
    }
    const on = options.on();
    if (!on.updated && !on.reinvited) {
      respond(transaction, 488);
      return;
    }
    deciding = transaction;
    void (async () => {
      const sdp = await decide(transaction, () => (on.updated ? on.updated(offer) : on.reinvited!(offer)));
      if (sdp === undefined) return;
      deciding = undefined;
      options.said(sdp);
      finishUpdate(transaction, sdp);
      options.wake();
    })();
  }

  function finishUpdate(transaction: ServerTransaction, sdp: string | undefined): void {
    respond(transaction, 200, {
      headers: [
        ['contact', options.contact],
        ['allow', context.capabilities.allow],
        ['supported', context.capabilities.supported],
        ...(sdp === undefined ? [] : [['content-type', 'application/sdp'] as const]),
        ...interval.answer(transaction.request),
      ],
      ...(sdp !== undefined && { body: sdp }),
    });
    options.agreed();
  }

  return {
    get isOpen() {
      return deciding !== undefined || acceptance !== undefined;
    },
    get isAccepting() {
      return acceptance !== undefined;
    },
    receiveReinvite,
    receiveUpdate,
    accept,
    receiveAck(ack) {
      if (acceptance?.sequence === ack.cseq.number) acceptance.acknowledge(ack);
    },
    afterAck(action) {
      const former = afterAck;
      afterAck = () => {
        former?.();
        action();
      };
    },
    close() {
      if (deciding) respond(deciding, 487);
      deciding = undefined;
      acceptance?.close();
      acceptance = undefined;
      abandonAcceptance?.(new Error('The session ended before the ACK came'));
      abandonAcceptance = undefined;
      const waiting = afterAck;
      afterAck = undefined;
      waiting?.();
    },
  };
}
