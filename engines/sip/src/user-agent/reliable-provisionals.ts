import type { Clock, TimerHandle } from '../clock.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { parseNumber } from '../message/typed-headers.ts';
import { SipRefusal } from '../refusal.ts';
import type { ServerTransaction, TimerValues } from '../transaction/types.ts';

/*
 * Provisional responses that are sent until PRACK acknowledges them (RFC 3262 §3), one at a time.
 *
 * free      the next one may go.
 * waiting   one is out, repeated after T1, 2*T1, 4*T1… PRACK → free; none in 64*T1 → failed.
 * stopped   a final response was given: nothing is repeated; PRACK for what was sent is still taken.
 */

export interface ReliableProvisionals {
  /** `build` is given the headers that make the response reliable; called when its turn comes. */
  send(build: (headers: readonly (readonly [string, string])[]) => SipResponse): void;
  /** Notes a PRACK; throws SipRefusal 481 when it acknowledges nothing of ours, ParseError never. */
  acknowledge(prack: SipRequest): void;
  /** Resolves when nothing waits for its PRACK, or `stop` was called. */
  settled(): Promise<void>;
  stop(): void;
}

interface Waiting {
  readonly sequence: number;
  readonly timer: { repeat: TimerHandle; giveUp: TimerHandle };
}

/** More than a call can sensibly have; each lives until the session ends. */
const maxSent = 64;

export function createReliableProvisionals(
  context: { clock: Clock; timers: TimerValues },
  transaction: ServerTransaction,
  failed: () => void,
): ReliableProvisionals {
  const { clock, timers } = context;
  /** RFC 3262 §3: begins anywhere between 1 and 2**31-1. */
  let sequence = 1 + Math.floor(Math.random() * 2 ** 30);
  const unacknowledged = new Set<number>();
  const queue: ((headers: readonly (readonly [string, string])[]) => SipResponse)[] = [];
  const resumed: (() => void)[] = [];
  let waiting: Waiting | undefined;
  let isStopped = false;

  function clear(): void {
    if (!waiting) return;
    clock.clearTimer(waiting.timer.repeat);
    clock.clearTimer(waiting.timer.giveUp);
    waiting = undefined;
  }

  function wake(): void {
    if (!waiting || isStopped) for (const resume of resumed.splice(0)) resume();
  }

  function next(): void {
    if (waiting || isStopped) return;
    const build = queue.shift();
    if (!build) {
      wake();
      return;
    }
    sequence++;
    const response = build([
      ['require', '100rel'],
      ['rseq', String(sequence)],
    ]);
    unacknowledged.add(sequence);
    const timer: Waiting['timer'] = { repeat: undefined, giveUp: undefined };
    const repeatAfter = (intervalMs: number) => {
      timer.repeat = clock.setTimer(() => {
        transaction.respond(response);
        repeatAfter(intervalMs * 2);
      }, intervalMs);
    };
    timer.giveUp = clock.setTimer(() => {
      clear();
      failed();
    }, 64 * timers.t1);
    waiting = { sequence, timer };
    repeatAfter(timers.t1);
    transaction.respond(response);
  }

  return {
    send(build) {
      if (isStopped || queue.length + unacknowledged.size >= maxSent) return;
      queue.push(build);
      next();
    },
    acknowledge(prack) {
      const match = /^([0-9]{1,10})[ \t]+([0-9]{1,10})[ \t]+([^\s]+)$/.exec(
        prack.headers.get('rack')?.trim() ?? '',
      );
      const rseq = parseNumber(match?.[1] ?? '');
      const cseq = parseNumber(match?.[2] ?? '');
      const { number } = transaction.request.cseq;
      if (rseq === undefined || cseq !== number || match?.[3] !== 'INVITE' || !unacknowledged.delete(rseq)) {
        throw new SipRefusal(481, 'No Such Provisional Response');
      }
      if (waiting?.sequence !== rseq) return;
      clear();
      next();
    },
    settled() {
      return waiting && !isStopped ? new Promise((resolve) => resumed.push(resolve)) : Promise.resolve();
    },
    stop() {
      isStopped = true;
      queue.length = 0;
      clear();
      wake();
    },
  };
}
