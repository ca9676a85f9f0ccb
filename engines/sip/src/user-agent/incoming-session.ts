import { randomUUID } from 'node:crypto';
import type { TimerHandle } from '../clock.ts';
import { createServerDialog } from '../dialog/dialog.ts';
import { createResponse, reasonPhrase } from '../message/response.ts';
import type { ReasonHeader } from '../message/typed-headers.ts';
import { isSipUri, type SipUri } from '../message/uri.ts';
import type { ServerTransaction } from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import { type AgentContext, allowedMethods, guard } from './context.ts';
import { sdpOf } from './session-description.ts';
import { createSessionDialog } from './session-dialog.ts';
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

/** Throws ParseError when the INVITE can found no dialog. */
export function createIncomingSession(
  context: AgentContext,
  transaction: ServerTransaction,
  flow: Flow,
  principal: unknown,
  localTag: string,
): IncomingSession {
  const { request } = transaction;
  const { clock } = context;
  const dialog = createServerDialog(request, localTag);
  const contact = context.contact(flow, isSipUri(request.uri) ? request.uri.user : undefined);
  const remoteOffer = sdpOf(request);
  let state: InviteSession['state'] = 'early';
  let on: InviteSessionEvents = {};
  let remindTimer: TimerHandle;

  const inDialog = createSessionDialog(context, {
    dialog,
    flow,
    contact,
    ownsCallId: false,
    on: () => on,
    firstInvite: () => (state === 'early' ? 'theirs' : undefined),
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
      headers.push(['contact', contact], ['allow', allowedMethods]);
    }
    if (parts.body !== undefined) headers.push(['content-type', 'application/sdp']);
    return createResponse(request, status, { ...parts, headers, toTag: localTag });
  }

  function respondProvisionally(status: number, body?: string): void {
    if (state !== 'early') return;
    respond(status, body === undefined ? {} : { body });
    clock.clearTimer(remindTimer);
    remindTimer = clock.setTimer(() => respondProvisionally(status, body), remindMs);
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
    async accept(sdp) {
      if (state !== 'early') throw new Error(`The session is ${state}`);
      state = 'confirmed';
      clock.clearTimer(undecidedTimer);
      clock.clearTimer(remindTimer);
      dialog.confirm();
      const ack = await inDialog.accept(transaction, buildResponse(200, { body: sdp }));
      const answer = sdpOf(ack);
      if (remoteOffer === undefined && answer !== undefined) guard(context, () => on.acknowledged?.(answer));
    },
    reject,
    cancel() {},
    acknowledge() {},
    async bye(reason) {
      if (state === 'early') reject(603);
      else await inDialog.bye(reason);
    },
    reinvite: (sdp) => inDialog.reinvite(sdp),
    info: (contentType, body) => inDialog.info(contentType, body),
  };

  const undecidedTimer = clock.setTimer(() => reject(408), undecidedMs);
  transaction.failed = () => {
    if (state !== 'early') return;
    inDialog.close();
    const why: EndCause = { by: 'transport' };
    finish(() => on.ended?.(why));
  };
  context.addDialog(dialog, inDialog);
  context.addSession(session);

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
