import type { Clock } from '../clock.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Flow } from '../transport/types.ts';

/** RFC 3261 §17.1.1.1 and Table 4, in milliseconds. */
export interface TimerValues {
  /** Estimate of the round trip. */
  readonly t1: number;
  /** Greatest gap between retransmissions of non-INVITE requests and INVITE responses. */
  readonly t2: number;
  /** How long a message may stay in the network. */
  readonly t4: number;
}

export const defaultTimers: TimerValues = { t1: 500, t2: 4000, t4: 5000 };

/** Hands bytes to a flow; `failed` is called at most once, later, when they could not be sent. Never throws. */
export type Send = (flow: Flow, bytes: Buffer, failed: (error: Error) => void) => void;

/** What a transaction stands on. */
export interface TransactionContext {
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly send: Send;
}

/** Over a stream nothing is retransmitted. */
export function isReliable(flow: Flow): boolean {
  return flow.protocol !== 'udp';
}

export type TransactionFailure = 'timeout' | 'transport';

export interface ClientTransactionEvents {
  /** Every response that is not a retransmission; on INVITE also each further 2xx (RFC 6026 §7.2). */
  response(response: SipResponse): void;
  /** No final response will come. */
  failed(failure: TransactionFailure): void;
}

export interface ClientTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** Forgets the transaction at once, without a word to anybody. */
  terminate(): void;
}

export interface ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** The status of the last response, or undefined. */
  readonly lastStatus: number | undefined;
  /** Sends a response; ignored after a final one, but for further 2xx to an INVITE. */
  respond(response: SipResponse): void;
  /** INVITE only, set by its user: an ACK for a 2xx that had the branch of the INVITE (RFC 2543 clients). */
  acknowledged: ((ack: SipRequest) => void) | undefined;
  /** The final response could not be delivered: no ACK for it came, or the transport failed. */
  failed: ((failure: TransactionFailure) => void) | undefined;
  /** INVITE only: nobody waits for the ACK of its 2xx any more; what comes again is absorbed, and nothing else kept. */
  settle(): void;
  terminate(): void;
}

/** What a server transaction tells the layer, each at most once. */
export interface ServerTransactionEvents {
  /** A final response was given: what remains only absorbs and repeats. */
  answered(): void;
  /** Instead of `answered`, for a request other than INVITE: nothing but this answer has to be kept, for whoever asks again. */
  completed(bytes: Buffer, status: number): void;
  /** After `answered`, for INVITE: all that is left to do is to absorb what comes again. */
  settled(status: number): void;
  terminated(): void;
}

/** What the layer holds: a server transaction that also takes retransmissions and ACKs. */
export interface ReceivingServerTransaction extends ServerTransaction {
  receive(request: SipRequest): void;
}

export interface ReceivingClientTransaction extends ClientTransaction {
  receive(response: SipResponse): void;
}
