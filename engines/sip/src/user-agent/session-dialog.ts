import type { TimerHandle } from '../clock.ts';
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
import { type AgentContext, allowedMethods, type DialogUser, guard } from './context.ts';
import { exchange, tryAnswerChallenge } from './exchange.ts';
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

const maxGlareRetries = 3;

export function createSessionDialog(context: AgentContext, options: SessionDialogOptions): SessionDialog {
  const { dialog, contact } = options;
  const { clock } = context;
  let { flow } = options;
  let isOver = false;
  let isReinviting = false;
  let theirReinvite: ServerTransaction | undefined;
  let acceptance: Acceptance | undefined;
  let abandonAcceptance: ((error: Error) => void) | undefined;
  let byeAfterAck: (() => void) | undefined;
  let glare: { timer: TimerHandle; abandon: () => void } | undefined;
  const acks = new Map<number, SipRequest>();
  const waiting: (() => void)[] = [];

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
    if (glare) {
      clock.clearTimer(glare.timer);
      glare.abandon();
      glare = undefined;
    }
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

  function sendReinvite(
    sdp: string,
    attempt: number,
    auth: readonly (readonly [string, string])[] = [],
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = dialog.createRequest('INVITE', {
        headers: [
          ['contact', contact],
          ['allow', allowedMethods],
          ['content-type', 'application/sdp'],
          ...auth,
        ],
        body: sdp,
      });
      const refuse = (response: SipResponse) => {
        if (response.status === 491 && attempt <= maxGlareRetries && !isOver) {
          retryAfterGlare()
            .then(() => sendReinvite(sdp, attempt + 1))
            .then(resolve, reject);
          return;
        }
        const answer = tryAnswerChallenge(response, request, options.auth, attempt);
        if (answer && !isOver) {
          sendReinvite(sdp, attempt + 1, [answer]).then(resolve, reject);
          return;
        }
        // RFC 3261 §12.2.1.2: the other side no longer knows this dialog.
        if (response.status === 481 || response.status === 408) void hangUp({ by: 'remote' });
        reject(new SipRefusal(response.status, response.reasonPhrase));
      };
      context.request(request, flow, {
        response(response) {
          if (response.status < 200) return;
          if (response.status >= 300) {
            refuse(response);
            return;
          }
          if (reacknowledge(request.cseq.number)) return;
          dialog.refreshTarget(response);
          acknowledge(request.cseq.number);
          const answer = sdpOf(response);
          if (answer === undefined) reject(new SipRefusal(488, 'Answer Without SDP'));
          else resolve(answer);
        },
        failed(failure) {
          reject(
            failure === 'timeout'
              ? new SipRefusal(408, 'Request Timeout')
              : new SipRefusal(503, 'Service Unavailable'),
          );
          void hangUp({ by: failure }); // RFC 3261 §12.2.1.2
        },
      });
    });
  }

  /** RFC 3261 §14.1: whoever owns the Call-ID waits longer. */
  function retryAfterGlare(): Promise<void> {
    const waitMs = options.ownsCallId ? 2100 + Math.random() * 1900 : Math.random() * 2000;
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(() => {
        glare = undefined;
        resolve();
      }, waitMs);
      glare = { timer, abandon: () => reject(new SipRefusal(487, 'Session Ended')) };
    });
  }

  function acknowledge(sequence: number, sdp?: string): void {
    const ack = dialog.createRequest('ACK', {
      sequence,
      ...(sdp !== undefined && { headers: [['content-type', 'application/sdp'] as const], body: sdp }),
    });
    acks.clear(); // Only the last 2xx can still come again.
    acks.set(sequence, ack);
    context.sendAck(ack, flow);
  }

  function reacknowledge(sequence: number): boolean {
    const ack = acks.get(sequence);
    if (ack) context.sendAck(ack, flow);
    return ack !== undefined;
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
    if (isReinviting || first === 'ours') {
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
    theirReinvite = undefined;
    const response = createResponse(transaction.request, 200, {
      headers: [
        ['contact', contact],
        ['allow', allowedMethods],
        ['content-type', 'application/sdp'],
      ],
      body: ours,
    });
    try {
      const ack = await accept(transaction, response);
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
    acknowledge,
    reacknowledge,
    bye,
    async reinvite(sdp) {
      if (options.firstInvite()) throw new SipRefusal(491, 'Request Pending');
      // RFC 3261 §14.1: one INVITE at a time; what is under way may end first.
      while (!isOver && (isReinviting || theirReinvite || acceptance)) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      if (isOver) throw new SipRefusal(481, 'Session Ended');
      isReinviting = true;
      try {
        await openFlow();
        return await sendReinvite(sdp, 1);
      } finally {
        isReinviting = false;
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
