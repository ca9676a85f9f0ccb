import { randomUUID } from 'node:crypto';
import type { SipRequest } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import type { ReasonHeader } from '../message/typed-headers.ts';
import type { ReferOptions } from '../refer/types.ts';
import type { Flow } from '../transport/types.ts';
import { type AgentContext, guard } from './context.ts';
import { createOutgoingInvite, type InvitingSession, type OutgoingInvite } from './outgoing-invite.ts';
import type { SessionDialog } from './session-dialog.ts';
import type { EndCause, InviteOptions, InviteSession, InviteSessionEvents } from './types.ts';

/*
 * Outgoing session (RFC 3261 §13.2).
 *
 * early       the INVITE is out. 1xx: progress. First 2xx → confirmed; 300-699, no answer → ended.
 *             cancel: CANCEL goes out once a provisional response is here (§9.1); whatever final answer comes then,
 *             the session is told cancelled, and a 2xx is acknowledged and hung up.
 * confirmed   acknowledged. A 2xx of another fork is acknowledged and hung up (§13.2.2.4).
 * ended       rejected, cancelled or ended was told, once.
 */

export function createOutgoingSession(context: AgentContext, options: InviteOptions): InviteSession {
  const session = new OutgoingSession(context, options);
  session.begin();
  return session;
}

const notConfirmed = (): Promise<never> => Promise.reject(new Error('The session is not confirmed'));

/** A class, and not a factory: see `SessionDialog`. */
class OutgoingSession implements InviteSession, InvitingSession {
  readonly id = randomUUID();
  readonly callId: string;
  readonly direction = 'outgoing';
  readonly local: NameAddr;
  remote: NameAddr;
  state: InviteSession['state'] = 'early';
  on: InviteSessionEvents = {};
  readonly #context: AgentContext;
  #invite: OutgoingInvite | undefined;
  #inDialog: SessionDialog | undefined;
  /** Our ACK has to answer, and is waited for. */
  readonly #owesAnswer: boolean;

  constructor(context: AgentContext, options: InviteOptions) {
    this.#context = context;
    this.remote = options.to;
    this.#owesAnswer = options.offer === undefined;
    this.#invite = createOutgoingInvite(context, options, this);
    this.callId = this.#invite.callId;
    this.local = this.#invite.local;
  }

  begin(): void {
    this.#context.addSession(this, () => {
      const wasEarly = this.state === 'early';
      const reason = this.#invite?.cancelReason;
      this.#inDialog?.close();
      this.#invite?.abandon();
      this.finish(() => (wasEarly ? this.on.cancelled?.(reason) : this.on.ended?.({ by: 'local' })));
    });
    // Later, so that the caller can set `on` first.
    queueMicrotask(() => void this.#invite?.start());
  }

  get request(): SipRequest | undefined {
    return this.#invite?.request;
  }

  get flow(): Flow | undefined {
    return this.#inDialog?.flow ?? this.#invite?.flow;
  }

  confirm(inDialog: SessionDialog): void {
    this.state = 'confirmed';
    this.#inDialog = inDialog;
    this.remote = inDialog.dialog.remote;
    if (!this.#owesAnswer) this.#invite = undefined;
  }

  finish(tell: () => void): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.#invite?.closeOthers();
    this.#context.removeSession(this);
    guard(this.#context, tell);
    // Its INVITE's transaction waits for further answers for half a minute (RFC 6026 §7.2), and must not keep the call as long.
    this.on = {};
  }

  // ── its dialogs ─────────────────────────────────────────────────────────────────────────────────────────────────

  sessionOf(dialog: SessionDialog): InviteSession | undefined {
    return this.#inDialog === undefined || dialog === this.#inDialog ? this : undefined;
  }

  onOf(dialog: SessionDialog): InviteSessionEvents {
    return dialog === this.#inDialog || this.state === 'early' ? this.on : {};
  }

  firstInvite(): 'ours' | undefined {
    return this.#inDialog ? undefined : 'ours';
  }

  firstOffer({ dialog }: SessionDialog): 'ours' | undefined {
    return this.#inDialog || this.#invite?.hasAnswered(dialog.remoteTag) ? undefined : 'ours';
  }

  dialogEnded(dialog: SessionDialog, why: EndCause): void {
    if (dialog === this.#inDialog) this.finish(() => this.on.ended?.(why));
  }

  // ── what its user does ──────────────────────────────────────────────────────────────────────────────────────────

  ring(): void {}

  progress(): void {}

  accept(): Promise<void> {
    return Promise.reject(new Error('An outgoing session is accepted by the other side'));
  }

  reject(): void {}

  cancel(reason?: ReasonHeader): void {
    this.#invite?.cancel(reason, false);
  }

  acknowledge(answerSdp: string): void {
    this.#invite?.acknowledge(answerSdp);
    if (this.state !== 'early') this.#invite = undefined;
  }

  async bye(reason?: ReasonHeader): Promise<void> {
    if (this.state === 'early') this.cancel(reason);
    else await this.#inDialog?.bye(reason);
  }

  reinvite(sdp: string): Promise<string> {
    return this.#inDialog?.reinvite(sdp) ?? notConfirmed();
  }

  update(sdp: string): Promise<string> {
    // Before the answer there may be several places that ring: the one that has answered our offer is meant.
    const there = this.#inDialog ?? this.#invite?.answering();
    return there?.update(sdp) ?? Promise.reject(new Error('The other side has not answered the offer'));
  }

  refer(to: ReferOptions): Promise<number> {
    return this.#inDialog?.refer(to) ?? notConfirmed();
  }

  info(contentType: string, body: Buffer | string): Promise<void> {
    return this.#inDialog?.info(contentType, body) ?? notConfirmed();
  }
}
