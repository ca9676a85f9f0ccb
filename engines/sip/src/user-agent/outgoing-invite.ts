import { randomUUID } from 'node:crypto';
import type { TimerHandle } from '../clock.ts';
import { createClientDialog } from '../dialog/dialog.ts';
import { Headers } from '../message/headers.ts';
import { anonymous } from '../message/identity.ts';
import { SipRequest, type SipResponse } from '../message/message.ts';
import { type NameAddr, withTag } from '../message/name-addr.ts';
import { ParseError } from '../message/parse-error.ts';
import { serialise } from '../message/serialise.ts';
import { formatReason, type ReasonHeader } from '../message/typed-headers.ts';
import { formatUri } from '../message/uri.ts';
import { randomText } from '../random-text.ts';
import type { ClientTransaction } from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import { type AgentContext, guard } from './context.ts';
import { createEarlyDialogs, type Fork } from './early-dialogs.ts';
import { failureResponse, tryAnswerChallenge } from './exchange.ts';
import { firstHop } from './first-hop.ts';
import { authOf, createInviteWriter } from './invite-writer.ts';
import { createPlaces } from './places.ts';
import { sdpOf } from './session-description.ts';
import { type DialogOwner, SessionDialog } from './session-dialog.ts';
import { createSessionInterval } from './session-interval.ts';
import type { InviteOptions, InviteSession } from './types.ts';

const noAnswerMs = 180_000;
/** What Via, Contact and User-Agent add to an INVITE, about. */
const viaBytes = 300;

/**
 * The first INVITE of an outgoing session, and all that it may found. A session that is answered lets go of it: further 2xx
 * (RFC 6026 §7.2) find it by its transaction, for as long as that lasts.
 */
export interface OutgoingInvite {
  readonly callId: string;
  readonly local: NameAddr;
  readonly request: SipRequest;
  readonly flow: Flow | undefined;
  start(): Promise<void>;
  cancel(reason: ReasonHeader | undefined, isTimeout: boolean): void;
  /** Why it was cancelled, where it was. */
  readonly cancelReason: ReasonHeader | undefined;
  /** The ACK with our answer, to the 2xx that had the offer. */
  acknowledge(answerSdp: string): void;
  /** The place that has answered our offer, while several ring. */
  answering(): SessionDialog | undefined;
  hasAnswered(tag: string): boolean;
  /** The session is over, or answered: nobody else rings. */
  closeOthers(): void;
  /** Nobody waits for what becomes of a CANCEL. */
  abandon(): void;
}

/** What an INVITE does to its session. */
export interface InvitingSession extends DialogOwner {
  readonly state: InviteSession['state'];
  readonly on: InviteSession['on'];
  /** This place has answered, and was acknowledged where it could be. */
  confirm(inDialog: SessionDialog): void;
  finish(tell: () => void): void;
}

export function createOutgoingInvite(
  context: AgentContext,
  options: InviteOptions,
  session: InvitingSession,
): OutgoingInvite {
  const { clock } = context;
  const localTag = randomText(9);
  const local = withTag(options.identity?.isPrivate ? anonymous : options.from, localTag);
  const callId = randomUUID();
  const target = formatUri(options.target);
  // An offer in a provisional response would need its answer in PRACK: whoever sends no offer takes none there.
  const reliable = options.offer === undefined ? 'none' : (options.reliable ?? 'supported');
  const interval = createSessionInterval(context.sessionTimers);
  const writer = createInviteWriter(context, options, { local, callId, reliable, interval });
  let sequence = Math.floor(Math.random() * 10_000) + 1;
  let request = createInvite([]);
  let flow: Flow | undefined = options.flow;
  const places = createPlaces(context, options.flow);
  let attempt = 0;
  /** Why the place before did not serve; RFC 3261 §8.1.3.1 has a status for silence and for broken transports too. */
  let unserved = {
    status: 503,
    reason: 'Service Unavailable',
    response: undefined as SipResponse | undefined,
  };
  let transaction: ClientTransaction | undefined;
  let isProvisional = false;
  let isFinal = false;
  let isCancelSent = false;
  let cancelled: { reason: ReasonHeader | undefined; isTimeout: boolean } | undefined;
  let cancelTimer: TimerHandle;
  let confirmed: Fork | undefined;
  let earlySdp: string | undefined;
  const forks = createEarlyDialogs(openDialog, (error) =>
    context.log('info', 'PRACK could not be sent', { callId, error: String(error) }),
  );

  function createInvite(extra: readonly (readonly [string, string])[]): SipRequest {
    return writer.write(sequence, extra);
  }

  function contact(over: Flow): string {
    const { uri } = local;
    return context.contact(over, 'host' in uri ? uri.user : undefined);
  }

  function finishUnanswered(status: number, reason: string, response?: SipResponse): void {
    clock.clearTimer(cancelTimer);
    if (cancelled?.isTimeout) session.finish(() => session.on.rejected?.(408, 'Request Timeout', response));
    else if (cancelled) session.finish(() => session.on.cancelled?.(cancelled?.reason));
    else session.finish(() => session.on.rejected?.(status, reason, response));
  }

  async function start(): Promise<void> {
    // A registered connection that is gone cannot be replaced from here (RFC 5626 §5.3).
    if (flow && flow.protocol !== 'udp' && !context.isFlowOpen(flow)) {
      finishUnanswered(430, 'Flow Failed');
      return;
    }
    try {
      flow = await places.open(firstHop(options.route, options.target), serialise(request).length + viaBytes);
    } catch (error) {
      context.log('info', 'No way to the target of an INVITE', { target, error: String(error) });
      flow = undefined;
    }
    if (!flow) {
      finishUnanswered(unserved.status, unserved.reason, unserved.response);
      return;
    }
    if (cancelled || session.state === 'ended') finishUnanswered(487, 'Request Terminated');
    else sendInvite([]);
  }

  function sendInvite(extra: readonly (readonly [string, string])[]): void {
    const over = flow!;
    attempt++;
    request = createInvite(extra);
    request.headers.append('contact', contact(over));
    for (const [name, value] of writer.identityHeaders(over)) request.headers.append(name, value);
    isProvisional = false;
    transaction = context.request(request, over, {
      response: (response) => receive(response),
      failed(failure) {
        isFinal = true;
        const { status, reasonPhrase } = failureResponse(request, failure);
        unserved = { status, reason: reasonPhrase, response: undefined };
        if (!goesElsewhere(over)) finishUnanswered(status, reasonPhrase);
      },
    });
  }

  /** True: another of the domain's servers is asked. */
  function goesElsewhere(from: Flow): boolean {
    if (cancelled || !places.failed(from)) return false;
    isFinal = false;
    flow = undefined;
    attempt = 0;
    sequence++;
    void start();
    return true;
  }

  function receive(response: SipResponse): void {
    if (response.status < 200) receiveProvisional(response);
    else if (response.status < 300) receiveSuccess(response);
    else receiveRefusal(response);
  }

  function receiveRefusal(response: SipResponse): void {
    isFinal = true;
    if (!cancelled) {
      const answer = tryAnswerChallenge(response, request, options.auth, attempt);
      // RFC 4028 §7.3: a longer interval was asked for.
      const isRaised = response.status === 422 && interval.raise(response);
      if (answer || isRaised) {
        isFinal = false;
        sequence++;
        sendInvite(answer ? [answer] : authOf(request));
        return;
      }
    }
    const { status, reasonPhrase: reason } = response;
    unserved = { status, reason, response };
    if (status === 503 && flow && goesElsewhere(flow)) return;
    finishUnanswered(status, reason, response);
  }

  function receiveProvisional(response: SipResponse): void {
    isProvisional = true;
    if (cancelled) {
      sendCancel();
      return;
    }
    if (response.status === 100 || session.state !== 'early') return;
    try {
      if (reliable !== 'none' && !forks.acknowledge(response, request.cseq.number)) return;
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      context.log('warn', 'A provisional response that founds no dialog', { callId, error: error.message });
      return;
    }
    const sdp = sdpOf(response);
    earlySdp = sdp ?? earlySdp;
    guard(context, () => session.on.progress?.(response.status, sdp));
  }

  function receiveSuccess(response: SipResponse): void {
    isFinal = true;
    clock.clearTimer(cancelTimer);
    const known = forks.get(response.toTag ?? '');
    if (known?.isAnswered) {
      if (known.ack) known.inDialog.reacknowledge(known.ack);
      return;
    }
    let fork: Fork | undefined;
    try {
      fork = forks.take(response);
      fork?.inDialog.dialog.confirm(response);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      fork = undefined;
      context.log('warn', 'A 2xx that founds no dialog', { callId, error: error.message });
    }
    if (!fork) {
      if (session.state === 'early') finishUnanswered(502, 'Bad Gateway', response);
      return;
    }
    fork.isAnswered = true;
    const sdp = fork.answer ?? sdpOf(response) ?? earlySdp;
    if (session.state === 'early' && !cancelled && sdp !== undefined) confirm(fork, response, sdp);
    else {
      // Too late: another fork has won, or CANCEL crossed this 2xx (RFC 3261 §13.2.2.4, §15).
      fork.ack = fork.inDialog.acknowledge(
        request.cseq.number,
        options.offer === undefined && sdp ? refuseOffer(sdp) : undefined,
      );
      const reason = cancelled?.reason;
      void fork.inDialog.bye(reason);
      if (session.state === 'early') finishUnanswered(488, 'Answer Without SDP', response);
    }
  }

  function openDialog(response: SipResponse): SessionDialog {
    const dialog = createClientDialog(request, response);
    const opened = new SessionDialog(context, session, {
      dialog,
      flow: flow!,
      contact: contact(flow!),
      ownsCallId: true,
      auth: options.auth,
      interval,
    });
    opened.learn(response);
    if (options.offer !== undefined) opened.said(options.offer);
    context.addDialog(dialog, opened);
    return opened;
  }

  function confirm(fork: Fork, response: SipResponse, sdp: string): void {
    const { inDialog } = fork;
    confirmed = fork;
    session.confirm(inDialog);
    clock.clearTimer(noAnswerTimer);
    if (options.offer !== undefined) fork.ack = inDialog.acknowledge(request.cseq.number);
    forks.closeOthers();
    inDialog.learn(response);
    interval.answered(response);
    inDialog.agreed();
    guard(context, () => session.on.accepted?.(sdp));
  }

  function sendCancel(): void {
    if (isCancelSent || isFinal || !transaction) return;
    isCancelSent = true;
    const headers = new Headers();
    // RFC 3261 §9.1: the INVITE's own Via, Request-URI, Call-ID, To, From and number.
    headers.append('via', request.headers.list('via')[0] ?? '');
    headers.append('max-forwards', '70');
    for (const name of ['route', 'from', 'to', 'call-id']) {
      for (const value of request.headers.all(name)) headers.append(name, value);
    }
    headers.append('cseq', `${request.cseq.number} CANCEL`);
    if (cancelled?.reason) headers.append('reason', formatReason(cancelled.reason));
    context.request(new SipRequest('CANCEL', request.uriText, headers), flow!, {
      response() {},
      failed() {},
    });
    cancelTimer = clock.setTimer(() => {
      // RFC 3261 §9.1: without a final response in 64*T1 the INVITE counts as cancelled.
      isFinal = true;
      transaction?.terminate();
      finishUnanswered(487, 'Request Terminated');
    }, 64 * context.timers.t1);
  }

  function cancel(reason: ReasonHeader | undefined, isTimeout: boolean): void {
    if (session.state !== 'early' || cancelled) return;
    cancelled = { reason, isTimeout };
    if (isProvisional) sendCancel();
  }

  const noAnswerTimer = clock.setTimer(() => cancel(undefined, true), options.timeoutMs ?? noAnswerMs);

  return {
    callId,
    local,
    get request() {
      return request;
    },
    get flow() {
      return flow;
    },
    start,
    cancel,
    get cancelReason() {
      return cancelled?.reason;
    },
    acknowledge(answerSdp) {
      if (options.offer !== undefined || !confirmed) return;
      confirmed.inDialog.said(answerSdp);
      confirmed.ack = confirmed.inDialog.acknowledge(request.cseq.number, answerSdp);
    },
    answering: () => forks.answering()?.inDialog,
    hasAnswered: (tag) => forks.get(tag)?.answer !== undefined,
    closeOthers() {
      forks.closeOthers();
      clock.clearTimer(noAnswerTimer);
    },
    abandon: () => clock.clearTimer(cancelTimer),
  };
}

/** An answer that takes no stream of an offer: each port 0 (RFC 3264 §6). */
function refuseOffer(offer: string): string {
  return offer.replace(/^(m=[a-z]+) [0-9]+(?:\/[0-9]+)? /gim, '$1 0 ');
}
