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
  /** How many may be under way at a time; null while that is any number. */
  readonly mostUnderWay: number | null;
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
  /** It was: its answer is waited for. `caller` is its Call-ID, which stays the same when it comes back with credentials. */
  admitted(work: Work, caller: string): void;
  /** What Retry-After tells those refused (RFC 3261 §21.5.4), in seconds: spread, so that they do not come back together. */
  retryAfterSeconds(): number;
  readonly isLimited: boolean;
  readonly load: Load;
  stop(): void;
}

/** So many that wait too long are no accident of one of them. */
const manyWaiting = 10;
/** While limited the delay of messages is held at this share of the one that is too long: some always wait, and not for long. */
const aimedShare = 0.4;
/** How much the window changes per interval when the delay is nothing, or twice what is aimed at. */
const gain = 0.5;
const leastFactor = 0.7;
const mostFactor = 1.15;
/**
 * A queue that is short tells of too many by losing some, long before anything waits. For so many intervals the window grows
 * slowly once it is near what it was when something was lost.
 */
const mostFactorNearLoss = 1.01;
const nearLoss = 0.8;
const lossIntervals = 30;
/** Under way at a time: so few keep a processor busy, and so many are never needed. */
const leastWindow = 48;
const mostWindow = 10_000;
/** Who was challenged and has not come back after so long is not waited for. */
const comesBackMs = 1000;
const mostChallenged = 20_000;
/** Messages lost of all: fewer are an accident. */
const lostShare = 0.01;
/** They are counted every so many intervals, where so many times the least come: it takes reading a file. */
const countingIntervals = 10;
const countingTimes = 2;
/** After so many intervals in which nobody had to be refused, everything is taken on again. */
const calmIntervals = 15;
/** Of probes that are under way: one may be lost. */
const mostProbes = 40;
/** After so many intervals without work what was measured before says nothing. */
const restIntervals = 5;
/** A probe that is out for so many times the delay that is too long will not come. */
const forgottenAfter = 20;
/** A single stall (a busy machine, a collection of garbage, a checkpoint) is no overload: it lasts for so many intervals. */
const lastingIntervals = 5;
const leastRetryAfterSeconds = 2;
const mostRetryAfterSeconds = 8;

/**
 * States: *open* (everything is taken on) → too slow → *limited* to so many at a time → nobody refused for a while → *open*.
 *
 * What is limited is the number under way, not a rate: as soon as one is answered another is taken on, so that the processor
 * neither waits nor drowns, however fast it happens to be in this moment. Who was challenged and has not come back with
 * credentials counts as under way: the place is kept, so that whoever was let in gets to the end. The window follows the delay,
 * slowly enough to stand still where the delay is the one aimed at.
 *
 * Two delays are measured: that of a probe, which waits where the messages wait (in the socket's queue and for the event
 * loop), and that of the first answer (the database, and whatever a handler waits for). Messages that are lost before they are
 * read, because the system's queue is short, count as a delay. While nothing is under way and all is taken on, no timer runs.
 *
 * @param probe sends something that comes back by way of the queue of received messages; `false` where there is no such way.
 * @param countLost how many messages were lost since it was asked last because they were not read in time.
 * @param random 0 to 1.
 */
export function createOverloadControl({
  clock,
  probe = () => false,
  countLost,
  random = Math.random,
  targetDelayMs = 300,
  intervalMs = 100,
  leastPerSecond = 50,
}: {
  clock: Clock;
  probe?(back: () => void): boolean;
  countLost?(tell: (count: number) => void): void;
  random?(): number;
} & OverloadOptions): OverloadControl {
  const underWay = new Map<Work, { sinceMs: number; caller: string }>();
  /** The newest of each caller: who was challenged may be back before anybody has looked at what was answered. */
  const newest = new Map<string, Work>();
  /** Callers that are expected back, and since when, the oldest first. */
  const challenged = new Map<string, number>();
  let timer: TimerHandle | undefined;
  let dueMs = 0;
  /** When those probes were sent that are still out, the oldest first. */
  let probesOut: number[] = [];
  let probeDelayMs = 0;
  let isProbeLost = false;
  let delayMs = 0;
  /** Of the last second, the newest last. */
  const taken: number[] = [];
  let takenNow = 0;
  let refusedNow = 0;
  let refused = 0;
  let refusedPerSecond = 0;
  let window = Number.POSITIVE_INFINITY;
  let sweptMs = 0;
  let isLossy = false;
  let sinceLost = lossIntervals;
  let lossyWindow = Number.POSITIVE_INFINITY;
  /** Of the last intervals, the newest last. */
  const windows = [window];
  let answeredNow = 0;
  let answeredPerSecond = 0;
  let calm = 0;
  let slow = 0;
  let uncounted = 0;
  let isStopped = false;

  const aimMs = aimedShare * targetDelayMs;
  const isLimited = () => window !== Number.POSITIVE_INFINITY;
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
      isProbeLost ||= !isFirst;
    });
    if (isSent) probesOut.push(nowMs);
  }

  function forgetAnswered(nowMs: number): void {
    sweptMs = nowMs;
    for (const [work, { caller }] of underWay) {
      const { lastStatus = 0 } = work;
      if (lastStatus <= 100) continue;
      underWay.delete(work);
      answeredNow += 1;
      if (newest.get(caller) !== work) continue;
      newest.delete(caller);
      if (lastStatus === 401 && challenged.size < mostChallenged) challenged.set(caller, nowMs);
    }
  }

  /** How long those wait that are not answered yet: the one in the middle, where they are many. */
  function waitingMs(nowMs: number): number {
    forgetAnswered(nowMs);
    if (underWay.size < manyWaiting) return 0;
    let at = Math.floor(underWay.size / 2);
    for (const { sinceMs } of underWay.values()) {
      if (at === 0) return nowMs - sinceMs;
      at -= 1;
    }
    return 0;
  }

  function heardOfLost(count: number): void {
    if (isStopped || count <= lostShare * (count + lately() + refusedPerSecond)) return;
    isLossy = true;
    wake();
  }

  function look(): void {
    timer = undefined;
    const nowMs = clock.now();
    const stillOut = nowMs - (probesOut[0] ?? nowMs);
    if (stillOut > forgottenAfter * targetDelayMs) probesOut = [];
    const unansweredMs = waitingMs(nowMs);
    let queuedMs = Math.max(nowMs - dueMs, probeDelayMs, stillOut);
    // Where datagrams are lost because the queue is short, a probe in between may have been lucky.
    if (isLossy) queuedMs = Math.max(queuedMs, 2 * targetDelayMs);
    const isLosing = isLossy || isProbeLost;
    // It is heard of late: the greatest of the last second is to blame.
    if (isLosing) lossyWindow = Math.max(...windows);
    else if (sinceLost >= lossIntervals) lossyWindow = Number.POSITIVE_INFINITY;
    sinceLost = isLosing ? 0 : sinceLost + 1;
    isProbeLost = false;
    delayMs = Math.max(unansweredMs, queuedMs);
    answeredPerSecond += (answeredNow * (1000 / intervalMs) - answeredPerSecond) / 10;
    answeredNow = 0;
    for (const [caller, sinceMs] of challenged) {
      if (nowMs - sinceMs < comesBackMs) break;
      challenged.delete(caller);
    }
    taken.push(takenNow);
    if (taken.length > 1000 / intervalMs) taken.shift();
    refusedPerSecond += (refusedNow * (1000 / intervalMs) - refusedPerSecond) / 5;
    const step = delayMs > targetDelayMs ? (isLossy ? lastingIntervals : 1) : -0.5;
    slow = Math.max(0, Math.min(lastingIntervals, slow + step));
    isLossy = false;
    if (isLimited()) {
      // A database that is slow by itself is no faster for few than for some.
      const pressure = Math.max(queuedMs / aimMs, unansweredMs / targetDelayMs);
      const most = window < nearLoss * lossyWindow ? mostFactor : mostFactorNearLoss;
      const factor = Math.max(leastFactor, Math.min(most, 1 + gain * (1 - pressure)));
      // Where nobody is refused there is nothing to learn from more.
      if (factor < 1 || refusedNow > 0) window = Math.max(leastWindow, Math.min(mostWindow, window * factor));
      calm = refusedNow === 0 && slow === 0 ? calm + 1 : 0;
      if (calm >= calmIntervals) window = Number.POSITIVE_INFINITY;
    } else if (slow >= lastingIntervals) {
      calm = 0;
      window = Math.max(leastWindow, (answeredPerSecond * aimMs) / 1000);
    }
    windows.push(window);
    if (windows.length > countingIntervals + 2) windows.shift();
    uncounted += 1;
    if (countLost && uncounted >= countingIntervals && lately() > countingTimes * leastPerSecond) {
      uncounted = 0;
      countLost(heardOfLost);
    }
    takenNow = 0;
    refusedNow = 0;
    if (underWay.size > 0 || isLimited() || slow > 0) {
      sendProbe(nowMs);
      wake();
    }
  }

  /** What was let in within the last second. */
  const lately = () => taken.reduce((sum, count) => sum + count, takenNow);

  /** Whether there is a place; who has been challenged has one already, as long as those before it are answered. */
  function hasPlace(goesFirst: boolean): boolean {
    return goesFirst ? underWay.size < 2 * window : underWay.size + challenged.size < window;
  }

  function refuses(goesFirst: boolean): boolean {
    if (!isLimited() || hasPlace(goesFirst)) return false;
    const nowMs = clock.now();
    if (nowMs !== sweptMs) {
      forgetAnswered(nowMs);
      if (hasPlace(goesFirst)) return false;
    }
    // After a standstill what came meanwhile is there all at once: the least is taken on even so.
    if (lately() < leastPerSecond) return false;
    refused += 1;
    refusedNow += 1;
    return true;
  }

  return {
    refuses,
    admits(goesFirst) {
      wake();
      return !refuses(goesFirst);
    },
    admitted(work, caller) {
      takenNow += 1;
      challenged.delete(caller);
      newest.set(caller, work);
      underWay.set(work, { sinceMs: clock.now(), caller });
      if (underWay.size === 1) sendProbe(clock.now());
      wake();
    },
    retryAfterSeconds() {
      // The more are sent away for each that is taken on, the later it is worth to come back.
      const share = refusedPerSecond / Math.max(1, takenPerSecond());
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
        mostUnderWay: isLimited() ? window : null,
        underWay: underWay.size,
        refused,
      };
    },
    stop() {
      isStopped = true;
      if (timer !== undefined) clock.clearTimer(timer);
      timer = undefined;
      underWay.clear();
      newest.clear();
      challenged.clear();
    },
  };
}
