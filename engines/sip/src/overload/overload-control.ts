import type { Clock, TimerHandle } from '../clock.ts';

export interface OverloadOptions {
  /** A request that waits longer than this before it is looked at or answered says that there are too many. Default 300: below T1 (RFC 3261 §17.1.1.1), after which it would be sent again. */
  targetDelayMs?: number;
  /** How often the load is measured. Default 100. */
  intervalMs?: number;
  /** Requests a second that are taken on whatever is measured. Default 50. */
  leastPerSecond?: number;
}

/** What is measured, for whoever watches the server. */
export interface Load {
  readonly isOverloaded: boolean;
  /** How long a message waits before it is looked at, or a request for its first answer, whichever is longer. */
  readonly delayMs: number;
  /** What is taken on at most; null while that is everything. */
  readonly admittedPerSecond: number | null;
  /** Taken on, and not answered yet. */
  readonly underWay: number;
  /** Requests refused with 503 since the start. */
  readonly refused: number;
}

/** Something taken on, as far as its answer goes. */
export interface Work {
  /** The last status that was answered. */
  readonly lastStatus: number | undefined;
}

/**
 * Says which new requests are taken on (in the spirit of RFC 7339 and RFC 7415, for ourselves instead of for a neighbour
 * that would have to support them). A request inside a dialog is never asked about: a call that was let in is carried to
 * its end.
 */
export interface OverloadControl {
  /**
   * Whether a new request outside of any dialog is taken on. `goesFirst`: it brings credentials, so that it has been
   * challenged already, and refusing it would waste that.
   */
  admits(goesFirst: boolean): boolean;
  /** Whether it would be refused now, and is: asked before `admits`, by whoever can refuse without parsing. */
  refuses(goesFirst: boolean): boolean;
  /** It was: its answer is waited for. */
  admitted(work: Work): void;
  /** What Retry-After tells those refused (RFC 3261 §21.5.4), in seconds: spread, so that they do not come back together. */
  retryAfterSeconds(): number;
  readonly isLimited: boolean;
  readonly load: Load;
  stop(): void;
}

/** So many that wait too long are no accident of one of them. */
const manyWaiting = 10;
/** While limited the delay is held at this share of the one that is too long: some work always waits, and little of it. */
const aimedShare = 0.3;
/**
 * Taken on is what was answered in the last second, and of that so much less per second of delay too many. Answering more than
 * the delay says would fill the queue again; less would leave the processor waiting.
 */
const gainPerSecond = 2;
/** Whatever the delay: no less than this share of what was answered, and no more than that many times it. */
const leastFactor = 0.5;
const mostFactor = 1.2;
/** After so many intervals in which nobody had to be refused, everything is taken on again. */
const calmIntervals = 15;
/** How much of a second may come at once, and how many may in any case. */
const burstSeconds = 0.1;
const leastBurst = 50;
/** Of probes that are under way: one may be lost. */
const mostProbes = 40;
/** After so many intervals without work what was measured before says nothing. */
const restIntervals = 5;
/** A probe that is out for so many times the delay that is too long will not come. */
const forgottenAfter = 20;
/** A single stall (a busy machine, a collection of garbage, a checkpoint) is no overload: it lasts for so many intervals. */
const lastingIntervals = 5;
/** Where it is not the work taken on that makes messages wait, taking on less than this share of what was done is no help. */
const leastShare = 0.6;
/** Per interval: by half in seven seconds. */
const fading = 0.99;
const leastRetryAfterSeconds = 2;
const mostRetryAfterSeconds = 8;

/**
 * States: *open* (everything is taken on) → too slow → *limited* to what is answered, a little more while requests wait for
 * less than is aimed at and less while they wait longer → nobody refused for a while → *open*. The rate follows the delay rather
 * than falling by halves and climbing back: each fall would leave the server idle, each climb end in a queue whose telephones
 * all ask again.
 *
 * Two delays are measured: that of a probe, which waits where the messages wait (in the socket's queue and for the event
 * loop), and that of the first answer (the database, and whatever a handler waits for). While nothing is under way and all
 * is taken on, no timer runs.
 *
 * @param probe sends something that comes back by way of the queue of received messages; `false` where there is no such way.
 * @param random 0 to 1.
 */
export function createOverloadControl({
  clock,
  probe = () => false,
  random = Math.random,
  targetDelayMs = 300,
  intervalMs = 100,
  leastPerSecond = 50,
}: {
  clock: Clock;
  probe?(back: () => void): boolean;
  random?(): number;
} & OverloadOptions): OverloadControl {
  const underWay = new Map<Work, number>();
  let timer: TimerHandle | undefined;
  let dueMs = 0;
  /** When those probes were sent that are still out, the oldest first. */
  let probesOut: number[] = [];
  let probeDelayMs = 0;
  let delayMs = 0;
  /** Of the last second, the newest last. */
  const taken: number[] = [];
  let takenNow = 0;
  let refusedNow = 0;
  let refused = 0;
  let refusedPerSecond = 0;
  let limit = Number.POSITIVE_INFINITY;
  let tokens = 0;
  let refilledMs = 0;
  /** The most that was answered in a second, fading. */
  let capacity = 0;
  let answeredNow = 0;
  let answeredPerSecond = 0;
  let calm = 0;
  let slow = 0;

  const isLimited = () => limit !== Number.POSITIVE_INFINITY;
  const burst = () => Math.max(leastBurst, limit * burstSeconds);
  const takenPerSecond = () =>
    (taken.reduce((sum, count) => sum + count, 0) * 1000) / (Math.max(1, taken.length) * intervalMs);

  function wake(): void {
    if (timer !== undefined) return;
    const nowMs = clock.now();
    if (nowMs - dueMs > restIntervals * intervalMs) {
      // Nothing was measured meanwhile.
      probesOut = [];
      probeDelayMs = 0;
    }
    dueMs = nowMs + intervalMs;
    timer = clock.setTimer(look, intervalMs);
  }

  function sendProbe(nowMs: number): void {
    if (probesOut.length >= mostProbes || probesOut.at(-1) === nowMs) return;
    const isSent = probe(() => {
      if (!probesOut.includes(nowMs)) return;
      // Those before it did not come: they found the queue full.
      const isFirst = probesOut[0] === nowMs;
      probesOut = probesOut.filter((sentMs) => sentMs > nowMs);
      probeDelayMs = Math.max(clock.now() - nowMs, isFirst ? 0 : 2 * targetDelayMs);
    });
    if (isSent) probesOut.push(nowMs);
  }

  /** How long those wait that are not answered yet: the one in the middle, where they are many. */
  function waitingMs(nowMs: number): number {
    for (const [work] of underWay) {
      if ((work.lastStatus ?? 0) <= 100) continue;
      underWay.delete(work);
      answeredNow += 1;
    }
    if (underWay.size < manyWaiting) return 0;
    let at = Math.floor(underWay.size / 2);
    for (const sinceMs of underWay.values()) {
      if (at === 0) return nowMs - sinceMs;
      at -= 1;
    }
    return 0;
  }

  function look(): void {
    timer = undefined;
    const nowMs = clock.now();
    const stillOut = nowMs - (probesOut[0] ?? nowMs);
    if (stillOut > forgottenAfter * targetDelayMs) probesOut = [];
    const unansweredMs = waitingMs(nowMs);
    delayMs = Math.max(unansweredMs, nowMs - dueMs, probeDelayMs, stillOut);
    answeredPerSecond += (answeredNow * (1000 / intervalMs) - answeredPerSecond) / 10;
    answeredNow = 0;
    capacity = Math.max(capacity * fading, answeredPerSecond);
    taken.push(takenNow);
    if (taken.length > 1000 / intervalMs) taken.shift();
    refusedPerSecond += (refusedNow * (1000 / intervalMs) - refusedPerSecond) / 5;
    // Where datagrams are lost because the queue is short, a probe in between may have been lucky.
    slow = delayMs > targetDelayMs ? slow + 1 : Math.max(0, slow - 0.5);
    if (!isLimited() && slow >= lastingIntervals) {
      limit = takenPerSecond();
      refilledMs = nowMs;
      tokens = 0;
    }
    if (isLimited()) {
      const least =
        unansweredMs > targetDelayMs ? leastPerSecond : Math.max(leastPerSecond, leastShare * capacity);
      const secondsToSpare = (aimedShare * targetDelayMs - delayMs) / 1000;
      const factor = Math.max(leastFactor, Math.min(mostFactor, 1 + gainPerSecond * secondsToSpare));
      limit = Math.max(least, answeredPerSecond * factor);
      tokens = Math.min(tokens, burst());
      calm = refusedNow === 0 && slow === 0 ? calm + 1 : 0;
      if (calm >= calmIntervals) {
        limit = Number.POSITIVE_INFINITY;
        refilledMs = 0;
        tokens = 0;
      }
    }
    takenNow = 0;
    refusedNow = 0;
    if (underWay.size > 0 || isLimited() || slow > 0) {
      sendProbe(nowMs);
      wake();
    }
  }

  function refill(): void {
    const nowMs = clock.now();
    tokens = Math.min(burst(), tokens + ((nowMs - refilledMs) / 1000) * limit);
    refilledMs = nowMs;
  }

  /** What was let in within the last second. */
  const lately = () => taken.reduce((sum, count) => sum + count, takenNow);

  function refuses(goesFirst: boolean): boolean {
    if (!isLimited()) return false;
    refill();
    // After a standstill what came meanwhile is there all at once: the least is taken on even so.
    if (lately() < leastPerSecond) return false;
    // Who has been challenged may draw on what the next interval brings; who has not leaves them half.
    if (goesFirst ? tokens > -burst() : tokens >= burst() / 2) return false;
    refused += 1;
    refusedNow += 1;
    return true;
  }

  return {
    refuses,
    admits(goesFirst) {
      wake();
      if (refuses(goesFirst)) return false;
      if (isLimited()) tokens = Math.max(tokens - 1, -burst());
      return true;
    },
    admitted(work) {
      takenNow += 1;
      underWay.set(work, clock.now());
      if (underWay.size === 1) sendProbe(clock.now());
      wake();
    },
    retryAfterSeconds() {
      // The more are sent away for each that is taken on, the later it is worth to come back.
      const share = refusedPerSecond / Math.max(1, isLimited() ? limit : takenPerSecond());
      const most = Math.min(mostRetryAfterSeconds, leastRetryAfterSeconds + 2 * share);
      return Math.round(leastRetryAfterSeconds + random() * (most - leastRetryAfterSeconds));
    },
    get isLimited() {
      return isLimited();
    },
    get load() {
      return {
        isOverloaded: isLimited(),
        delayMs,
        admittedPerSecond: isLimited() ? limit : null,
        underWay: underWay.size,
        refused,
      };
    },
    stop() {
      if (timer !== undefined) clock.clearTimer(timer);
      timer = undefined;
      underWay.clear();
    },
  };
}
