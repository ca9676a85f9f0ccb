import type { Dialog } from '../dialog/dialog.ts';
import type { ClientCredentials } from '../digest/client.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { ParseError } from '../message/parse-error.ts';
import { createResponse } from '../message/response.ts';
import { formatReason, type ReasonHeader } from '../message/typed-headers.ts';
import { SipRefusal } from '../refusal.ts';
import type { ServerTransaction } from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import { type Acceptance, createAcceptance } from './acceptance.ts';
import { createAcknowledger } from './acknowledger.ts';
import { type AgentContext, allowedMethods, type DialogUser, guard } from './context.ts';
import { exchange } from './exchange.ts';
import { createOurReinvite } from './our-reinvite.ts';
import { requireReadableBody, sdpOf } from './session-description.ts';
import type { EndCause, InviteSessionEvents } from './types.ts';

/*
 * What both directions of a session do inside their dialog.
 *
 * open    requests go both ways. At most one re-INVITE at a time: ours under way → theirs gets 491, theirs under way →
 *         a second gets 500 (RFC 3261 §14.2).
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
  on(): InviteSessionEvents;
  /** Who has an INVITE under way that the dialog does not know of: the first one. */
  firstInvite(): 'ours' | 'theirs' | undefined;
  /** The dialog is over; called once. */
  ended(why: EndCause): void;
}

export interface SessionDialog extends DialogUser {
  readonly dialog: Dialog;
  readonly flow: Flow;
  /** Answers an INVITE with 2xx and waits for the ACK; without one the session ends by timeout. */
  accept(transaction: ServerTransaction, response: SipResponse): Promise<SipRequest>;
  /** Acknowledges the 2xx of our INVITE, and again whenever it comes again. */
  acknowledge(sequence: number, sdp?: string): void;
  reacknowledge(sequence: number): boolean;
  bye(reason?: ReasonHeader): Promise<void>;
  reinvite(sdp: string): Promise<string>;
  info(contentType: string, body: Buffer | string): Promise<void>;
  /** Forgets everything without a word. */
  close(): void;
}

export function createSessionDialog(context: AgentContext, options: SessionDialogOptions): SessionDialog {
  const { dialog, contact } = options;
  let { flow } = options;
  let isOver = false;
  let isOfferUnderWay = false;
  let theirReinvite: ServerTransaction | undefined;
  let acceptance: Acceptance | undefined;
  let abandonAcceptance: ((error: Error) => void) | undefined;
  let byeAfterAck: (() => void) | undefined;
  const acknowledger = createAcknowledger(context, dialog, () => flow);
  const ours = createOurReinvite(context, {
    dialog,
    contact,
    auth: options.auth,
    ownsCallId: options.ownsCallId,
    acknowledger,
    flow: () => flow,
    theirsDone: () => until(() => isOver || !(theirReinvite || acceptance)),
    hangUp: (why) => void hangUp(why),
  });
  const waiting: (() => void)[] = [];

  /** Resolves once the condition holds; looked at whenever something was finished. */
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function wake(): void {
    for (const resume of waiting.splice(0)) resume();
  }

  function end(why: EndCause): void {
    if (isOver) return;
    settle();
    options.ended(why);
  }

  function settle(): void {
    isOver = true;
    wake();
    if (theirReinvite) respond(theirReinvite, 487);
    theirReinvite = undefined;
    acceptance?.close();
    acceptance = undefined;
    abandonAcceptance?.(new Error('The session ended before the ACK came'));
    abandonAcceptance = undefined;
    ours.abandon();
    const waitingBye = byeAfterAck;
    byeAfterAck = undefined;
    waitingBye?.();
  }

  function respond(
    transaction: ServerTransaction,
    status: number,
    parts: { reason?: string; headers?: readonly (readonly [string, string])[]; body?: Buffer | string } = {},
  ): void {
    transaction.respond(createResponse(transaction.request, status, { ...parts, toTag: dialog.localTag }));
  }

  async function openFlow(): Promise<Flow> {
    flow = await context.openFlow(flow, dialog.nextHop);
    return flow;
  }

  // ── what we send ────────────────────────────────────────────────────────────────────────────────────────────────

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
    if (acceptance) {
      // RFC 3261 §15: not before the ACK has come or was given up.
      return new Promise((resolve) => {
        const former = byeAfterAck;
        byeAfterAck = () => {
          former?.();
          resolve(hangUp(why));
        };
      });
    }
    end(why);
    return sendBye(why.reason);
  }

  // ── what comes ──────────────────────────────────────────────────────────────────────────────────────────────────

  function accept(transaction: ServerTransaction, response: SipResponse): Promise<SipRequest> {
    return new Promise((resolve, reject) => {
      abandonAcceptance = reject;
      transaction.failed = (failure) => {
        acceptance?.close();
        acceptance = undefined;
        end({ by: failure });
        context.removeDialog(dialog);
      };
      const finish = () => {
        acceptance = undefined;
        abandonAcceptance = undefined;
        wake();
        const next = byeAfterAck;
        byeAfterAck = undefined;
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
          else void hangUp({ by: 'timeout' });
        },
      });
    });
  }

  function receiveReinvite(transaction: ServerTransaction): void {
    const { request } = transaction;
    const first = options.firstInvite();
    if (ours.isInviting || first === 'ours') {
      // RFC 3261 §14.2
      respond(transaction, 491);
      return;
    }
    if (theirReinvite || acceptance || first === 'theirs') {
      const seconds = Math.floor(Math.random() * 11);
      respond(transaction, 500, { headers: [['retry-after', String(seconds)]] });
      return;
    }
    requireReadableBody(request);
    const on = options.on();
    const offer = sdpOf(request);
    if (offer === undefined ? !on.offerRequested : !on.reinvited) {
      respond(transaction, 488);
      return;
    }
    theirReinvite = transaction;
    dialog.refreshTarget(request);
    void answerReinvite(transaction, offer);
  }

  async function answerReinvite(transaction: ServerTransaction, offer: string | undefined): Promise<void> {
    const on = options.on();
    let ours: string;
    try {
      ours = offer === undefined ? await on.offerRequested!() : await on.reinvited!(offer);
    } catch (error) {
      if (theirReinvite !== transaction) return;
      theirReinvite = undefined;
      wake();
      const refusal = error instanceof SipRefusal ? error : new SipRefusal(488, 'Not Acceptable Here');
      respond(transaction, refusal.status, { reason: refusal.message, headers: refusal.headers });
      return;
    }
    if (theirReinvite !== transaction) return;
    const response = createResponse(transaction.request, 200, {
      headers: [
        ['contact', contact],
        ['allow', allowedMethods],
        ['content-type', 'application/sdp'],
      ],
      body: ours,
    });
    const acknowledged = accept(transaction, response);
    theirReinvite = undefined; // From here on the acceptance keeps the place.
    try {
      const ack = await acknowledged;
      const answer = sdpOf(ack);
      if (offer === undefined && answer !== undefined)
        guard(context, () => options.on().acknowledged?.(answer));
    } catch {
      // The session has ended and was told so.
    }
  }

  function receiveBye(transaction: ServerTransaction): void {
    respond(transaction, 200);
    const { reason } = transaction.request;
    const wasOver = isOver;
    end({ by: 'remote', ...(reason && { reason }) });
    if (!wasOver) context.removeDialog(dialog);
  }

  function receiveInfo(transaction: ServerTransaction): void {
    const { request } = transaction;
    const on = options.on();
    if (!on.info) {
      respond(transaction, 415, { headers: [['accept', 'application/sdp']] });
      return;
    }
    guard(context, () => on.info?.(request.contentType ?? '', request.body));
    respond(transaction, 200);
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
    // TODO(RFC 3311): UPDATE. TODO(RFC 3515): REFER. TODO(RFC 6665): SUBSCRIBE.
    respond(transaction, request.method === 'SUBSCRIBE' ? 489 : 405, {
      headers: [['allow', allowedMethods]],
    });
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
    if (request.method === 'INVITE') {
      receiveReinvite(transaction);
      return;
    }
    if (request.method === 'INFO') {
      receiveInfo(transaction);
      return;
    }
    if (request.method === 'OPTIONS') {
      respond(transaction, 200, {
        headers: [
          ['allow', allowedMethods],
          ['accept', 'application/sdp'],
        ],
      });
      return;
    }
    receiveOther(transaction);
  }

  return {
    dialog,
    get flow() {
      return flow;
    },
    accept,
    acknowledge: acknowledger.acknowledge,
    reacknowledge: acknowledger.reacknowledge,
    bye,
    async reinvite(sdp) {
      if (options.firstInvite()) throw new SipRefusal(491, 'Request Pending');
      // RFC 3261 §14.1: one INVITE at a time; what is under way may end first.
      await until(() => isOver || !(isOfferUnderWay || theirReinvite || acceptance));
      if (isOver) throw new SipRefusal(481, 'Session Ended');
      isOfferUnderWay = true;
      try {
        await openFlow();
        return await ours.send(sdp);
      } finally {
        isOfferUnderWay = false;
        wake();
      }
    },
    async info(contentType, body) {
      if (isOver) throw new SipRefusal(481, 'Session Ended');
      const response = await send('INFO', [['content-type', contentType]], body);
      if (response.status >= 300) throw new SipRefusal(response.status, response.reasonPhrase);
    },
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
    receiveAck(ack) {
      if (acceptance?.sequence === ack.cseq.number) acceptance.acknowledge(ack);
    },
    close() {
      if (!isOver) settle();
      context.removeDialog(dialog);
    },
  };
}
