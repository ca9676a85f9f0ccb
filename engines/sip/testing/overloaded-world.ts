import { createManualClock } from '../src/clock.ts';
import { createOverloadControl, type OverloadControl } from '../src/overload/overload-control.ts';
import { createRecentRefusals } from '../src/overload/recent-refusals.ts';

/** Milliseconds of processor time, as measured. */
export interface Costs {
  /** Receiving a datagram and looking at it; refusing it; challenging a telephone; storing its registration. */
  read: number;
  refuse: number;
  challenge: number;
  store: number;
}

export const usualCosts: Costs = { read: 0.008, refuse: 0.006, challenge: 0.1, store: 0.22 };

/** libuv reads so many datagrams before the rest of the event loop has its turn. */
const readsPerTurn = 32;
const t1Ms = 500;
const givenUpMs = 8000;
const roundTripMs = 1;

interface Telephone {
  readonly callId: string;
  readonly beganMs: number;
  isSigned: boolean;
  isDone: boolean;
  /** Neither request of it, the first, both. */
  takenOn: 0 | 1 | 2;
  /** Of its present request. */
  sentMs: number;
  waitMs: number;
}

type Message =
  | { readonly kind: 'probe'; readonly back: () => void }
  | { readonly kind: 'request'; readonly from: Telephone; readonly isSigned: boolean };

/**
 * A server of one processor, with the event loop, the socket's queue and the database that make it slow, and telephones that
 * register through it and send again what is not answered (RFC 3261 §17.1.2.2). Time is turned by what things cost.
 */
export function createOverloadedWorld({
  costs = usualCosts,
  queueHolds = 4000,
  databaseMs = 4,
  /** The share of the processor that this server gets at a time. */
  speed = () => 1,
  /** Of the hashes of what was refused: the model runs the same way each time. */
  seed = 1,
}: {
  costs?: Costs;
  queueHolds?: number;
  databaseMs?: number;
  speed?: (nowMs: number) => number;
  seed?: number;
} = {}) {
  const clock = createManualClock();
  /** A ring: `queued` of them, from `first` on. */
  const queue: Message[] = new Array(queueHolds);
  let first = 0;
  let queued = 0;
  const later = new Map<number, (() => void)[]>();
  const stored: (() => void)[] = [];
  let nowMs = 0;
  let shownMs = 0;
  let perSecond = 0;
  let owed = 0;
  let lostNow = 0;
  const counts = {
    begun: 0,
    done: 0,
    refused: 0,
    refusedSigned: 0,
    lost: 0,
    repeated: 0,
    givenUp: 0,
    passedOver: 0,
  };
  const control: OverloadControl = createOverloadControl({
    clock,
    random: () => 0.5,
    probe(back) {
      push({ kind: 'probe', back });
      return true;
    },
    countLost(tell) {
      tell(lostNow);
      lostNow = 0;
    },
  });
  const registrationMs = 2 * costs.read + costs.challenge + costs.store;

  const refusals = createRecentRefusals(() => nowMs, seed);

  function push(message: Message): void {
    if (queued < queueHolds) {
      queue[(first + queued++) % queueHolds] = message;
      return;
    }
    counts.lost += 1;
    lostNow += 1;
  }

  function after(delayMs: number, action: () => void): void {
    const at = Math.ceil(nowMs + delayMs);
    const actions = later.get(at);
    if (actions) actions.push(action);
    else later.set(at, [action]);
  }

  function send(telephone: Telephone): void {
    const { sentMs, isSigned } = telephone;
    push({ kind: 'request', from: telephone, isSigned });
    after(telephone.waitMs, () => {
      if (telephone.isDone || telephone.sentMs !== sentMs) return;
      if (nowMs - telephone.beganMs > givenUpMs) {
        telephone.isDone = true;
        counts.givenUp += 1;
        return;
      }
      telephone.waitMs = Math.min(4000, telephone.waitMs * 2);
      counts.repeated += 1;
      send(telephone);
    });
  }

  function begin(): void {
    counts.begun += 1;
    send({
      callId: String(counts.begun),
      beganMs: nowMs,
      isSigned: false,
      isDone: false,
      takenOn: 0,
      sentMs: nowMs,
      waitMs: t1Ms,
    });
  }

  function spend(costMs: number): void {
    const untilMs = nowMs + costMs / speed(nowMs);
    while (nowMs < untilMs) {
      const nextMs = Math.min(untilMs, Math.floor(nowMs) + 1);
      owed += ((nextMs - nowMs) * perSecond) / 1000;
      nowMs = nextMs;
      for (; owed >= 1; owed--) begin();
      if (!Number.isInteger(nowMs)) continue;
      const due = later.get(nowMs);
      later.delete(nowMs);
      for (const action of due ?? []) action();
    }
  }

  function receive({ from, isSigned }: Extract<Message, { kind: 'request' }>): void {
    spend(costs.read);
    // A retransmission of something that was taken on is recognised.
    const stage = isSigned ? 2 : 1;
    if (from.takenOn >= stage) return;
    if (control.isLimited && refusals.has(from.callId, '', stage)) {
      counts.passedOver += 1;
      return;
    }
    if (!control.admits(isSigned)) {
      spend(costs.refuse);
      refusals.add(from.callId, '', stage);
      if (from.isDone) return;
      from.isDone = true;
      counts.refused += 1;
      if (isSigned) counts.refusedSigned += 1;
      return;
    }
    from.takenOn = stage;
    const work: { lastStatus: number | undefined } = { lastStatus: undefined };
    control.admitted(work, from.callId);
    if (!isSigned) {
      spend(costs.challenge);
      work.lastStatus = 401;
      after(roundTripMs, () => {
        if (from.isDone || from.isSigned) return;
        Object.assign(from, { isSigned: true, sentMs: nowMs, waitMs: t1Ms });
        send(from);
      });
      return;
    }
    spend(costs.store / 2);
    after(databaseMs, () =>
      stored.push(() => {
        spend(costs.store / 2);
        work.lastStatus = 200;
        if (from.isDone) return;
        from.isDone = true;
        counts.done += 1;
      }),
    );
  }

  function turn(): void {
    if (queued === 0 && stored.length === 0) spend(Math.floor(nowMs) + 1 - nowMs);
    for (let reads = 0; reads < readsPerTurn && queued > 0; reads++) {
      const message = queue[first]!;
      first = (first + 1) % queueHolds;
      queued -= 1;
      if (message.kind === 'request') receive(message);
      else message.back();
    }
    for (const finish of stored.splice(0)) finish();
    // Timers have their turn when all else had its own.
    clock.advance(nowMs - shownMs);
    shownMs = nowMs;
  }

  return {
    clock,
    control,
    counts,
    /** Registrations a second that one processor carries when nothing is in excess. */
    knee: 1000 / registrationMs,
    /** Telephones begin to register at a rate for so long. */
    run(rate: number, forMs: number) {
      const before = { ...counts };
      perSecond = rate;
      const untilMs = nowMs + forMs;
      while (nowMs < untilMs) turn();
      const since = (name: keyof typeof counts) => counts[name] - before[name];
      return {
        perSecond: (since('done') * 1000) / forMs,
        refused: since('refused'),
        refusedSigned: since('refusedSigned'),
        lost: since('lost'),
        repeated: since('repeated'),
        givenUp: since('givenUp'),
        passedOver: since('passedOver'),
      };
    },
  };
}
