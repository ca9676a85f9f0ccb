import type { Dialog } from '../dialog/dialog.ts';
import type { ClientCredentials } from '../digest/client.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import { ParseError } from '../message/parse-error.ts';
import { createResponse } from '../message/response.ts';
import { formatReason, type ReasonHeader } from '../message/typed-headers.ts';
import { createSessionReferrals, type SessionReferrals } from '../refer/session-referrals.ts';
import type { ReferOptions } from '../refer/types.ts';
import { SipRefusal } from '../refusal.ts';
import type { ServerTransaction } from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import { allows, refuseUnsupported } from './capabilities.ts';
import type { AgentContext, DialogUser } from './context.ts';
import { exchange } from './exchange.ts';
import { createOurReinvite, type OurReinvite } from './our-reinvite.ts';
import { createOurUpdate, type OurUpdate } from './our-update.ts';
import type { SessionInterval } from './session-interval.ts';
import { createSessionRequests } from './session-requests.ts';
import { createSessionTimer, type SessionTimer } from './session-timer.ts';
import { createTheirOffers, type TheirOffers } from './their-offers.ts';
import type { EndCause, InviteSession, InviteSessionEvents } from './types.ts';

/*
 * What both directions of a session do inside their dialog.
 *
 * open    requests go both ways. Theirs: session-requests.ts, their-offers.ts; ours: our-reinvite.ts, our-update.ts.
 * over    BYE was sent or came, or the other side is gone. Theirs are still answered until our BYE is: BYE 200,
 *         everything else 481. Told to the session once.
 */

/** The session that has the dialog, or an INVITE of its that founded several. */
export interface DialogOwner {
  /** The session that this is the dialog of; undefined for a fork that is not answered. */
  sessionOf(dialog: SessionDialog): InviteSession | undefined;
  onOf(dialog: SessionDialog): InviteSessionEvents;
  /** Who has an INVITE under way that the dialog does not know of: the first one. */
  firstInvite(dialog: SessionDialog): 'ours' | 'theirs' | undefined;
  /** Whose offer in it has no answer yet. */
  firstOffer(dialog: SessionDialog): 'ours' | 'theirs' | undefined;
  /** PRACK came; throws SipRefusal 481 when it acknowledges nothing. */
  acknowledgeProvisional?(transaction: ServerTransaction): void;
  /** The dialog is over; called once. */
  dialogEnded(dialog: SessionDialog, why: EndCause): void;
}

export interface SessionDialogOptions {
  readonly dialog: Dialog;
  readonly flow: Flow;
  readonly contact: string;
  /** We sent the first INVITE. */
  readonly ownsCallId: boolean;
  readonly auth?: ClientCredentials | undefined;
  readonly interval: SessionInterval;
  readonly principal?: unknown;
}

const expiredReason: ReasonHeader = { protocol: 'SIP', cause: 408, text: 'Session timer expired' };

/**
 * Thousands stand at a time, and most of them do nothing: what a request needs is made for it and let go of, and methods are of
 * a class, where a factory would give each dialog closures of its own.
 */
export class SessionDialog implements DialogUser {
  readonly dialog: Dialog;
  flow: Flow;
  isOver = false;
  readonly #context: AgentContext;
  readonly #owner: DialogOwner;
  readonly #contact: string;
  readonly #ownsCallId: boolean;
  readonly #auth: ClientCredentials | undefined;
  readonly #interval: SessionInterval;
  readonly #principal: unknown;
  #isOfferUnderWay = false;
  #theyAllowUpdate = false;
  #lastSaid: string | undefined;
  #waiting: (() => void)[] | undefined;
  #timer: SessionTimer | undefined;
  #ours: OurReinvite | undefined;
  #ourUpdate: OurUpdate | undefined;
  #theirs: TheirOffers | undefined;
  #referrals: SessionReferrals | undefined;

  constructor(context: AgentContext, owner: DialogOwner, options: SessionDialogOptions) {
    this.#context = context;
    this.#owner = owner;
    this.dialog = options.dialog;
    this.flow = options.flow;
    this.#contact = options.contact;
    this.#ownsCallId = options.ownsCallId;
    this.#auth = options.auth;
    this.#interval = options.interval;
    this.#principal = options.principal;
  }

  get session(): InviteSession | undefined {
    return this.#owner.sessionOf(this);
  }

  /** Resolves once the condition holds; looked at whenever something was finished. */
  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#waiting ??= [];
        this.#waiting.push(resolve);
      });
    }
  }

  #wake(): void {
    if (this.#theirs?.isOpen === false) this.#theirs = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const resume of waiting ?? []) resume();
  }

  /** We said this of our media. */
  said(sdp: string): void {
    this.#lastSaid = sdp;
  }

  /** The interval was agreed on: the session's timer starts over. */
  agreed(): void {
    if (!this.#interval.agreed && !this.#timer) return;
    this.#timer ??= createSessionTimer(this.#context, this.#interval, {
      refresh: () => this.#refresh(),
      expired: () => void this.#hangUp({ by: 'timeout', reason: expiredReason }), // RFC 4028 §10
    });
    this.#timer.restart();
  }

  #end(why: EndCause): void {
    if (this.isOver) return;
    this.#settle();
    this.#owner.dialogEnded(this, why);
  }

  #settle(): void {
    this.isOver = true;
    this.#timer?.close();
    this.#wake();
    this.#theirs?.close();
    this.#ours?.abandon();
    this.#referrals?.close();
  }

  #respond(
    transaction: ServerTransaction,
    status: number,
    parts: { reason?: string; headers?: readonly (readonly [string, string])[]; body?: Buffer | string } = {},
  ): void {
    transaction.respond(
      createResponse(transaction.request, status, { ...parts, toTag: this.dialog.localTag }),
    );
  }

  /** Forgets everything without a word. */
  close(): void {
    if (!this.isOver) this.#settle();
    this.#context.removeDialog(this.dialog);
  }

  // ── what we send ────────────────────────────────────────────────────────────────────────────────────────────────

  async #openFlow(): Promise<Flow> {
    this.flow = await this.#context.openFlow(this.flow, this.dialog.nextHop);
    return this.flow;
  }

  /** A request of any other kind. */
  async send(
    method: string,
    headers: readonly (readonly [string, string])[] = [],
    body: Buffer | string = '',
  ): Promise<SipResponse> {
    const over = await this.#openFlow();
    return exchange(
      this.#context,
      over,
      (extra) => this.dialog.createRequest(method, { headers: [...headers, ...extra], body }),
      this.#auth,
    );
  }

  /** Acknowledges the 2xx of our INVITE (RFC 3261 §13.2.2.4); the same ACK goes again whenever that comes again. */
  acknowledge(sequence: number, sdp?: string): SipRequest {
    const ack = this.dialog.createRequest('ACK', {
      sequence,
      ...(sdp !== undefined && { headers: [['content-type', 'application/sdp'] as const], body: sdp }),
    });
    this.reacknowledge(ack);
    return ack;
  }

  reacknowledge(ack: SipRequest): void {
    this.#context.sendAck(ack, this.flow);
  }

  async #sendBye(reason: ReasonHeader | undefined): Promise<void> {
    try {
      await this.send('BYE', reason ? [['reason', formatReason(reason)]] : []);
    } catch (error) {
      this.#context.log('info', 'BYE could not be sent', {
        callId: this.dialog.callId,
        error: String(error),
      });
    } finally {
      this.#context.removeDialog(this.dialog);
    }
  }

  bye(reason?: ReasonHeader): Promise<void> {
    return this.#hangUp({ by: 'local', ...(reason && { reason }) });
  }

  #hangUp(why: EndCause): Promise<void> {
    if (this.isOver) return Promise.resolve();
    const theirs = this.#theirs;
    if (theirs?.isAccepting) {
      // RFC 3261 §15: not before the ACK has come or was given up.
      return new Promise((resolve) => theirs.afterAck(() => resolve(this.#hangUp(why))));
    }
    this.#end(why);
    return this.#sendBye(why.reason);
  }

  /** One offer at a time (RFC 3261 §14.1); what is under way may end first. */
  async #offer<T>(action: () => Promise<T>): Promise<T> {
    await this.#until(() => this.isOver || !(this.#isOfferUnderWay || this.#theirs?.isOpen));
    if (this.isOver) throw new SipRefusal(481, 'Session Ended');
    this.#isOfferUnderWay = true;
    try {
      await this.#openFlow();
      if (this.isOver) throw new SipRefusal(487, 'Session Ended');
      return await action();
    } finally {
      this.#isOfferUnderWay = false;
      this.#wake();
    }
  }

  async reinvite(sdp: string): Promise<string> {
    if (this.#owner.firstInvite(this)) throw new SipRefusal(491, 'Request Pending');
    return this.#offer(async () => {
      this.#ours = createOurReinvite(this.#context, {
        dialog: this.dialog,
        contact: this.#contact,
        auth: this.#auth,
        ownsCallId: this.#ownsCallId,
        acknowledger: this,
        interval: this.#interval,
        flow: () => this.flow,
        agreed: () => this.agreed(),
        theirsDone: () => this.#until(() => this.isOver || !this.#theirs?.isOpen),
        hangUp: (why) => void this.#hangUp(why),
      });
      try {
        const answer = await this.#ours.send(sdp);
        this.said(sdp);
        return answer;
      } finally {
        this.#ours = undefined;
      }
    });
  }

  /** By UPDATE; needs no ACK, and may be sent before the session is answered. */
  async update(sdp: string): Promise<string> {
    if (this.#owner.firstOffer(this)) throw new SipRefusal(491, 'Request Pending'); // RFC 3311 §5.1
    return this.#offer(async () => {
      const answer = await this.#sendUpdate(sdp);
      this.said(sdp);
      return answer ?? '';
    });
  }

  async #sendUpdate(sdp?: string): Promise<string | undefined> {
    const ours = createOurUpdate(this.#context, {
      contact: this.#contact,
      interval: this.#interval,
      send: (method, headers, body) => this.send(method, headers, body),
      refreshTarget: (message) => this.dialog.refreshTarget(message),
      agreed: () => this.agreed(),
      hangUp: (why) => void this.#hangUp(why),
    });
    if (sdp === undefined) return ours.send();
    this.#ourUpdate = ours;
    try {
      return await ours.send(sdp);
    } finally {
      this.#ourUpdate = undefined;
    }
  }

  async #refresh(): Promise<boolean> {
    try {
      // RFC 4028 §7.4: UPDATE where it is allowed, for it needs no offer.
      if (this.#theyAllowUpdate) await this.#sendUpdate();
      else if (this.#lastSaid !== undefined) await this.reinvite(this.#lastSaid);
      return true;
    } catch (error) {
      this.#context.log('info', 'A session could not be refreshed', {
        callId: this.dialog.callId,
        error: String(error),
      });
      return false;
    }
  }

  async info(contentType: string, body: Buffer | string): Promise<void> {
    if (this.isOver) throw new SipRefusal(481, 'Session Ended');
    const response = await this.send('INFO', [['content-type', contentType]], body);
    if (response.status >= 300) throw new SipRefusal(response.status, response.reasonPhrase);
  }

  async refer(options: ReferOptions): Promise<number> {
    if (this.isOver) throw new SipRefusal(481, 'Session Ended');
    return this.#openReferrals().send(options);
  }

  // ── what comes ──────────────────────────────────────────────────────────────────────────────────────────────────

  #openTheirs(): TheirOffers {
    this.#theirs ??= createTheirOffers(this.#context, {
      dialog: this.dialog,
      contact: this.#contact,
      interval: this.#interval,
      on: () => this.#owner.onOf(this),
      respond: (transaction, status, parts) => this.#respond(transaction, status, parts),
      otherInvite: () => (this.#ours?.isInviting ? 'ours' : this.#owner.firstInvite(this)),
      otherOffer: () =>
        this.#ours?.isInviting || this.#ourUpdate?.isOffering ? 'ours' : this.#owner.firstOffer(this),
      said: (sdp) => this.said(sdp),
      agreed: () => this.agreed(),
      wake: () => this.#wake(),
      lost: (why, isDead) => {
        if (!isDead) void this.#hangUp(why);
        else {
          this.#end(why);
          this.#context.removeDialog(this.dialog);
        }
      },
    });
    return this.#theirs;
  }

  #openReferrals(): SessionReferrals {
    this.#referrals ??= createSessionReferrals(
      this.#context,
      (method, headers, body) => this.send(method, headers, body),
      this.#contact,
      this.#principal,
    );
    return this.#referrals;
  }

  /** Answers an INVITE with 2xx and waits for the ACK; without one the session ends by timeout. */
  accept(transaction: ServerTransaction, response: SipResponse): Promise<SipRequest> {
    return this.#openTheirs().accept(transaction, response);
  }

  /** Their first message: what they allow. */
  learn(message: SipMessage): void {
    this.#theyAllowUpdate = allows(message, 'UPDATE') ?? this.#theyAllowUpdate;
  }

  #receiveBye(transaction: ServerTransaction): void {
    this.#respond(transaction, 200);
    const { reason } = transaction.request;
    const wasOver = this.isOver;
    this.#end({ by: 'remote', ...(reason && { reason }) });
    if (!wasOver) this.#context.removeDialog(this.dialog);
  }

  #dispatch(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (!this.dialog.receive(request)) {
      this.#respond(transaction, 500, { reason: 'CSeq Out Of Order' });
      return;
    }
    if (request.method === 'BYE') {
      this.#receiveBye(transaction);
      return;
    }
    if (this.isOver) {
      this.#respond(transaction, 481);
      return;
    }
    refuseUnsupported(request);
    this.learn(request);
    createSessionRequests(this.#context, {
      contact: this.#contact,
      on: () => this.#owner.onOf(this),
      respond: (to, status, parts) => this.#respond(to, status, parts),
      theirs: () => this.#openTheirs(),
      referrals: () => this.#openReferrals(),
      acknowledgeProvisional: this.#owner.acknowledgeProvisional?.bind(this.#owner),
    }).receive(transaction);
    // A refusal leaves nothing open.
    if (this.#theirs?.isOpen === false) this.#theirs = undefined;
  }

  receiveRequest(transaction: ServerTransaction, receivedOver: Flow): void {
    // The connection that the session came over is gone: the other side has a new one.
    if (receivedOver.id !== this.flow.id && receivedOver.protocol !== 'udp') this.flow = receivedOver;
    try {
      this.#dispatch(transaction);
    } catch (error) {
      if (error instanceof SipRefusal) {
        this.#respond(transaction, error.status, { reason: error.message, headers: error.headers });
      } else if (error instanceof ParseError) {
        this.#respond(transaction, error.status, { reason: error.message });
      } else throw error;
    }
  }

  receiveAck(ack: SipRequest): void {
    this.#theirs?.receiveAck(ack);
  }
}
