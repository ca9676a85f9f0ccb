import { Headers } from '../message/headers.ts';
import { SipRequest, type SipResponse } from '../message/message.ts';
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
 * INVITE client transaction (RFC 3261 §17.1.1 as amended by RFC 6026 §7.2).
 *
 * calling     the INVITE is out and retransmitted by timer A (unreliable transport).
 *             1xx → proceeding; 2xx → accepted; 300-699 → completed; timer B or transport error → terminated.
 * proceeding  somebody works on it; no retransmission. 1xx → proceeding; 2xx → accepted; 300-699 → completed.
 * completed   refused; ACK sent here, again for each retransmission. Timer D (at once on a stream) → terminated.
 * accepted    2xx came; the user acknowledges. Each further 2xx (retransmission or another fork) is handed up.
 *             Timer M → terminated.
 */
type State = 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated';

/** Timer D: at least 32 s (RFC 3261 §17.1.1.2). */
const absorbRefusalsMs = 32_000;

export function createInviteClientTransaction(
  context: TransactionContext,
  request: SipRequest,
  flow: Flow,
  events: ClientTransactionEvents,
  terminated: () => void,
): ReceivingClientTransaction {
  const { t1 } = context.timers;
  const timers = createTimerSet<'A' | 'B' | 'D' | 'M'>(context.clock);
  /** Until it needs no repeating any more. */
  let bytes: Buffer | undefined = serialise(request);
  let state: State = 'calling';
  let ackBytes: Buffer | undefined;

  function terminate(): void {
    if (state === 'terminated') return;
    state = 'terminated';
    timers.clearAll();
    terminated();
  }

  function fail(failure: TransactionFailure): void {
    if (state === 'terminated') return;
    const wasAnswered = state === 'completed' || state === 'accepted';
    terminate();
    if (!wasAnswered) events.failed(failure);
  }

  function transmit(message: Buffer): void {
    context.send(flow, message, () => fail('transport'));
  }

  function retransmit(intervalMs: number): void {
    timers.set('A', intervalMs, () => {
      if (bytes) transmit(bytes);
      retransmit(intervalMs * 2);
    });
  }

  function refuse(response: SipResponse): void {
    state = 'completed';
    bytes = undefined;
    timers.clearAll();
    ackBytes = serialise(createRefusalAck(request, response));
    transmit(ackBytes);
    if (isReliable(flow)) terminate();
    else timers.set('D', Math.max(absorbRefusalsMs, 64 * t1), terminate);
    events.response(response);
  }

  timers.set('B', 64 * t1, () => fail('timeout'));
  if (!isReliable(flow)) retransmit(t1);
  transmit(bytes);

  return {
    request,
    flow,
    terminate,
    receive(response) {
      if (state === 'calling' || state === 'proceeding') {
        if (response.status >= 300) {
          refuse(response);
          return;
        }
        timers.clear('A');
        timers.clear('B');
        bytes = undefined;
        if (response.status >= 200) {
          state = 'accepted';
          timers.set('M', 64 * t1, terminate);
        } else {
          state = 'proceeding';
        }
        events.response(response);
      } else if (state === 'completed' && response.status >= 300) {
        if (ackBytes) transmit(ackBytes);
      } else if (state === 'accepted' && response.status >= 200 && response.status < 300) {
        events.response(response);
      }
    },
  };
}

/** RFC 3261 §17.1.1.3: the ACK for a refusal belongs to the INVITE's transaction. */
export function createRefusalAck(invite: SipRequest, response: SipResponse): SipRequest {
  const headers = new Headers();
  headers.append('via', invite.headers.list('via')[0] ?? '');
  headers.append('max-forwards', '70');
  for (const route of invite.headers.all('route')) headers.append('route', route);
  headers.append('from', invite.headers.get('from') ?? '');
  headers.append('to', response.headers.get('to') ?? '');
  headers.append('call-id', invite.callId);
  headers.append('cseq', `${invite.cseq.number} ACK`);
  return new SipRequest('ACK', invite.uriText, headers);
}
