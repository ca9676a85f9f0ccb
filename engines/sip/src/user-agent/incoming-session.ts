import { randomUUID } from 'node:crypto';
import type { TimerHandle } from '../clock.ts';
import { createServerDialog } from '../dialog/dialog.ts';
import { createResponse, reasonPhrase } from '../message/response.ts';
import type { ReasonHeader } from '../message/typed-headers.ts';
import { isSipUri, type SipUri } from '../message/uri.ts';
import { SipRefusal } from '../refusal.ts';
import type { ServerTransaction } from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import { requires, supports } from './capabilities.ts';
import { type AgentContext, guard } from './context.ts';
import { createReliableProvisionals } from './reliable-provisionals.ts';
import { requireReadableBody, sdpOf } from './session-description.ts';
import { createSessionDialog } from './session-dialog.ts';
import { createSessionInterval } from './session-interval.ts';
import type { EndCause, InviteSession, InviteSessionEvents } from './types.ts';

/*
 * Incoming session (RFC 3261 §13.3).
 *
 * early       the INVITE is unanswered: ring, progress. accept → confirmed; reject, CANCEL, BYE, no decision → ended.
 * confirmed   2xx was sent. BYE from either side, no ACK, a dead transport → ended.
 * ended       rejected, cancelled or ended was told, once.
 */

const undecidedMs = 300_000;
/** RFC 3261 §13.3.1.1: proxies are reminded that the call still rings. */
const remindMs = 60_000;

export interface IncomingSession {
  readonly session: InviteSession;
  /** CANCEL came. */
  cancel(reason: ReasonHeader | undefined): void;
}

/** The call that an INVITE is to take the place of. */
export type Replaced = Pick<InviteSession, 'replaces' | 'foreignReplaces'>;

/** Throws ParseError when the INVITE can found no dialog, SipRefusal 422 when its interval is too short. */
export function createIncomingSession(
  context: AgentContext,
  transaction: ServerTransaction,
  flow: Flow,
  principal: unknown,
  localTag: string,
  replaced: Replaced,
): IncomingSession {
  const { replaces } = replaced;
  const { request } = transaction;
  const { clock } = context;
  const dialog = createServerDialog(request, localTag);
  const contact = context.contact(flow, isSipUri(request.uri) ? request.uri.user : undefined);
  const remoteOffer = sdpOf(request);
  let state: InviteSession['state'] = 'early';
  let on: InviteSessionEvents = {};
  let remindTimer: TimerHandle;
  const interval = createSessionInterval(context.sessionTimers);
  interval.check(request);
  /** What a reliable provisional response said of our media, and whether that was an offer or the answer. */
  let earlySdp: string | undefined;
  let isEarlyAgreed = false;
  const provisionals = createReliableProvisionals(context, transaction, () => {
    // RFC 3262 §3: nobody acknowledges.
    reject(504, 'No PRACK');
  });

  const inDialog = createSessionDialog(context, {
    dialog,
    flow,
    contact,
    ownsCallId: false,
    interval,
    principal,
    session: () => session,
    on: () => on,
    firstInvite: () => (state === 'early' ? 'theirs' : undefined),
    firstOffer() {
      if (state !== 'early' || isEarlyAgreed) return undefined;
      return remoteOffer === undefined ? (earlySdp === undefined ? undefined : 'ours') : 'theirs';
    },
    acknowledgeProvisional,
    ended(why) {
      if (state === 'early') {
        // BYE before the answer: to the caller's side the call is cancelled (RFC 3261 §15.1.2).
        respond(487);
        finish(() => on.cancelled?.(why.reason));
        return;
      }
      finish(() => on.ended?.(why));
    },
  });

  function finish(tell: () => void): void {
    if (state === 'ended') return;
    state = 'ended';
    clock.clearTimer(undecidedTimer);
    clock.clearTimer(remindTimer);
    provisionals.stop();
    context.removeSession(session);
    guard(context, tell);
  }

  function respond(
    status: number,
    parts: { reason?: string; headers?: readonly (readonly [string, string])[]; body?: string } = {},
  ): void {
    transaction.respond(buildResponse(status, parts));
  }

  function buildResponse(
    status: number,
    parts: { reason?: string; headers?: readonly (readonly [string, string])[]; body?: string },
  ) {
    const headers: (readonly [string, string])[] = [...(parts.headers ?? [])];
    if (status < 300) {
      // RFC 3261 §12.1.1
      for (const route of request.headers.all('record-route')) headers.push(['record-route', route]);
      headers.push(
        ['contact', contact],
        ['allow', context.capabilities.allow],
        ['supported', context.capabilities.supported],
      );
    }
    if (parts.body !== undefined) headers.push(['content-type', 'application/sdp']);
    return createResponse(request, status, { ...parts, headers, toTag: localTag });
  }

  /** RFC 3262 §3: always where it is required, never where it is not supported. */
  function isReliable(hasSdp: boolean): boolean {
    if (requires(request, '100rel')) return true;
    if (!supports(request, '100rel')) return false;
    const policy = context.reliableProvisionals;
    return policy === 'when-supported' || (policy === 'with-sdp' && hasSdp);
  }

  function respondProvisionally(status: number, body?: string): void {
    if (state !== 'early') return;
    const parts = body === undefined ? {} : { body };
    if (isReliable(body !== undefined)) {
      if (body !== undefined) earlySdp ??= body;
      provisionals.send((headers) => buildResponse(status, { ...parts, headers }));
    } else respond(status, parts);
    clock.clearTimer(remindTimer);
    remindTimer = clock.setTimer(() => respondProvisionally(status, body), remindMs);
  }

  function acknowledgeProvisional(prack: ServerTransaction): void {
    provisionals.acknowledge(prack.request);
    requireReadableBody(prack.request);
    const sdp = sdpOf(prack.request);
    const wasOffer = remoteOffer === undefined && earlySdp !== undefined && !isEarlyAgreed;
    if (earlySdp !== undefined) isEarlyAgreed = true;
    if (sdp === undefined || wasOffer) {
      prack.respond(createResponse(prack.request, 200));
      if (sdp !== undefined) guard(context, () => on.acknowledged?.(sdp));
      return;
    }
    // RFC 3262 §5: PRACK may bring another offer, and its 2xx the answer.
    const answer = on.updated ?? on.reinvited;
    void (answer?.(sdp) ?? Promise.reject(new SipRefusal(488, 'Not Acceptable Here'))).then(
      (body) => {
        earlySdp = body;
        inDialog.said(body);
        prack.respond(
          createResponse(prack.request, 200, { headers: [['content-type', 'application/sdp']], body }),
        );
      },
      (error: unknown) => {
        const status = error instanceof SipRefusal ? error.status : 488;
        prack.respond(createResponse(prack.request, status));
      },
    );
  }

  /** RFC 3891 §3: the new call takes the place of the old one, whose other side is told so. */
  function endReplaced(): void {
    if (!replaces || replaces.state === 'ended') return;
    const reason = { protocol: 'SIP', cause: 200, text: 'Call replaced' };
    if (replaces.state === 'early') replaces.cancel(reason);
    else void replaces.bye(reason);
  }

  /** RFC 3262 §3: no 2xx while SDP waits for its PRACK. */
  async function acceptAfterPrack(sdp: string): Promise<void> {
    if (earlySdp !== undefined) await provisionals.settled();
    if (state !== 'early') throw new Error(`The session is ${state}`);
    state = 'confirmed';
    clock.clearTimer(undecidedTimer);
    clock.clearTimer(remindTimer);
    provisionals.stop();
    dialog.confirm();
    // RFC 3262 §5: what was agreed on early holds.
    const agreedSdp = isEarlyAgreed ? earlySdp : undefined;
    const body = agreedSdp ?? sdp;
    inDialog.said(body);
    const response = buildResponse(200, {
      ...(remoteOffer === undefined && agreedSdp !== undefined ? {} : { body }),
      headers: interval.answer(request),
    });
    const acknowledged = inDialog.accept(transaction, response);
    inDialog.agreed();
    endReplaced();
    const ack = await acknowledged;
    const answer = sdpOf(ack);
    if (remoteOffer === undefined && agreedSdp === undefined && answer !== undefined) {
      guard(context, () => on.acknowledged?.(answer));
    }
    if (agreedSdp === undefined || agreedSdp === sdp) return;
    inDialog
      .reinvite(sdp)
      .catch((error) =>
        context.log('info', 'What changed since the early answer was refused', { error: String(error) }),
      );
  }

  function reject(
    status: number,
    reason = reasonPhrase(status),
    headers: readonly (readonly [string, string])[] = [],
  ): void {
    if (state !== 'early') return;
    respond(status, { reason, headers });
    inDialog.close();
    finish(() => on.rejected?.(status, reason));
  }

  const session: InviteSession = {
    id: randomUUID(),
    callId: request.callId,
    direction: 'incoming',
    principal,
    ...replaced,
    request,
    remote: dialog.remote,
    local: dialog.local,
    requested: request.uri as SipUri,
    ...(remoteOffer !== undefined && { remoteOffer }),
    get state() {
      return state;
    },
    get flow() {
      return inDialog.flow;
    },
    get on() {
      return on;
    },
    set on(events) {
      on = events;
    },
    ring: () => respondProvisionally(180),
    progress: (sdp) => respondProvisionally(183, sdp),
    accept: acceptAfterPrack,
    reject,
    cancel() {},
    acknowledge() {},
    async bye(reason) {
      if (state === 'early') reject(603);
      else await inDialog.bye(reason);
    },
    reinvite: (sdp) => inDialog.reinvite(sdp),
    update: (sdp) => inDialog.update(sdp),
    refer: (to) => inDialog.refer(to),
    info: (contentType, body) => inDialog.info(contentType, body),
  };

  const undecidedTimer = clock.setTimer(() => reject(408), undecidedMs);
  transaction.failed = () => {
    if (state !== 'early') return;
    inDialog.close();
    const why: EndCause = { by: 'transport' };
    finish(() => on.ended?.(why));
  };
  inDialog.learn(request);
  context.addDialog(dialog, inDialog);
  context.addSession(session, () => {
    const wasEarly = state === 'early';
    inDialog.close();
    finish(() => (wasEarly ? on.cancelled?.() : on.ended?.({ by: 'local' })));
  });

  return {
    session,
    cancel(reason) {
      if (state !== 'early') return; // RFC 3261 §9.2: too late once answered
      respond(487);
      inDialog.close();
      finish(() => on.cancelled?.(reason));
    },
  };
}
