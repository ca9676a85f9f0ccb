import { afterEach, describe, expect, test } from 'vitest';
import { createOverloadedWorld } from '../../testing/overloaded-world.ts';
import { createManualClock, type ManualClock } from '../clock.ts';
import { createOverloadControl, type OverloadControl, type Work } from './overload-control.ts';

let callers = 0;
const nextCaller = () => `caller-${callers++}`;
const controls: OverloadControl[] = [];
afterEach(() => {
  for (const control of controls.splice(0)) control.stop();
});
const world = (options: Parameters<typeof createOverloadedWorld>[0] = {}) => {
  const made = createOverloadedWorld(options);
  controls.push(made.control);
  return made;
};
/** A processor that others take away for some of each 20 ms. */
const halfTaken = (nowMs: number) => (Math.floor(nowMs / 10) % 2 === 0 ? 1 : 0.1);

describe('by the method of RFC 7502', () => {
  test('below the knee nothing is refused', () => {
    const { run, control, knee } = world();
    expect(run(0.9 * knee, 5_000)).toMatchObject({ refused: 0, lost: 0 });
    expect(control.load).toMatchObject({ isOverloaded: false, mostUnderWay: null, refused: 0 });
  });

  test.each([
    ['with nothing else to do', {}, 1, [0.94, 0.81]],
    ['with a short queue of the system', { queueHolds: 300 }, 1, [0.82, 0.78]],
    ['on a processor that is not its own', { speed: halfTaken }, 0.55, [0.88, 0.75]],
    ['with a slow database', { databaseMs: 60 }, 1, [0.9, 0.77]],
    ['with one that is slower than the delay aimed at', { databaseMs: 200 }, 1, [0.85, 0.65]],
  ] as const)('goodput at twice and five times the knee, %s', (_how, options, share, goals) => {
    for (const [at, times] of [2, 5].entries()) {
      const one = world(options);
      const knee = share * one.knee;
      one.run(0.8 * knee, 1000);
      one.run(times * knee, 4500);
      const seconds = Array.from({ length: 3 }, () => {
        const { perSecond, refused, refusedSigned, givenUp } = one.run(times * knee, 1000);
        // Who was challenged is seldom turned away after all, and hardly anybody is left without an answer.
        expect(refusedSigned).toBeLessThan(0.02 * refused);
        expect(givenUp).toBeLessThan(0.05 * refused);
        return perSecond / knee;
      });
      expect(seconds.reduce((sum, each) => sum + each, 0) / 3).toBeGreaterThan(goals[at]!);
      // Nobody waits for so long that a telephone asks again (T1), unless it was lost.
      if (!('queueHolds' in options)) expect(one.control.load.delayMs).toBeLessThan(300);
      // It does not swing.
      expect(Math.min(...seconds)).toBeGreaterThan(goals[at]! - 0.15);
    }
  });

  test.each([{}, { queueHolds: 300 }])(
    'nobody is refused any more 2 s after the end of an overload, and 4 s later nothing bounds it any more (%o)',
    (options) => {
      const one = world(options);
      one.run(5 * one.knee, 6_000);
      expect(one.control.load.isOverloaded).toBe(true);
      one.run(0.8 * one.knee, 2_000);
      expect(one.run(0.8 * one.knee, 2_000)).toMatchObject({ refused: 0, lost: 0 });
      // The bound that nobody meets any more goes last.
      one.run(0.8 * one.knee, 2_000);
      expect(one.control.load.isOverloaded).toBe(false);
    },
  );

  test('on a processor that has become so slow that what waits was sent again, each is refused once and the queue becomes short', () => {
    const costs = { read: 0.012, refuse: 0.012, challenge: 0.12, store: 0.3 };
    const one = world({ costs, queueHolds: 6500, speed: () => 0.25 });
    const knee = 0.4 * one.knee;
    one.run(0.8 * knee, 1000);
    one.run(5 * knee, 8000);
    const { perSecond, refusedSigned, givenUp, repeated, refused } = one.run(5 * knee, 3000);
    // Refusing takes nearly half of it, and who is let in the rest: half of that where copies are answered too.
    expect(perSecond).toBeGreaterThan(0.3 * knee);
    expect(refusedSigned).toBe(0);
    expect(givenUp + repeated).toBeLessThan(0.02 * refused);
    expect(one.counts.passedOver).toBeGreaterThan(0);
    one.run(0.3 * knee, 3000);
    expect(one.run(0.3 * knee, 1000)).toMatchObject({ refused: 0, lost: 0 });
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
      control.admitted(work satisfies Work, nextCaller());
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

describe('while it is limited', () => {
  function limited() {
    const clock = createManualClock();
    const control = createOverloadControl({ clock, random: () => 0.5, leastPerSecond: 0 });
    controls.push(control);
    const stuck = Array.from({ length: 20 }, () => ({ lastStatus: undefined as number | undefined }));
    for (const work of stuck) if (control.admits(false)) control.admitted(work, nextCaller());
    clock.advance(900);
    expect(control.load).toMatchObject({ isOverloaded: true, mostUnderWay: 48 });
    for (const work of stuck) work.lastStatus = 200;
    clock.advance(1);
    const come = (goesFirst: boolean, caller = nextCaller()): { lastStatus: number | undefined } | null => {
      if (!control.admits(goesFirst)) return null;
      const work: { lastStatus: number | undefined } = { lastStatus: undefined };
      control.admitted(work, caller);
      return work;
    };
    return { clock, control, come };
  }

  test('a place is free as soon as somebody is answered', () => {
    const { clock, come } = limited();
    const works = Array.from({ length: 48 }, () => come(false));
    expect(works).not.toContain(null);
    expect(come(false)).toBeNull();
    works[7]!.lastStatus = 200;
    clock.advance(1);
    expect(come(false)).not.toBeNull();
    expect(come(false)).toBeNull();
  });

  test('who was challenged keeps the place, and comes before newcomers', () => {
    const { clock, come } = limited();
    for (let at = 0; at < 48; at++) come(false, `telephone-${at}`)!.lastStatus = 401;
    clock.advance(1);
    expect(come(false)).toBeNull();
    for (let at = 0; at < 48; at++) expect(come(true, `telephone-${at}`)).not.toBeNull();
    expect(come(false)).toBeNull();
  });

  test('who came back before anybody looked at what was answered has one place, and none when it is done', () => {
    const { clock, come } = limited();
    for (let at = 0; at < 24; at++) {
      come(false, `telephone-${at}`)!.lastStatus = 401;
      come(true, `telephone-${at}`)!.lastStatus = 200;
    }
    clock.advance(1);
    const next = Array.from({ length: 48 }, () => come(false));
    expect(next).not.toContain(null);
    expect(come(false)).toBeNull();
  });

  test('who was challenged and stays away does not keep it for long', () => {
    const { clock, come } = limited();
    for (const work of Array.from({ length: 48 }, () => come(false))) work!.lastStatus = 401;
    clock.advance(1);
    expect(come(false)).toBeNull();
    clock.advance(1100);
    expect(come(false)).not.toBeNull();
  });
});

test('messages that are lost before they are read say that there are too many, a few of many do not', () => {
  const clock = createManualClock();
  let lost = 0;
  const control = createOverloadControl({ clock, random: () => 0.5, countLost: (tell) => tell(lost) });
  controls.push(control);
  const comeForASecond = () => {
    for (let ms = 0; ms < 1200; ms += 20) {
      for (let at = 0; at < 10; at++)
        if (control.admits(false)) control.admitted({ lastStatus: 200 }, nextCaller());
      clock.advance(20);
    }
  };
  comeForASecond();
  lost = 4;
  comeForASecond();
  expect(control.load.isOverloaded).toBe(false);
  lost = 40;
  comeForASecond();
  expect(control.load.isOverloaded).toBe(true);
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
      else control.admitted({ lastStatus: undefined }, nextCaller());
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
    for (let at = 0; at < 50; at++)
      if (control.admits(false)) control.admitted({ lastStatus: undefined }, nextCaller());
    for (let ms = 0; ms < 2000; ms += 10) {
      clock.advance(10);
      for (let at = 0; at < 10; at++) {
        const isTaken = control.admits(false);
        if (isTaken && control.isLimited) control.admitted({ lastStatus: undefined }, nextCaller());
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
  control.admitted(work, nextCaller());
  expect(clock.pending).toBe(1);
  work.lastStatus = 200;
  clock.advance(100);
  expect(clock.pending).toBe(0);
});
