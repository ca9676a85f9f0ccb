import type { SipRequest } from '../message/message.ts';
import { serialise } from '../message/serialise.ts';
import type { Flow } from '../transport/types.ts';
import { createTimerSet } from './timer-set.ts';
import {
  type ClientTransactionEvents,
  isReliable,
  type ReceivingClientTransaction,
  type TransactionContext,
  type TransactionFailure,
} from './types.ts';

/*
 * Non-INVITE client transaction (RFC 3261 §17.1.2).
 *
 * trying      the request is out and retransmitted by timer E, T1 doubling to T2 (unreliable transport).
 *             1xx → proceeding; final → completed; timer F or transport error → terminated.
 * proceeding  retransmitted every T2. Final → completed; timer F or transport error → terminated.
 * completed   retransmitted responses are absorbed. Timer K (at once on a stream) → terminated.
 */
type State = 'trying' | 'proceeding' | 'completed' | 'terminated';

export function createNonInviteClientTransaction(
  context: TransactionContext,
  request: SipRequest,
  flow: Flow,
  events: ClientTransactionEvents,
  terminated: () => void,
): ReceivingClientTransaction {
  const { t1, t2, t4 } = context.timers;
  const timers = createTimerSet<'E' | 'F' | 'K'>(context.clock);
  const bytes = serialise(request);
  let state: State = 'trying';

  function terminate(): void {
    if (state === 'terminated') return;
    state = 'terminated';
    timers.clearAll();
    terminated();
  }

  function fail(failure: TransactionFailure): void {
    if (state === 'terminated') return;
    const wasAnswered = state === 'completed';
    terminate();
    if (!wasAnswered) events.failed(failure);
  }

  function transmit(): void {
    context.send(flow, bytes, () => fail('transport'));
  }

  function retransmit(intervalMs: number): void {
    timers.set('E', intervalMs, () => {
      transmit();
      retransmit(state === 'proceeding' ? t2 : Math.min(intervalMs * 2, t2));
    });
  }

  timers.set('F', 64 * t1, () => fail('timeout'));
  if (!isReliable(flow)) retransmit(t1);
  transmit();

  return {
    request,
    flow,
    terminate,
    receive(response) {
      if (state !== 'trying' && state !== 'proceeding') return;
      if (response.status < 200) {
        state = 'proceeding';
      } else {
        state = 'completed';
        timers.clearAll();
        if (isReliable(flow)) terminate();
        else timers.set('K', t4, terminate);
      }
      events.response(response);
    },
  };
}
