import type { SipRequest, SipResponse } from '../message/message.ts';
import { serialise } from '../message/serialise.ts';
import type { Flow } from '../transport/types.ts';
import { createTimerSet } from './timer-set.ts';
import {
  isReliable,
  type ReceivingServerTransaction,
  type ServerTransactionEvents,
  type TransactionContext,
} from './types.ts';

/*
 * Non-INVITE server transaction (RFC 3261 §17.2.2).
 *
 * trying      the request is here; retransmissions are absorbed. 1xx → proceeding; final → completed.
 * proceeding  a retransmission gets the last provisional. Final → completed.
 * completed   a retransmission gets the final response. Timer J (at once on a stream) → terminated.
 */
type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

export function createNonInviteServerTransaction(
  context: TransactionContext,
  request: SipRequest,
  flow: Flow,
  events: ServerTransactionEvents,
): ReceivingServerTransaction {
  const timers = createTimerSet<'J'>(context.clock);
  let state: State = 'trying';
  let lastBytes: Buffer | undefined;
  let lastStatus: number | undefined;

  function terminate(): void {
    if (state === 'terminated') return;
    state = 'terminated';
    timers.clearAll();
    events.terminated();
  }

  function transmit(bytes: Buffer): void {
    context.send(flow, bytes, () => {
      if (state === 'terminated') return;
      terminate();
      transaction.failed?.('transport');
    });
  }

  const transaction: ReceivingServerTransaction = {
    request,
    flow,
    get lastStatus() {
      return lastStatus;
    },
    acknowledged: undefined,
    failed: undefined,
    terminate,
    respond(response: SipResponse) {
      if (state === 'completed' || state === 'terminated') return;
      lastStatus = response.status;
      lastBytes = serialise(response);
      transmit(lastBytes);
      if (response.status < 200) {
        state = 'proceeding';
      } else {
        state = 'completed';
        events.answered();
        if (isReliable(flow)) terminate();
        else timers.set('J', 64 * context.timers.t1, terminate);
      }
    },
    receive() {
      if (lastBytes && state !== 'terminated') transmit(lastBytes);
    },
  };
  return transaction;
}
