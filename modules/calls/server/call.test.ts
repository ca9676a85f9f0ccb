import { setImmediate as turn } from 'node:timers/promises';
import { createLog } from '@liaison/core/log';
import { describe, expect, it } from 'vitest';
import type { EndReason } from '../contract/index.ts';
import { createCall } from './call.ts';
import type { Leg, LegEvents } from './leg.ts';

const log = createLog({ level: 'silent' });
const party = (name: string) => ({ personId: name, name, address: null, extension: null });

/** A telephone that does nothing by itself and writes down what its call says to it. */
function telephone(id: string): Leg & { readonly heard: string[] } {
  const heard: string[] = [];
  let state: Leg['state'] = 'idle';
  return {
    id,
    kind: 'telephone',
    personId: null,
    heard,
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
    follow() {},
  };
}

async function ringing(names: readonly string[]) {
  const caller = telephone('caller');
  const ended: [EndReason, boolean][] = [];
  const { call, legEvents } = createCall({
    id: 'call',
    orgId: 'org',
    caller: { party: party('alice'), personId: 'alice' },
    callee: { party: party('bob'), personId: 'bob' },
    callerLeg: (_events: LegEvents) => caller,
    pool: null,
    log,
    events: { changed() {}, answered() {}, ended: (_call, reason, missed) => ended.push([reason, missed]) },
  });
  const legs = names.map(telephone);
  await call.ring(legs);
  return { call, legEvents, caller, legs, ended };
}

describe('a call that rings several telephones', () => {
  it('tells all others "completed elsewhere" when one answers, and nobody that it ended', async () => {
    const { call, legEvents, caller, legs, ended } = await ringing(['desk', 'kitchen', 'pocket']);
    legEvents.answered(legs[1]!);
    expect(call.state).toBe('connected');
    expect(legs.map((leg) => leg.heard)).toEqual([
      ['ring', 'stop completed-elsewhere'],
      ['ring'],
      ['ring', 'stop completed-elsewhere'],
    ]);
    expect(caller.heard).toEqual(['ring']);
    expect(ended).toEqual([]);
    call.end('completed');
    await turn();
  });

  it('has one winner: who answers second is ended as completed', async () => {
    const { call, legEvents, legs } = await ringing(['desk', 'kitchen']);
    legEvents.answered(legs[0]!);
    legEvents.answered(legs[1]!);
    expect(legs[0]!.heard).toEqual(['ring']);
    expect(legs[1]!.heard.at(-1)).toBe('end completed');
    legEvents.hungUp(legs[1]!);
    expect(call.state).toBe('connected');
    call.end('completed');
  });

  it('stops at all of them when one declines; the call is not missed', async () => {
    const { legEvents, caller, legs, ended } = await ringing(['desk', 'kitchen']);
    legEvents.refused(legs[0]!, 'declined');
    expect(legs[1]!.heard.at(-1)).toBe('stop declined-elsewhere');
    expect(caller.heard.at(-1)).toBe('end declined');
    expect(ended).toEqual([['declined', false]]);
  });

  it('goes on ringing while one is busy or broken, and is busy only when none is left', async () => {
    const { call, legEvents, legs, ended } = await ringing(['desk', 'kitchen']);
    legEvents.refused(legs[0]!, 'busy');
    expect(call.state).toBe('ringing');
    legEvents.refused(legs[1]!, 'failed');
    expect(ended).toEqual([['busy', true]]);
  });

  it('is offline when none can be rung, and cancelled when the caller gives up', async () => {
    const broken = await ringing(['desk']);
    broken.legEvents.refused(broken.legs[0]!, 'failed');
    expect(broken.ended).toEqual([['offline', true]]);
    expect((await ringing([])).ended).toEqual([['offline', true]]);

    const given = await ringing(['desk']);
    given.legEvents.hungUp(given.caller);
    expect(given.legs[0]!.heard.at(-1)).toBe('stop cancelled');
    expect(given.ended).toEqual([['cancelled', true]]);
  });

  it('says through what the other one speaks, once somebody is there', async () => {
    const { call, legEvents, legs } = await ringing(['echo']);
    expect(call.viewFor('alice')?.peerKind).toBeNull();
    legEvents.answered(Object.assign(legs[0]!, { kind: 'service' }));
    expect(call.viewFor('alice')?.peerKind).toBe('service');
    expect(call.viewFor('bob')?.peerKind).toBe('telephone');
    call.end('completed');
  });

  it('says who hung up, once', async () => {
    const { call, legEvents, caller, legs, ended } = await ringing(['desk']);
    legEvents.answered(legs[0]!);
    legEvents.hungUp(legs[0]!);
    legEvents.hungUp(caller);
    expect(ended).toEqual([['completed', false]]);
    expect(call.viewFor('alice')).toMatchObject({ state: 'ended', endedBy: 'peer' });
    expect(call.viewFor('bob')).toMatchObject({ state: 'ended', endedBy: 'me' });
    expect(call.viewFor('carol')).toBeNull();
  });
});
