import type { Clock } from '../clock.ts';
import type { Dialog } from '../dialog/dialog.ts';
import type { SipRequest } from '../message/message.ts';
import type { SipUri } from '../message/uri.ts';
import type { Gruus } from '../registrar/gruu.ts';
import type {
  ClientTransaction,
  ClientTransactionEvents,
  ServerTransaction,
  TimerValues,
} from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import type { Capabilities } from './capabilities.ts';
import type { InviteSession, Log, SessionTimerOptions } from './types.ts';

/** Who gets the requests that arrive inside a dialog. */
export interface DialogUser {
  /** The session that a dialog belongs to, where it is one's. */
  readonly session?: InviteSession | undefined;
  receiveRequest(transaction: ServerTransaction, flow: Flow): void;
  receiveAck(ack: SipRequest): void;
}

/** What sessions need of the user agent. */
export interface AgentContext {
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly log: Log;
  readonly capabilities: Capabilities;
  readonly gruus: Gruus;
  readonly sessionTimers: SessionTimerOptions;
  /** When our provisional responses are sent reliably (RFC 3262 §3). */
  readonly reliableProvisionals: 'when-required' | 'with-sdp' | 'when-supported';
  /** Sends a request through a transaction; adds Via and User-Agent. */
  request(request: SipRequest, flow: Flow, events: ClientTransactionEvents): ClientTransaction;
  /** Sends an ACK for a 2xx: outside of any transaction (RFC 3261 §13.2.2.4), with a Via of its own. */
  sendAck(ack: SipRequest, flow: Flow): void;
  isFlowOpen(flow: Flow): boolean;
  /** The other end is inside our trust domain. */
  trusts(flow: Flow): boolean;
  /**
   * The flow if it is still open, else one to the next hop, fit for a request of that size.
   * Departs from RFC 3261 §18.1.1: what is too large for UDP stays on a UDP flow that is given, for a telephone behind
   * a NAT is reachable over its flow only, and IP fragments it.
   */
  openFlow(flow: Flow | undefined, nextHop: SipUri, bytes?: number): Promise<Flow>;
  /** Whoever is there could not be reached: of several places another is tried next (RFC 3263 §4.3). */
  avoid(flow: Flow): void;
  /** The Contact by which we are reached over this flow. */
  contact(flow: Flow, user: string | undefined): string;
  addDialog(dialog: Dialog, user: DialogUser): void;
  removeDialog(dialog: Dialog): void;
  /** Who uses the dialog with these tags, as we see them. */
  findDialog(callId: string, localTag: string, remoteTag: string): DialogUser | undefined;
  /** `abandon` ends it at once without a word to the other side, and tells its user. */
  addSession(session: InviteSession, abandon: () => void): void;
  removeSession(session: InviteSession): void;
}

/** Runs what the engine's user wrote; its errors are theirs, and must not stop ours. */
export function guard(context: Pick<AgentContext, 'log'>, action: () => void): void {
  try {
    action();
  } catch (error) {
    context.log('error', 'A session event handler threw', { error: String(error) });
  }
}
