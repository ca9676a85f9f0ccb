import { afterEach, describe, expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '../clock.ts';
import { createOverloadControl, type OverloadControl, type Work } from './overload-control.ts';

/** Milliseconds of processor time: reading a message, challenging a telephone, storing its registration. */
const READ = 0.05;
const CHALLENGE = 0.2;
const STORE = 0.6;
/** Registrations a second that one processor carries when nothing is in excess. */
const knee = 1000 / (2 * READ + CHALLENGE + STORE);
const queueHolds = 4000;

interface Message {
  kind: 'new' | 'signed' | 'probe';
  back?: () => void;
}

/** A server of one processor with a queue before it, and telephones that register through it. */
function createWorld() {
  const clock = createManualClock();
  const queue: Message[] = [];
  /** Challenged telephones answer in the next millisecond. */
  let answering: Message[] = [];
  let budgetMs = 0;
  let owed = 0;
  let longestQueue = 0;
  const counts = { done: 0, refused: 0, refusedSigned: 0, lost: 0 };
  const control = createOverloadControl({
    clock,
    random: () => 0.5,
    probe(back) {
      if (queue.length < queueHolds) queue.push({ kind: 'probe', back });
      return true;
    },
  });

  function serve(message: Message): void {
    budgetMs -= READ;
    if (message.kind === 'probe') {
      message.back?.();
      return;
    }
    const isSigned = message.kind === 'signed';
    if (!control.admits(isSigned)) {
      counts.refused += 1;
      if (isSigned) counts.refusedSigned += 1;
      return;
    }
    const work: { lastStatus: number | undefined } = { lastStatus: undefined };
    control.admitted(work);
    budgetMs -= isSigned ? STORE : CHALLENGE;
    work.lastStatus = isSigned ? 200 : 401;
    if (isSigned) counts.done += 1;
    else answering.push({ kind: 'signed' });
  }

  return {
    clock,
    control,
    counts,
    get longestQueue() {
      return longestQueue;
    },
    /** Telephones begin to register at a rate for so long. */
    run(perSecond: number, forMs: number) {
      const before = { ...counts };
      longestQueue = 0;
      for (let ms = 0; ms < forMs; ms++) {
        owed += perSecond / 1000;
        const arrived: Message[] = answering;
        answering = [];
        for (; owed >= 1; owed--) arrived.push({ kind: 'new' });
        for (const message of arrived) {
          if (queue.length < queueHolds) queue.push(message);
          else counts.lost += 1;
        }
        longestQueue = Math.max(longestQueue, queue.length);
        clock.advance(1);
        budgetMs = Math.min(1, budgetMs + 1);
        while (budgetMs > 0 && queue.length > 0) serve(queue.shift()!);
      }
      return {
        perSecond: ((counts.done - before.done) * 1000) / forMs,
        refused: counts.refused - before.refused,
        refusedSigned: counts.refusedSigned - before.refusedSigned,
        lost: counts.lost - before.lost,
      };
    },
  };
}

const controls: OverloadControl[] = [];
afterEach(() => {
  for (const control of controls.splice(0)) control.stop();
});
const world = () => {
  const made = createWorld();
  controls.push(made.control);
  return made;
};

describe('by the method of RFC 7502', () => {
  test('below the knee nothing is refused', () => {
    const { run, control } = world();
    expect(run(0.9 * knee, 10_000)).toMatchObject({ refused: 0, lost: 0 });
    expect(control.load).toMatchObject({ isOverloaded: false, admittedPerSecond: null, refused: 0 });
  });

  test.each([
    [2, 0.9],
    [5, 0.8],
  ])('at %i times the knee goodput stays above %d of it, once the first second is over', (times, share) => {
    const one = world();
    one.run(0.8 * knee, 2000);
    one.run(times * knee, 3000);
    const { perSecond, refusedSigned, refused } = one.run(times * knee, 20_000);
    // What only reading and refusing costs is lost to every server.
    const possible = (1000 - (times - 1) * knee * READ) / (1000 / knee);
    expect(perSecond).toBeGreaterThan(share * Math.min(possible, knee));
    expect(refused).toBeGreaterThan((times - 1) * knee * 15);
    // Who was challenged is seldom turned away after all.
    expect(refusedSigned).toBeLessThan(0.02 * refused);
    expect(one.control.load.isOverloaded).toBe(true);
    expect(one.control.load.delayMs).toBeLessThan(1000);
  });

  test('it stays there in each second: the rate does not swing about what can be borne', () => {
    const one = world();
    one.run(0.8 * knee, 2000);
    one.run(2 * knee, 5000);
    const seconds = Array.from({ length: 15 }, () => {
      const { perSecond } = one.run(2 * knee, 1000);
      return { share: perSecond / knee, delayMs: one.control.load.delayMs };
    });
    expect(Math.min(...seconds.map(({ share }) => share))).toBeGreaterThan(0.9);
    // Nobody waits for so long that a telephone asks again (T1).
    expect(Math.max(...seconds.map(({ delayMs }) => delayMs))).toBeLessThan(300);
  });

  test('everything is taken on again within 10 s of the end of an overload', () => {
    const one = world();
    one.run(5 * knee, 10_000);
    expect(one.control.load.isOverloaded).toBe(true);
    one.run(0.8 * knee, 9_000);
    expect(one.run(0.8 * knee, 1000)).toMatchObject({ refused: 0, lost: 0 });
    expect(one.control.load.isOverloaded).toBe(false);
  });
});

describe('what says that there are too many', () => {
  function setUp(probe?: (back: () => void) => boolean): { clock: ManualClock; control: OverloadControl } {
    const clock = createManualClock();
    const control = createOverloadControl({ clock, random: () => 0.5, ...(probe ? { probe } : {}) });
    controls.push(control);
    return { clock, control };
  }
  const takeOn = (control: OverloadControl, count: number): { lastStatus: number | undefined }[] =>
    Array.from({ length: count }, () => {
      const work: { lastStatus: number | undefined } = { lastStatus: undefined };
      expect(control.admits(false)).toBe(true);
      control.admitted(work satisfies Work);
      return work;
    });

  test('many that wait for their first answer, as when the database stands still', () => {
    const { clock, control } = setUp();
    takeOn(control, 50);
    clock.advance(700);
    expect(control.load.isOverloaded).toBe(false);
    clock.advance(200);
    expect(control.load).toMatchObject({ isOverloaded: true, underWay: 50 });
  });

  test('a stall of half a second does not, however many waited', () => {
    const { clock, control } = setUp();
    const works = takeOn(control, 100);
    clock.advance(500);
    for (const work of works) work.lastStatus = 200;
    clock.advance(1000);
    expect(control.load).toMatchObject({ isOverloaded: false, refused: 0 });
  });

  test('one that waits long does not', () => {
    const { clock, control } = setUp();
    takeOn(control, 3);
    clock.advance(10_000);
    expect(control.load.isOverloaded).toBe(false);
  });

  test('telephones that ring do not: 180 is an answer, 100 is none', () => {
    const { clock, control } = setUp();
    for (const work of takeOn(control, 100)) work.lastStatus = 180;
    clock.advance(10_000);
    expect(control.load).toMatchObject({ isOverloaded: false, underWay: 0 });
    for (const work of takeOn(control, 100)) work.lastStatus = 100;
    clock.advance(1000);
    expect(control.load.isOverloaded).toBe(true);
  });

  test('a probe that comes back late, or never', () => {
    const backs: (() => void)[] = [];
    const { clock, control } = setUp((back) => {
      backs.push(back);
      return true;
    });
    takeOn(control, 1);
    expect(backs).toHaveLength(1);
    clock.advance(1000);
    expect(control.load.isOverloaded).toBe(true);
    // The second one back says that the first is lost: there was no room for it.
    const late = backs.length;
    expect(late).toBeGreaterThan(2);
    backs[1]!();
    backs[0]!();
    clock.advance(100);
    expect(control.load.delayMs).toBeGreaterThan(500);
    for (const back of backs) back();
    clock.advance(100);
    expect(control.load.delayMs).toBe(0);
  });
});

test('no more than the least is never refused, not even when a second of it comes at once after a standstill', () => {
  const clock = createManualClock();
  // Nothing comes back: this machine does something else.
  const control = createOverloadControl({ clock, random: () => 0.5, probe: () => true, leastPerSecond: 50 });
  controls.push(control);
  const come = (count: number) => {
    let refused = 0;
    for (let at = 0; at < count; at++) {
      if (!control.admits(false)) refused += 1;
      else control.admitted({ lastStatus: undefined });
    }
    return refused;
  };
  come(1);
  clock.advance(3000);
  expect(control.load.isOverloaded).toBe(true);
  for (let second = 0; second < 2; second++) {
    expect(come(45)).toBe(0);
    clock.advance(1100);
  }
  expect(control.load.isOverloaded).toBe(true);
  expect(come(500)).toBeGreaterThan(300);
});

test('those refused come back later the more of them there are, and not together', () => {
  const delays = [0, 0.5, 1].map((chance) => {
    const clock = createManualClock();
    const control = createOverloadControl({ clock, random: () => chance });
    controls.push(control);
    for (let at = 0; at < 50; at++) if (control.admits(false)) control.admitted({ lastStatus: undefined });
    for (let ms = 0; ms < 2000; ms += 10) {
      clock.advance(10);
      for (let at = 0; at < 10; at++) {
        const isTaken = control.admits(false);
        if (isTaken && control.isLimited) control.admitted({ lastStatus: undefined });
      }
    }
    expect(control.load.isOverloaded).toBe(true);
    return control.retryAfterSeconds();
  });
  expect(delays).toEqual([2, 5, 8]);
});

test('a server at rest has no timer', () => {
  const clock = createManualClock();
  const control = createOverloadControl({ clock });
  const work: { lastStatus: number | undefined } = { lastStatus: undefined };
  expect(control.admits(false)).toBe(true);
  control.admitted(work);
  expect(clock.pending).toBe(1);
  work.lastStatus = 200;
  clock.advance(100);
  expect(clock.pending).toBe(0);
});
