import { randomUUID } from 'node:crypto';
import type { TimerHandle } from '../clock.ts';
import { createServerDialog, type Dialog } from '../dialog/dialog.ts';
import { detachedUri } from '../message/detached.ts';
import type { SipRequest } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import { createResponse, reasonPhrase } from '../message/response.ts';
import type { ReasonHeader } from '../message/typed-headers.ts';
import { isSipUri, type SipUri } from '../message/uri.ts';
import type { ReferOptions } from '../refer/types.ts';
import { SipRefusal } from '../refusal.ts';
import type { ServerTransaction } from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import { requires, supports } from './capabilities.ts';
import { type AgentContext, guard } from './context.ts';
import { createReliableProvisionals, type ReliableProvisionals } from './reliable-provisionals.ts';
import { requireReadableBody, sdpOf } from './session-description.ts';
import { type DialogOwner, SessionDialog } from './session-dialog.ts';
import { createSessionInterval, type SessionInterval } from './session-interval.ts';
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

/** The call that an INVITE is to take the place of. */
export type Replaced = Pick<InviteSession, 'replaces' | 'foreignReplaces'>;

/** What the INVITE needs until it is answered and acknowledged: a call that stands keeps none of it. */
interface Unanswered {
  readonly transaction: ServerTransaction;
  readonly localTag: string;
  readonly contact: string;
  readonly interval: SessionInterval;
  provisionals: ReliableProvisionals | undefined;
  undecidedTimer: TimerHandle;
  remindTimer: TimerHandle;
  /** What a reliable provisional response said of our media, and whether that was an offer or the answer. */
  earlySdp: string | undefined;
  isEarlyAgreed: boolean;
}

interface ResponseParts {
  reason?: string;
  headers?: readonly (readonly [string, string])[];
  body?: string;
}

/** Throws ParseError when the INVITE can found no dialog, SipRefusal 422 when its interval is too short. */
export function createIncomingSession(
  context: AgentContext,
  transaction: ServerTransaction,
  flow: Flow,
  principal: unknown,
  localTag: string,
  replaced: Replaced,
): IncomingSession {
  const { request } = transaction;
  const dialog = createServerDialog(request, localTag);
  const contact = context.contact(flow, isSipUri(request.uri) ? request.uri.user : undefined);
  const interval = createSessionInterval(context.sessionTimers);
  interval.check(request);
  const session = new IncomingSession(
    context,
    { request, dialog, principal, replaced },
    { transaction, localTag, contact, interval },
    flow,
  );
  session.begin();
  return session;
}

/** A class, and not a factory: see `SessionDialog`. */
export class IncomingSession implements InviteSession, DialogOwner {
  readonly id = randomUUID();
  readonly callId: string;
  readonly direction = 'incoming';
  readonly principal: unknown;
  readonly replaces?: InviteSession;
  readonly foreignReplaces?: NonNullable<InviteSession['foreignReplaces']>;
  readonly remote: NameAddr;
  readonly local: NameAddr;
  readonly requested: SipUri;
  readonly remoteOffer?: string;
  request: SipRequest | undefined;
  state: InviteSession['state'] = 'early';
  on: InviteSessionEvents = {};
  readonly #context: AgentContext;
  readonly #inDialog: SessionDialog;
  #unanswered: Unanswered | undefined;

  constructor(
    context: AgentContext,
    what: { request: SipRequest; dialog: Dialog; principal: unknown; replaced: Replaced },
    unanswered: Pick<Unanswered, 'transaction' | 'localTag' | 'contact' | 'interval'>,
    flow: Flow,
  ) {
    const { request, dialog, principal, replaced } = what;
    const { contact, interval } = unanswered;
    const remoteOffer = sdpOf(request);
    this.callId = dialog.callId;
    this.principal = principal;
    if (replaced.replaces) this.replaces = replaced.replaces;
    if (replaced.foreignReplaces) this.foreignReplaces = replaced.foreignReplaces;
    this.remote = dialog.remote;
    this.local = dialog.local;
    this.requested = detachedUri(request.uri as SipUri);
    if (remoteOffer !== undefined) this.remoteOffer = remoteOffer;
    this.request = request;
    this.#context = context;
    this.#unanswered = {
      ...unanswered,
      provisionals: undefined,
      undecidedTimer: undefined,
      remindTimer: undefined,
      earlySdp: undefined,
      isEarlyAgreed: false,
    };
    this.#inDialog = new SessionDialog(context, this, {
      dialog,
      flow,
      contact,
      ownsCallId: false,
      interval,
      principal,
    });
  }

  begin(): void {
    const { transaction } = this.#open();
    this.#open().undecidedTimer = this.#context.clock.setTimer(() => this.reject(408), undecidedMs);
    transaction.failed = () => {
      if (this.state !== 'early') return;
      this.#inDialog.close();
      this.#finish(() => this.on.ended?.({ by: 'transport' }));
    };
    this.#inDialog.learn(transaction.request);
    this.#context.addDialog(this.#inDialog.dialog, this.#inDialog);
    this.#context.addSession(this, () => {
      const wasEarly = this.state === 'early';
      this.#inDialog.close();
      this.#finish(() => (wasEarly ? this.on.cancelled?.() : this.on.ended?.({ by: 'local' })));
    });
  }

  get flow(): Flow {
    return this.#inDialog.flow;
  }

  #open(): Unanswered {
    if (!this.#unanswered) throw new Error('The session is answered');
    return this.#unanswered;
  }

  // ── its dialog ──────────────────────────────────────────────────────────────────────────────────────────────────

  sessionOf(): InviteSession {
    return this;
  }

  onOf(): InviteSessionEvents {
    return this.on;
  }

  firstInvite(): 'theirs' | undefined {
    return this.state === 'early' ? 'theirs' : undefined;
  }

  firstOffer(): 'ours' | 'theirs' | undefined {
    if (this.state !== 'early' || !this.#unanswered || this.#unanswered.isEarlyAgreed) return undefined;
    if (this.remoteOffer !== undefined) return 'theirs';
    return this.#unanswered.earlySdp === undefined ? undefined : 'ours';
  }

  dialogEnded(_dialog: SessionDialog, why: EndCause): void {
    if (this.state === 'early') {
      // BYE before the answer: to the caller's side the call is cancelled (RFC 3261 §15.1.2).
      this.#respond(487);
      this.#finish(() => this.on.cancelled?.(why.reason));
      return;
    }
    this.#finish(() => this.on.ended?.(why));
  }

  acknowledgeProvisional(prack: ServerTransaction): void {
    const unanswered = this.#unanswered;
    if (!unanswered?.provisionals) throw new SipRefusal(481, 'No Such Provisional Response');
    unanswered.provisionals.acknowledge(prack.request);
    requireReadableBody(prack.request);
    const sdp = sdpOf(prack.request);
    const { earlySdp, isEarlyAgreed } = unanswered;
    const wasOffer = this.remoteOffer === undefined && earlySdp !== undefined && !isEarlyAgreed;
    if (earlySdp !== undefined) unanswered.isEarlyAgreed = true;
    if (sdp === undefined || wasOffer) {
      prack.respond(createResponse(prack.request, 200));
      if (sdp !== undefined) guard(this.#context, () => this.on.acknowledged?.(sdp));
      return;
    }
    // RFC 3262 §5: PRACK may bring another offer, and its 2xx the answer.
    const { on } = this;
    const answer = on.updated ? on.updated(sdp) : on.reinvited?.(sdp);
    void (answer ?? Promise.reject(new SipRefusal(488, 'Not Acceptable Here'))).then(
      (body) => {
        unanswered.earlySdp = body;
        this.#inDialog.said(body);
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

  // ── until it is answered ────────────────────────────────────────────────────────────────────────────────────────

  #finish(tell: () => void): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.#decided();
    this.#letGo();
    this.#context.removeSession(this);
    guard(this.#context, tell);
  }

  #decided(): void {
    const { clock } = this.#context;
    clock.clearTimer(this.#unanswered?.undecidedTimer);
    clock.clearTimer(this.#unanswered?.remindTimer);
    this.#unanswered?.provisionals?.stop();
  }

  #letGo(): void {
    this.request = undefined;
    // PRACK for what was sent may still come.
    if (!this.#unanswered?.provisionals) this.#unanswered = undefined;
  }

  #respond(status: number, parts: ResponseParts = {}): void {
    this.#unanswered?.transaction.respond(this.#buildResponse(this.#unanswered, status, parts));
  }

  #buildResponse({ transaction, contact, localTag }: Unanswered, status: number, parts: ResponseParts) {
    const { request } = transaction;
    const { allow, supported } = this.#context.capabilities;
    const headers: (readonly [string, string])[] = [...(parts.headers ?? [])];
    if (status < 300) {
      // RFC 3261 §12.1.1
      for (const route of request.headers.all('record-route')) headers.push(['record-route', route]);
      headers.push(['contact', contact], ['allow', allow], ['supported', supported]);
    }
    if (parts.body !== undefined) headers.push(['content-type', 'application/sdp']);
    return createResponse(request, status, { ...parts, headers, toTag: localTag });
  }

  /** RFC 3262 §3: always where it is required, never where it is not supported. */
  #isReliable({ request }: ServerTransaction, hasSdp: boolean): boolean {
    if (requires(request, '100rel')) return true;
    if (!supports(request, '100rel')) return false;
    const policy = this.#context.reliableProvisionals;
    return policy === 'when-supported' || (policy === 'with-sdp' && hasSdp);
  }

  #respondProvisionally(status: number, body?: string): void {
    const unanswered = this.#unanswered;
    if (this.state !== 'early' || !unanswered) return;
    const { clock } = this.#context;
    const parts = body === undefined ? {} : { body };
    if (this.#isReliable(unanswered.transaction, body !== undefined)) {
      if (body !== undefined) unanswered.earlySdp ??= body;
      unanswered.provisionals ??= createReliableProvisionals(this.#context, unanswered.transaction, () => {
        // RFC 3262 §3: nobody acknowledges.
        this.reject(504, 'No PRACK');
      });
      unanswered.provisionals.send((headers) =>
        this.#buildResponse(unanswered, status, { ...parts, headers }),
      );
    } else this.#respond(status, parts);
    clock.clearTimer(unanswered.remindTimer);
    unanswered.remindTimer = clock.setTimer(() => this.#respondProvisionally(status, body), remindMs);
  }

  ring(): void {
    this.#respondProvisionally(180);
  }

  progress(sdp: string): void {
    this.#respondProvisionally(183, sdp);
  }

  /** RFC 3891 §3: the new call takes the place of the old one, whose other side is told so. */
  #endReplaced(): void {
    const { replaces } = this;
    if (!replaces || replaces.state === 'ended') return;
    const reason = { protocol: 'SIP', cause: 200, text: 'Call replaced' };
    if (replaces.state === 'early') replaces.cancel(reason);
    else void replaces.bye(reason);
  }

  /** RFC 3262 §3: no 2xx while SDP waits for its PRACK. */
  async accept(sdp: string): Promise<void> {
    const unanswered = this.#unanswered;
    if (unanswered?.earlySdp !== undefined) await unanswered.provisionals?.settled();
    if (this.state !== 'early' || !unanswered) throw new Error(`The session is ${this.state}`);
    const { transaction, interval } = unanswered;
    this.state = 'confirmed';
    this.#decided();
    this.#inDialog.dialog.confirm();
    // RFC 3262 §5: what was agreed on early holds.
    const agreedSdp = unanswered.isEarlyAgreed ? unanswered.earlySdp : undefined;
    const isOffer = this.remoteOffer === undefined && agreedSdp === undefined;
    const body = agreedSdp ?? sdp;
    this.#inDialog.said(body);
    const response = this.#buildResponse(unanswered, 200, {
      ...(this.remoteOffer === undefined && agreedSdp !== undefined ? {} : { body }),
      headers: interval.answer(transaction.request),
    });
    const acknowledged = this.#inDialog.accept(transaction, response);
    this.#letGo();
    this.#inDialog.agreed();
    this.#endReplaced();
    // Only what is needed of the ACK: what a function that waits has in hand may be kept for as long as the call.
    const answer = await acknowledged.then(sdpOf);
    if (isOffer && answer !== undefined) guard(this.#context, () => this.on.acknowledged?.(answer));
    if (agreedSdp === undefined || agreedSdp === sdp) return;
    this.#inDialog.reinvite(sdp).catch((error) =>
      this.#context.log('info', 'What changed since the early answer was refused', {
        error: String(error),
      }),
    );
  }

  reject(
    status: number,
    reason = reasonPhrase(status),
    headers: readonly (readonly [string, string])[] = [],
  ): void {
    if (this.state !== 'early') return;
    this.#respond(status, { reason, headers });
    this.#inDialog.close();
    this.#finish(() => this.on.rejected?.(status, reason));
  }

  /** CANCEL came. */
  receiveCancel(reason: ReasonHeader | undefined): void {
    if (this.state !== 'early') return; // RFC 3261 §9.2: too late once answered
    this.#respond(487);
    this.#inDialog.close();
    this.#finish(() => this.on.cancelled?.(reason));
  }

  // ── once it is answered ─────────────────────────────────────────────────────────────────────────────────────────

  cancel(): void {}

  acknowledge(): void {}

  async bye(reason?: ReasonHeader): Promise<void> {
    if (this.state === 'early') this.reject(603);
    else await this.#inDialog.bye(reason);
  }

  reinvite(sdp: string): Promise<string> {
    return this.#inDialog.reinvite(sdp);
  }

  update(sdp: string): Promise<string> {
    return this.#inDialog.update(sdp);
  }

  refer(to: ReferOptions): Promise<number> {
    return this.#inDialog.refer(to);
  }

  info(contentType: string, body: Buffer | string): Promise<void> {
    return this.#inDialog.info(contentType, body);
  }
}
