import type { Dialog } from '../dialog/dialog.ts';
import type { ClientCredentials } from '../digest/client.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import { ParseError } from '../message/parse-error.ts';
import { createResponse } from '../message/response.ts';
import { formatReason, type ReasonHeader } from '../message/typed-headers.ts';
import { createSessionReferrals } from '../refer/session-referrals.ts';
import type { ReferOptions } from '../refer/types.ts';
import { SipRefusal } from '../refusal.ts';
import type { ServerTransaction } from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import { createAcknowledger } from './acknowledger.ts';
import { allows, refuseUnsupported } from './capabilities.ts';
import type { AgentContext, DialogUser } from './context.ts';
import { exchange } from './exchange.ts';
import { createOurReinvite } from './our-reinvite.ts';
import { createOurUpdate } from './our-update.ts';
import type { SessionInterval } from './session-interval.ts';
import { createSessionRequests } from './session-requests.ts';
import { createSessionTimer } from './session-timer.ts';
import { createTheirOffers } from './their-offers.ts';
import type { EndCause, InviteSession, InviteSessionEvents } from './types.ts';

/*
 * What both directions of a session do inside their dialog.
 *
 * open    requests go both ways. Theirs: session-requests.ts, their-offers.ts; ours: our-reinvite.ts, our-update.ts.
 * over    BYE was sent or came, or the other side is gone. Theirs are still answered until our BYE is: BYE 200,
 *         everything else 481. Told to the session once.
 */

export interface SessionDialogOptions {
  readonly dialog: Dialog;
  readonly flow: Flow;
  readonly contact: string;
  /** We sent the first INVITE. */
  readonly ownsCallId: boolean;
  readonly auth?: ClientCredentials | undefined;
  readonly interval: SessionInterval;
  readonly principal?: unknown;
  /** The session that this is the dialog of; undefined for a fork that is not answered. */
  session(): InviteSession | undefined;
  on(): InviteSessionEvents;
  /** Who has an INVITE under way that the dialog does not know of: the first one. */
  firstInvite(): 'ours' | 'theirs' | undefined;
  /** Whose offer in it has no answer yet. */
  firstOffer(): 'ours' | 'theirs' | undefined;
  /** PRACK came; throws SipRefusal 481 when it acknowledges nothing. */
  acknowledgeProvisional?(transaction: ServerTransaction): void;
  /** The dialog is over; called once. */
  ended(why: EndCause): void;
}

export interface SessionDialog extends DialogUser {
  readonly dialog: Dialog;
  readonly flow: Flow;
  readonly isOver: boolean;
  /** Answers an INVITE with 2xx and waits for the ACK; without one the session ends by timeout. */
  accept(transaction: ServerTransaction, response: SipResponse): Promise<SipRequest>;
  /** Acknowledges the 2xx of our INVITE, and again whenever it comes again. */
  acknowledge(sequence: number, sdp?: string): void;
  reacknowledge(sequence: number): boolean;
  bye(reason?: ReasonHeader): Promise<void>;
  reinvite(sdp: string): Promise<string>;
  /** By UPDATE; needs no ACK, and may be sent before the session is answered. */
  update(sdp: string): Promise<string>;
  info(contentType: string, body: Buffer | string): Promise<void>;
  refer(options: ReferOptions): Promise<number>;
  /** A request of any other kind. */
  send(
    method: string,
    headers?: readonly (readonly [string, string])[],
    body?: Buffer | string,
  ): Promise<SipResponse>;
  /** Their first message: what they allow. */
  learn(message: SipMessage): void;
  /** We said this of our media. */
  said(sdp: string): void;
  /** The interval was agreed on: the session's timer starts over. */
  agreed(): void;
  /** Forgets everything without a word. */
  close(): void;
}

const expiredReason: ReasonHeader = { protocol: 'SIP', cause: 408, text: 'Session timer expired' };

export function createSessionDialog(context: AgentContext, options: SessionDialogOptions): SessionDialog {
  const { dialog, contact, interval } = options;
  let { flow } = options;
  let isOver = false;
  let isOfferUnderWay = false;
  let theyAllowUpdate = false;
  let lastSaid: string | undefined;
  const waiting: (() => void)[] = [];
  const acknowledger = createAcknowledger(context, dialog, () => flow);
  const timer = createSessionTimer(context, interval, {
    refresh,
    expired: () => void hangUp({ by: 'timeout', reason: expiredReason }), // RFC 4028 §10
  });
  const ours = createOurReinvite(context, {
    dialog,
    contact,
    auth: options.auth,
    ownsCallId: options.ownsCallId,
    acknowledger,
    interval,
    flow: () => flow,
    agreed: timer.restart,
    theirsDone: () => until(() => isOver || !theirs.isOpen),
    hangUp: (why) => void hangUp(why),
  });
  const ourUpdate = createOurUpdate(context, {
    contact,
    interval,
    send,
    refreshTarget: dialog.refreshTarget,
    agreed: timer.restart,
    hangUp: (why) => void hangUp(why),
  });
  const theirs = createTheirOffers(context, {
    dialog,
    contact,
    interval,
    on: options.on,
    respond,
    otherInvite: () => (ours.isInviting ? 'ours' : options.firstInvite()),
    otherOffer: () => (ours.isInviting || ourUpdate.isOffering ? 'ours' : options.firstOffer()),
    said,
    agreed: timer.restart,
    wake,
    lost(why, isDead) {
      if (!isDead) void hangUp(why);
      else {
        end(why);
        context.removeDialog(dialog);
      }
    },
  });

  const referrals = createSessionReferrals(context, send, contact, options.principal);
  const requests = createSessionRequests(context, {
    contact,
    on: options.on,
    respond,
    theirs,
    referrals,
    acknowledgeProvisional: options.acknowledgeProvisional,
  });

  /** Resolves once the condition holds; looked at whenever something was finished. */
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function wake(): void {
    for (const resume of waiting.splice(0)) resume();
  }

  function said(sdp: string): void {
    lastSaid = sdp;
  }

  function end(why: EndCause): void {
    if (isOver) return;
    settle();
    options.ended(why);
  }

  function settle(): void {
    isOver = true;
    timer.close();
    wake();
    theirs.close();
    ours.abandon();
    referrals.close();
  }

  function respond(
    transaction: ServerTransaction,
    status: number,
    parts: { reason?: string; headers?: readonly (readonly [string, string])[]; body?: Buffer | string } = {},
  ): void {
    transaction.respond(createResponse(transaction.request, status, { ...parts, toTag: dialog.localTag }));
  }

  // ── what we send ────────────────────────────────────────────────────────────────────────────────────────────────

  async function openFlow(): Promise<Flow> {
    flow = await context.openFlow(flow, dialog.nextHop);
    return flow;
  }

  async function send(
    method: string,
    headers: readonly (readonly [string, string])[] = [],
    body: Buffer | string = '',
  ): Promise<SipResponse> {
    const over = await openFlow();
    return exchange(
      context,
      over,
      (extra) => dialog.createRequest(method, { headers: [...headers, ...extra], body }),
      options.auth,
    );
  }

  async function sendBye(reason: ReasonHeader | undefined): Promise<void> {
    try {
      await send('BYE', reason ? [['reason', formatReason(reason)]] : []);
    } catch (error) {
      context.log('info', 'BYE could not be sent', { callId: dialog.callId, error: String(error) });
    } finally {
      context.removeDialog(dialog);
    }
  }

  function bye(reason?: ReasonHeader): Promise<void> {
    return hangUp({ by: 'local', ...(reason && { reason }) });
  }

  function hangUp(why: EndCause): Promise<void> {
    if (isOver) return Promise.resolve();
    if (theirs.isAccepting) {
      // RFC 3261 §15: not before the ACK has come or was given up.
      return new Promise((resolve) => theirs.afterAck(() => resolve(hangUp(why))));
    }
    end(why);
    return sendBye(why.reason);
  }

  /** One offer at a time (RFC 3261 §14.1); what is under way may end first. */
  async function offer<T>(action: () => Promise<T>): Promise<T> {
    await until(() => isOver || !(isOfferUnderWay || theirs.isOpen));
    if (isOver) throw new SipRefusal(481, 'Session Ended');
    isOfferUnderWay = true;
    try {
      await openFlow();
      return await action();
    } finally {
      isOfferUnderWay = false;
      wake();
    }
  }

  async function reinvite(sdp: string): Promise<string> {
    if (options.firstInvite()) throw new SipRefusal(491, 'Request Pending');
    return offer(async () => {
      const answer = await ours.send(sdp);
      said(sdp);
      return answer;
    });
  }

  async function refresh(): Promise<boolean> {
    try {
      // RFC 4028 §7.4: UPDATE where it is allowed, for it needs no offer.
      if (theyAllowUpdate) await ourUpdate.send();
      else if (lastSaid !== undefined) await reinvite(lastSaid);
      return true;
    } catch (error) {
      context.log('info', 'A session could not be refreshed', {
        callId: dialog.callId,
        error: String(error),
      });
      return false;
    }
  }

  // ── what comes ──────────────────────────────────────────────────────────────────────────────────────────────────

  function learn(message: SipMessage): void {
    theyAllowUpdate = allows(message, 'UPDATE') ?? theyAllowUpdate;
  }

  function receiveBye(transaction: ServerTransaction): void {
    respond(transaction, 200);
    const { reason } = transaction.request;
    const wasOver = isOver;
    end({ by: 'remote', ...(reason && { reason }) });
    if (!wasOver) context.removeDialog(dialog);
  }

  function dispatch(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (!dialog.receive(request)) {
      respond(transaction, 500, { reason: 'CSeq Out Of Order' });
      return;
    }
    if (request.method === 'BYE') {
      receiveBye(transaction);
      return;
    }
    if (isOver) {
      respond(transaction, 481);
      return;
    }
    refuseUnsupported(request);
    learn(request);
    requests.receive(transaction);
  }

  return {
    dialog,
    get session() {
      return options.session();
    },
    get flow() {
      return flow;
    },
    get isOver() {
      return isOver;
    },
    accept: theirs.accept,
    acknowledge: acknowledger.acknowledge,
    reacknowledge: acknowledger.reacknowledge,
    bye,
    reinvite,
    async update(sdp) {
      if (options.firstOffer()) throw new SipRefusal(491, 'Request Pending'); // RFC 3311 §5.1
      return offer(async () => {
        const answer = await ourUpdate.send(sdp);
        said(sdp);
        return answer ?? '';
      });
    },
    async info(contentType, body) {
      if (isOver) throw new SipRefusal(481, 'Session Ended');
      const response = await send('INFO', [['content-type', contentType]], body);
      if (response.status >= 300) throw new SipRefusal(response.status, response.reasonPhrase);
    },
    async refer(referOptions) {
      if (isOver) throw new SipRefusal(481, 'Session Ended');
      return referrals.send(referOptions);
    },
    send,
    learn,
    said,
    agreed: timer.restart,
    receiveRequest(transaction, receivedOver) {
      // The connection that the session came over is gone: the other side has a new one.
      if (receivedOver.id !== flow.id && receivedOver.protocol !== 'udp') flow = receivedOver;
      try {
        dispatch(transaction);
      } catch (error) {
        if (error instanceof SipRefusal) {
          respond(transaction, error.status, { reason: error.message, headers: error.headers });
        } else if (error instanceof ParseError) {
          respond(transaction, error.status, { reason: error.message });
        } else throw error;
      }
    },
    receiveAck: theirs.receiveAck,
    close() {
      if (!isOver) settle();
      context.removeDialog(dialog);
    },
  };
}
