import type { SipRequest, SipResponse } from '../message/message.ts';
import { createResponse } from '../message/response.ts';
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
 * INVITE server transaction (RFC 3261 §17.2.1 as amended by RFC 6026 §7.1).
 *
 * proceeding  the INVITE is here. 100 goes out by itself after 200 ms. A retransmitted INVITE gets the last provisional.
 *             1xx → proceeding; 2xx → accepted; 300-699 → completed.
 * completed   a refusal was sent; it is retransmitted by timer G (unreliable transport) and for each INVITE.
 *             ACK → confirmed; timer H (no ACK) → terminated, told to the user.
 * confirmed   the ACK came; further ones are absorbed. Timer I → terminated.
 * accepted    2xx was sent; its retransmission is the user's. INVITEs are absorbed, ACKs handed up. Timer L → terminated; the
 *             user needs no ACK any more → settled.
 * settled     INVITEs and ACKs are absorbed by the layer, for timer L's time anew: it remembers the key alone.
 */
type State = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'settled' | 'terminated';

const tryingAfterMs = 200;

export function createInviteServerTransaction(
  context: TransactionContext,
  request: SipRequest,
  flow: Flow,
  events: ServerTransactionEvents,
): ReceivingServerTransaction {
  const { t1, t2, t4 } = context.timers;
  const timers = createTimerSet<'100' | 'G' | 'H' | 'I' | 'L'>(context.clock);
  let state: State = 'proceeding';
  let lastBytes: Buffer | undefined;

  function terminate(): void {
    if (state === 'terminated') return;
    state = 'terminated';
    timers.clearAll();
    events.terminated();
  }

  function transmit(bytes: Buffer): void {
    context.send(flow, bytes, () => {
      if (state === 'terminated' || state === 'settled') return;
      terminate(); // RFC 3261 §17.2.4
      transaction.failed?.('transport');
    });
  }

  function retransmitRefusal(intervalMs: number): void {
    timers.set('G', intervalMs, () => {
      if (lastBytes) transmit(lastBytes);
      retransmitRefusal(Math.min(intervalMs * 2, t2));
    });
  }

  function complete(): void {
    state = 'completed';
    if (!isReliable(flow)) retransmitRefusal(t1); // timer G
    timers.set('H', 64 * t1, () => {
      terminate();
      transaction.failed?.('timeout');
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
    settle() {
      if (state !== 'accepted') return;
      state = 'settled';
      timers.clearAll();
      events.settled(transaction.lastStatus ?? 200);
    },
    terminate,
    respond(response: SipResponse) {
      const isFurther2xx = state === 'accepted' && response.status >= 200 && response.status < 300;
      if (state !== 'proceeding' && !isFurther2xx) return;
      timers.clear('100');
      const bytes = serialise(response);
      if (response.status >= 200 && !isFurther2xx) events.answered();
      transaction.lastStatus = response.status;
      lastBytes = bytes;
      if (response.status >= 300) complete();
      else if (response.status >= 200 && state === 'proceeding') {
        state = 'accepted';
        timers.set('L', 64 * t1, terminate);
      }
      transmit(bytes);
    },
    receive(received: SipRequest) {
      if (received.method === 'ACK') {
        if (state === 'completed') {
          state = 'confirmed';
          timers.clearAll();
          if (isReliable(flow)) terminate();
          else timers.set('I', t4, terminate);
        } else if (state === 'accepted') {
          transaction.acknowledged?.(received);
        }
        return;
      }
      if ((state === 'proceeding' || state === 'completed') && lastBytes) transmit(lastBytes);
    },
  };
  timers.set('100', tryingAfterMs, () => transaction.respond(createResponse(request, 100)));
  return transaction;
}
