import { createLog } from '@liaison/core/log';
import { SipRefusal } from '@liaison/sip';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { EndReason } from '../contract/index.ts';
import { type Call, type CallPart, createCall, type Side } from './call.ts';
import type { Leg, LegEvents } from './leg.ts';
import type { SipLeg } from './sip-leg.ts';

const log = createLog({ level: 'silent' });
const side = (name: string): Side => ({
  personId: name,
  party: { personId: name, name, address: null, extension: null },
});

type Heard = Leg &
  Pick<SipLeg, 'connect' | 'early' | 'isSettled'> & {
    readonly heard: string[];
    readonly follows: LegEvents[];
  };

/** A telephone that does nothing by itself and writes down what its call says to it. */
function telephone(id: string, isThere = false): Heard {
  const heard: string[] = [];
  const follows: LegEvents[] = [];
  let state: Leg['state'] = isThere ? 'answered' : 'idle';
  return {
    id,
    kind: 'telephone',
    personId: id,
    heard,
    follows,
    get state() {
      return state;
    },
    async ring() {
      state = 'ringing';
      heard.push('ring');
    },
    stop(reason) {
      state = 'ended';
      heard.push(`stop ${reason}`);
    },
    end(reason) {
      state = 'ended';
      heard.push(`end ${reason}`);
    },
    connect: async () => {},
    early: async () => {},
    isSettled: true,
    follow(events) {
      follows.push(events);
    },
  };
}

interface World {
  call: Call;
  legEvents: LegEvents;
  a: Heard;
  b: Heard;
  parts: CallPart[];
  ended: [EndReason, boolean][];
  asked: [string | null, EndReason][];
  outcomes: string[];
}

/** Alice called Bob, and they talk. Media is never agreed: there is no pool. */
async function talking(id = 'call'): Promise<World> {
  const [a, b] = [telephone('alice', true), telephone('bob')];
  const world: Omit<World, 'call' | 'legEvents'> = { a, b, parts: [], ended: [], asked: [], outcomes: [] };
  const { call, legEvents } = createCall({
    id,
    orgId: 'org',
    caller: side('alice'),
    callee: side('bob'),
    callerLeg: () => a,
    // A relay that does whatever it is asked.
    pool: {
      createRelay: async () => newRelay(id),
      stop: async () => {},
      stats: () => ({ processes: [], relays: 0, crashes: 0 }),
    },
    log,
    times: { ringMs: 60_000, returnMs: 60_000 },
    events: {
      changed() {},
      answered() {},
      ended: (_call, reason, missed) => void world.ended.push([reason, missed]),
      parted: (_call, part) => void world.parts.push(part),
      unanswered: (_call, by, reason) => void world.asked.push([by.personId, reason]),
    },
  });
  await call.ring([b]);
  legEvents.answered(b);
  return { ...world, call, legEvents };
}

/** Who was connected with whom, in every relay. */
const connected: [string, string][] = [];
const newRelay = (of: string) =>
  new Proxy({} as never, {
    get: (_target, name) => {
      if (name === 'then') return undefined;
      if (name === 'id') return of;
      return async (...asked: [string, string]) => {
        if (name === 'connect') connected.push(asked);
        return { ends: [], renegotiate: [] };
      };
    },
  });

const seen = (call: Call, who: string) => {
  const view = call.viewFor(who);
  return view && `${view.state} with ${view.peer.name}`;
};

describe('handed over', () => {
  it('takes who hands over out at once, keeps who stays, and joins with who answers', async () => {
    const { call, legEvents, a, b, parts, ended } = await talking();
    expect(call.transfer('alice', side('carla'))).toBe(true);
    expect(a.heard.at(-1)).toBe('end transferred');
    expect([seen(call, 'alice'), seen(call, 'bob'), seen(call, 'carla')]).toEqual([
      null,
      'ringing with carla',
      'ringing with bob',
    ]);
    const c = telephone('carla');
    await call.ring([c]);
    legEvents.answered(c);
    expect(seen(call, 'bob')).toBe('connected with carla');
    expect(b.heard).toEqual(['ring']);
    expect(parts).toHaveLength(1);
    expect(parts[0]).toMatchObject({
      reason: 'transferred',
      missed: false,
      left: { personId: 'alice' },
      lastView: { state: 'ended', reason: 'transferred', transferredTo: { name: 'carla' } },
      next: { answered: false, caller: { personId: 'bob' }, callee: { personId: 'carla' } },
    });
    call.leave('carla');
    expect(ended).toEqual([['completed', false]]);
  });

  it('who waits hears the telephone that sounds before it answers, and that it rings when that one stops', async () => {
    const { call, legEvents } = await talking();
    call.transfer('alice', side('carla'));
    const [desk, kitchen] = [telephone('desk'), telephone('kitchen')];
    const next = () => connected.splice(0).at(-1);
    next();
    await call.ring([desk, kitchen]);
    await vi.waitFor(() => expect(next()).toEqual(['bob', 'bob:ring-back']), { timeout: 10_000 });
    legEvents.early?.(desk);
    await vi.waitFor(() => expect(next()).toEqual(['bob', 'desk']), { timeout: 10_000 });
    // Only the first is heard, until it gives up.
    legEvents.early?.(kitchen);
    legEvents.refused(desk, 'busy');
    await vi.waitFor(() => expect(next()).toEqual(['bob', 'bob:ring-back']), { timeout: 10_000 });
    legEvents.early?.(kitchen);
    await vi.waitFor(() => expect(next()).toEqual(['bob', 'kitchen']), { timeout: 10_000 });
    legEvents.refused(kitchen, 'busy');
    // It comes back to who handed it over, whose telephone may sound too.
    expect(call.comeBack('busy')).toBe(true);
    const again = telephone('alice-desk');
    await call.ring([again]);
    await vi.waitFor(() => expect(next()).toEqual(['bob', 'bob:ring-back']), { timeout: 10_000 });
    legEvents.early?.(again);
    await vi.waitFor(() => expect(next()).toEqual(['bob', 'alice-desk']), { timeout: 10_000 });
    legEvents.answered(again);
    expect(seen(call, 'bob')).toBe('connected with alice');
    call.end('completed');
  });

  it('is refused before the answer, twice, by a stranger, and to one of the two', async () => {
    const { call } = await talking();
    expect(call.transfer('carla', side('dora'))).toBe(false);
    expect(call.transfer('alice', side('bob'))).toBe(false);
    expect(call.transfer('alice', side('carla'))).toBe(true);
    expect(call.transfer('bob', side('dora'))).toBe(false);
    call.end('completed');
    expect(call.transfer('bob', side('dora'))).toBe(false);
  });

  it('the one answers as the other hangs up: whoever is first counts, and nobody is left over', async () => {
    for (const order of [
      ['answer', 'hang up'],
      ['hang up', 'answer'],
    ]) {
      const { call, legEvents, b, ended } = await talking();
      call.transfer('alice', side('carla'));
      const c = telephone('carla');
      await call.ring([c]);
      for (const step of order) step === 'answer' ? legEvents.answered(c) : legEvents.hungUp(b);
      expect(call.state).toBe('ended');
      expect(c.state).toBe('ended');
      expect(b.state).toBe('ended');
      expect(ended).toEqual([order[0] === 'answer' ? ['completed', false] : ['cancelled', true]]);
    }
  });

  it('who handed over puts her telephone down while it rings: the other two do not notice', async () => {
    const { call, legEvents, a, b } = await talking();
    const outcomes: string[] = [];
    call.transfer('alice', side('carla'), { park: true, outcome: (how) => void outcomes.push(how) });
    expect(a.heard).toEqual(['ring']);
    const c = telephone('carla');
    await call.ring([c]);
    legEvents.hungUp(a);
    expect(call.state).toBe('ringing');
    legEvents.answered(c);
    expect(outcomes).toEqual(['ringing', 'answered']);
    expect([seen(call, 'bob'), b.state]).toEqual(['connected with carla', 'ringing']);
    call.end('completed');
  });

  it('answered as who handed over hangs up: both ways round it stands', async () => {
    for (const first of ['answer', 'hang up']) {
      const { call, legEvents, a } = await talking();
      call.transfer('alice', side('carla'), { park: true });
      const c = telephone('carla');
      await call.ring([c]);
      if (first === 'hang up') legEvents.hungUp(a);
      legEvents.answered(c);
      if (first === 'answer') legEvents.hungUp(a);
      expect(seen(call, 'bob')).toBe('connected with carla');
      call.end('completed');
    }
  });
});

describe('not answered', () => {
  it('asks to ring who handed over, once; unanswered there it ends', async () => {
    const { call, legEvents, parts, asked, ended } = await talking();
    call.transfer('alice', side('carla'));
    const c = telephone('carla');
    await call.ring([c]);
    legEvents.refused(c, 'busy');
    expect(asked).toEqual([['alice', 'busy']]);
    expect(call.comeBack('busy')).toBe(true);
    expect(call.comeBack('busy')).toBe(false);
    expect(parts[1]).toMatchObject({
      reason: 'busy',
      missed: true,
      left: { personId: 'carla' },
      next: { callee: { personId: 'alice' }, returnedFrom: { personId: 'carla' } },
    });
    expect(call.viewFor('alice')).toMatchObject({
      direction: 'incoming',
      part: 2,
      returned: { from: { name: 'carla' }, reason: 'busy' },
    });
    const again = telephone('alice again');
    await call.ring([again]);
    legEvents.refused(again, 'declined');
    expect(asked).toHaveLength(1);
    expect(ended).toEqual([['declined', false]]);
  });

  it('goes back to the telephone that still waits; to one that hangs up at the news, by ringing', async () => {
    for (const waits of [true, false]) {
      const { call, legEvents, a, asked } = await talking();
      const outcomes: string[] = [];
      call.transfer('alice', side('carla'), { park: true, outcome: (how) => void outcomes.push(how) });
      const c = telephone('carla');
      await call.ring([c]);
      legEvents.refused(c, 'declined');
      expect(outcomes).toEqual(['ringing', 'declined']);
      if (waits) {
        await expect.poll(() => call.state).toBe('connected');
        expect([seen(call, 'bob'), asked, a.heard]).toEqual(['connected with alice', [], ['ring']]);
      } else {
        legEvents.hungUp(a);
        expect(asked).toEqual([['alice', 'declined']]);
      }
      call.end('completed');
    }
  });

  it('ended by who stays, while it is waited whether the telephone keeps it: nothing comes back', async () => {
    const { call, legEvents, a, b, asked } = await talking();
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    call.transfer('alice', side('carla'), { park: true });
    const c = telephone('carla');
    await call.ring([c]);
    legEvents.refused(c, 'declined');
    legEvents.hungUp(b);
    legEvents.hungUp(a);
    // Longer than it is waited for.
    await vi.advanceTimersByTimeAsync(2000);
    expect([call.state, asked, a.state]).toEqual(['ended', [], 'ended']);
  });
});

describe('two calls', () => {
  it('are joined: one ends, the other goes on with who was in it', async () => {
    const [one, other] = [await talking('one'), await talking('other')];
    other.call.transfer('bob', side('carla'));
    const c = telephone('carla');
    await other.call.ring([c]);
    other.legEvents.answered(c);
    // Alice talks with Bob in one, with Carla in the other.
    expect(seen(other.call, 'carla')).toBe('connected with alice');
    const released = one.call.release('alice', 'other', side('carla'));
    expect(released?.side.personId).toBe('bob');
    expect(one.call.viewFor('bob')).toMatchObject({
      state: 'ended',
      reason: 'transferred',
      continuesAs: 'other',
      transferredTo: { name: 'carla' },
    });
    expect(one.b.state).not.toBe('ended');
    expect(one.a.heard.at(-1)).toBe('end transferred');
    expect(other.call.admit('alice', released!)).toBe(true);
    expect(one.b.follows).toEqual([other.legEvents]);
    expect(other.a.heard.at(-1)).toBe('end transferred');
    expect(seen(other.call, 'bob')).toBe('connected with carla');
    other.legEvents.hungUp(one.b);
    expect(c.heard.at(-1)).toBe('end completed');
  });

  it('go on in the relay of a telephone that refuses another one, where the other telephone is invited', async () => {
    const [one, other] = [await talking('one'), await talking('other')];
    const released = one.call.release('alice', 'other', side('carla'))!;
    const invited: string[] = [];
    one.b.connect = async ({ id }) => {
      if (id !== 'one') throw new SipRefusal(488, 'Not Acceptable Here');
    };
    other.b.connect = async ({ id }) => void invited.push(id);
    expect(other.call.admit('alice', { ...released, side: side('dora') })).toBe(true);
    await expect.poll(() => invited.at(-1)).toBe('one');
    expect([other.call.state, (await other.call.relay()).id]).toEqual(['connected', 'one']);
    expect(other.ended).toEqual([]);
    other.call.end('completed');
    expect([one.b.heard.at(-1), other.b.heard.at(-1)]).toEqual(['end completed', 'end completed']);
  });

  it.each(['the other one takes none in its relay either', 'it has no relay here'])(
    'end as failed for both where one takes none of what it is offered in the relay of the other, and %s',
    async (why) => {
      const [one, other] = [await talking('one'), await talking('other')];
      const released = one.call.release('alice', 'other', side('carla'))!;
      const takesOnly = (relay: string) => async (into: { readonly id: string }) => {
        if (into.id !== relay) throw new SipRefusal(488, 'Not Acceptable Here');
      };
      one.b.connect = takesOnly('one');
      other.b.connect = takesOnly('other');
      const former = why === 'it has no relay here' ? null : released.former;
      if (!former) released.former?.close();
      expect(other.call.admit('alice', { ...released, former, side: side('dora') })).toBe(true);
      await expect.poll(() => other.ended).toEqual([['failed', false]]);
      expect([one.b.heard.at(-1), other.b.heard.at(-1)]).toEqual(['end failed', 'end failed']);
    },
  );

  it('are not joined when one has ended, nor with the same person in both', async () => {
    const [one, other] = [await talking('one'), await talking('other')];
    expect(one.call.release('alice', 'other', side('bob'))).toBeNull();
    const released = one.call.release('alice', 'other', side('carla'))!;
    expect(one.call.release('alice', 'other', side('carla'))).toBeNull();
    expect(other.call.admit('alice', released)).toBe(false);
    other.call.end('completed');
    expect(other.call.admit('alice', { ...released, side: side('dora') })).toBe(false);
  });
});

describe('moved between devices of one person', () => {
  it('rings the other telephone alone, goes on there once it answers, and stays where that says no', async () => {
    const { call, legEvents, a, b } = await talking();
    const desk = telephone('desk');
    await call.moveTo('alice', desk, 60_000);
    legEvents.refused(desk, 'declined');
    expect(seen(call, 'alice')).toBe('connected with bob');
    const kitchen = telephone('kitchen');
    await call.moveTo('alice', kitchen, 60_000);
    legEvents.answered(kitchen);
    await expect.poll(() => a.state).toBe('ended');
    expect(b.heard).toEqual(['ring']);
    legEvents.hungUp(a);
    expect(call.state).toBe('connected');
    legEvents.hungUp(kitchen);
    expect(b.heard.at(-1)).toBe('end completed');
  });

  it('stops ringing when the call ends, is stayed with, or is handed over', async () => {
    for (const how of ['end', 'stay', 'transfer'] as const) {
      const { call } = await talking();
      const desk = telephone('desk');
      await call.moveTo('alice', desk, 60_000);
      if (how === 'end') call.leave('bob');
      else if (how === 'stay') call.stay('alice');
      else call.transfer('bob', side('carla'));
      expect(desk.heard.at(-1)).toBe('stop cancelled');
      call.end('completed');
    }
  });
});

describe('whatever happens in whatever order', () => {
  const names = ['alice', 'bob', 'carla', 'dora'] as const;
  const step = fc.oneof(
    fc.record({
      kind: fc.constantFrom('transfer', 'leave', 'hold', 'move', 'stay', 'ring', 'come back'),
      who: fc.constantFrom(...names),
      to: fc.constantFrom(...names),
      park: fc.boolean(),
    }),
    fc.record({ kind: fc.constantFrom('answered', 'refused', 'hung up'), leg: fc.nat({ max: 12 }) }),
  );

  it('nobody rings or talks in a call that has ended, it ends once, and each transfer has one outcome', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const world = await talking();
        const { call, legEvents } = world;
        const legs: Heard[] = [world.a, world.b];
        const outcomes: string[][] = [];
        for (const each of steps) {
          if ('leg' in each) {
            const leg = legs[each.leg % legs.length]!;
            // A leg that was told to end says nothing more.
            if (leg.state === 'ended') continue;
            if (each.kind === 'answered' && leg.state === 'ringing') legEvents.answered(leg);
            else if (each.kind === 'refused' && leg.state === 'ringing') {
              leg.end('completed');
              legEvents.refused(leg, 'busy');
            } else if (each.kind === 'hung up') {
              leg.end('completed');
              legEvents.hungUp(leg);
            }
            continue;
          }
          const { who, to } = each;
          if (each.kind === 'transfer') {
            const told: string[] = [];
            if (call.transfer(who, side(to), { park: each.park, outcome: (how) => void told.push(how) }))
              outcomes.push(told);
          } else if (each.kind === 'leave') call.leave(who);
          else if (each.kind === 'hold') call.hold(who, each.park);
          else if (each.kind === 'stay') call.stay(who);
          else if (each.kind === 'come back') call.comeBack('busy');
          else {
            const leg = telephone(`leg ${legs.length}`);
            legs.push(leg);
            if (each.kind === 'move') await call.moveTo(who, leg, 60_000);
            else if (call.state === 'ringing' && call.legs.length < 2) await call.ring([leg]);
          }
          if (call.state === 'connected') {
            expect(call.otherThan(call.caller.personId!)?.leg).toBeTruthy();
            expect(call.caller.personId).not.toBe(call.callee.personId);
          }
        }
        call.end('completed');
        expect(world.ended).toHaveLength(1);
        // What is being let go of, or taken over from, ends in a moment.
        await expect
          .poll(() =>
            legs
              .filter((leg) => leg.state === 'ringing' || leg.state === 'answered')
              .map(({ id, heard }) => [id, heard]),
          )
          .toEqual([]);
        for (const told of outcomes) {
          const last = told.filter((how) => how !== 'ringing');
          expect(last).toHaveLength(1);
        }
      }),
      { numRuns: 300 },
    );
  });
});
