import type { Clock, TimerHandle } from '../clock.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { ServerTransaction, TimerValues } from '../transaction/types.ts';

/** A 2xx to an INVITE on its way to its ACK. */
export interface Acceptance {
  readonly sequence: number;
  acknowledge(ack: SipRequest): void;
  /** Stops without an outcome. */
  close(): void;
}

/**
 * Sends a 2xx until its ACK comes, T1 doubling to T2, over whatever transport (RFC 3261 §13.3.1.4); calls exactly one
 * of the two unless closed.
 */
export function createAcceptance(
  context: { clock: Clock; timers: TimerValues },
  transaction: ServerTransaction,
  response: SipResponse,
  outcome: { acknowledged(ack: SipRequest): void; unacknowledged(): void },
): Acceptance {
  const { clock, timers } = context;
  let resendTimer: TimerHandle;
  let isOpen = true;

  function close(): void {
    isOpen = false;
    clock.clearTimer(resendTimer);
    clock.clearTimer(giveUpTimer);
    transaction.settle();
  }

  function resendAfter(intervalMs: number): void {
    resendTimer = clock.setTimer(() => {
      transaction.respond(response);
      resendAfter(Math.min(intervalMs * 2, timers.t2));
    }, intervalMs);
  }

  const giveUpTimer = clock.setTimer(() => {
    close();
    outcome.unacknowledged();
  }, 64 * timers.t1);
  resendAfter(timers.t1);
  const acknowledge = (ack: SipRequest) => {
    if (!isOpen) return;
    close();
    outcome.acknowledged(ack);
  };
  transaction.acknowledged = acknowledge;
  transaction.respond(response);
  return { sequence: transaction.request.cseq.number, acknowledge, close };
}
