import type { SipRequest, SipResponse } from '../message/message.ts';
import { serialise } from '../message/serialise.ts';
import type { Flow } from '../transport/types.ts';
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
 * completed   a retransmission gets the final response, from answered-requests.ts. Timer J (at once on a stream) → terminated.
 */
type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

export function createNonInviteServerTransaction(
  context: TransactionContext,
  request: SipRequest,
  flow: Flow,
  events: ServerTransactionEvents,
): ReceivingServerTransaction {
  let state: State = 'trying';
  let lastBytes: Buffer | undefined;

  function terminate(): void {
    if (state === 'terminated') return;
    state = 'terminated';
    events.terminated();
  }

  function transmit(bytes: Buffer): void {
    context.send(flow, bytes, () => {
      if (state === 'terminated') return;
      terminate();
      transaction.failed?.('transport');
    });
  }

  // A plain property and no getter: V8 keeps an object with getters of its own as a dictionary.
  const transaction: {
    -readonly [name in keyof ReceivingServerTransaction]: ReceivingServerTransaction[name];
  } = {
    request,
    flow,
    lastStatus: undefined,
    acknowledged: undefined,
    failed: undefined,
    settle() {},
    terminate,
    respond(response: SipResponse) {
      if (state === 'completed' || state === 'terminated') return;
      transaction.lastStatus = response.status;
      lastBytes = serialise(response);
      if (response.status < 200) {
        state = 'proceeding';
        transmit(lastBytes);
        return;
      }
      state = 'completed';
      if (isReliable(flow)) events.answered();
      else events.completed(lastBytes, response.status);
      transmit(lastBytes);
      if (isReliable(flow)) terminate();
    },
    receive() {
      if (lastBytes && state !== 'terminated') transmit(lastBytes);
    },
  };
  return transaction;
}
