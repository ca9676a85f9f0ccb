import type { Log } from '@liaison/core/log';
import type { CallView, EndReason, Party } from '../contract/index.ts';
import { type CallMedia, createCallMedia } from './call-media.ts';
import { type CallQuality, callQualityOf } from './call-quality.ts';
import type { Leg, LegEvents } from './leg.ts';
import type { MediaPool, Relay } from './media/media.ts';
import type { WebLeg } from './web-leg.ts';

/** One side of a call: a person (or, later, somebody outside) and the legs that stand for her. */
export interface Side {
  readonly party: Party;
  readonly personId: string | null;
}

export interface CallEvents {
  /** Something that its people see has changed. */
  changed(call: Call): void;
  answered(call: Call): void;
  /** The last thing a call tells. `missed`: it rang, and nobody there answered or refused. */
  ended(call: Call, reason: EndReason, missed: boolean): void;
  /** After that, when a relay carried the sound. */
  sounded?(call: Call, quality: CallQuality): void;
}

/** How long a call rings, and how long a page that vanished is waited for, in milliseconds. */
export interface CallTimes {
  readonly ringMs: number;
  readonly returnMs: number;
}

export const defaultTimes: CallTimes = { ringMs: 45_000, returnMs: 20_000 };

/**
 * The call model: it joins legs and knows nothing of what they are.
 *
 * States: *ringing* (the caller's leg is there, the callee's legs ring) → first leg that answers → *connected* (two
 * legs talk, all others were told "completed elsewhere") → *ended*. Ended from ringing by cancel, decline, busy,
 * no answer; from connected by either side hanging up, or by a page that does not come back.
 *
 * Owned by one process (`core/owned`, kind `call`); every method is called there.
 */
export interface Call {
  readonly id: string;
  readonly orgId: string;
  readonly caller: Side;
  readonly callee: Side;
  readonly state: CallView['state'];
  readonly startedAt: Date;
  readonly answeredAt: Date | null;
  readonly media: CallMedia;
  /** Rings these legs; none at all ends the call as `offline`. */
  ring(legs: readonly Leg[]): Promise<void>;
  /** The page leg of a person, if her side has one. */
  webLeg(personId: string): WebLeg | null;
  /** Hangs up, cancels or declines, as the state and side say. */
  leave(personId: string): void;
  hold(personId: string, held: boolean): void;
  /** A page of this call is gone: its leg waits for another page, then hangs up. */
  pageLost(connectionId: string): void;
  take(personId: string, connectionId: string): boolean;
  end(reason: EndReason): void;
  viewFor(personId: string): CallView | null;
  relay(): Promise<Relay>;
}

export function createCall(options: {
  id: string;
  orgId: string;
  caller: Side;
  callee: Side;
  /** Makes the caller's leg with the call's own events. */
  callerLeg(events: LegEvents): Leg;
  pool: MediaPool | null;
  log: Log;
  events: CallEvents;
  times?: CallTimes;
}): { call: Call; legEvents: LegEvents } {
  const { id, orgId, caller, callee, events, log, times = defaultTimes } = options;
  const startedAt = new Date();
  let state: CallView['state'] = 'ringing';
  let answeredAt: Date | null = null;
  let endedAt: Date | null = null;
  let endReason: EndReason | null = null;
  let endedBy: Side | null = null;
  let ringing: Leg[] = [];
  let winner: Leg | null = null;
  let sawBusy = false;
  const held = new Set<Leg>();
  const lost = new Map<Leg, NodeJS.Timeout>();
  let ringTimer: NodeJS.Timeout | undefined;

  const media = createCallMedia({
    callId: id,
    pool: options.pool,
    log,
    failed: () => end('failed'),
    sounded(report) {
      const quality = callQualityOf(report, { caller: callerLeg.id, callee: winner?.id });
      if (quality) events.sounded?.(call, quality);
    },
  });

  const legEvents: LegEvents = {
    answered(leg) {
      if (state !== 'ringing' || !ringing.includes(leg)) return leg.end('completed');
      clearTimeout(ringTimer);
      winner = leg;
      state = 'connected';
      answeredAt = new Date();
      for (const other of ringing) if (other !== leg) other.stop('completed-elsewhere');
      ringing = [];
      events.answered(call);
      events.changed(call);
      void media.join(callerLeg, leg);
    },
    refused(leg, how) {
      if (state !== 'ringing') return;
      ringing = ringing.filter((other) => other !== leg);
      if (how === 'declined') {
        for (const other of ringing) other.stop('declined-elsewhere');
        ringing = [];
        return end('declined');
      }
      sawBusy ||= how === 'busy';
      if (ringing.length === 0) end(sawBusy ? 'busy' : 'offline');
      else events.changed(call);
    },
    hungUp(leg) {
      if (state === 'ended') return;
      if (state === 'ringing') {
        if (leg === callerLeg) end('cancelled');
        return;
      }
      if (leg === callerLeg || leg === winner) end('completed', leg === callerLeg ? caller : callee);
    },
    held(leg, isHeld) {
      if (state !== 'connected' || (leg !== callerLeg && leg !== winner) || held.has(leg) === isHeld) return;
      if (isHeld) held.add(leg);
      else held.delete(leg);
      media.hold(leg, isHeld);
      events.changed(call);
    },
  };

  const callerLeg = options.callerLeg(legEvents);

  function end(reason: EndReason, by: Side | null = null): void {
    if (state === 'ended') return;
    endedBy = by;
    const before = state;
    state = 'ended';
    endedAt = new Date();
    endReason = reason;
    clearTimeout(ringTimer);
    for (const timer of lost.values()) clearTimeout(timer);
    lost.clear();
    for (const leg of ringing) leg.stop(reason === 'no-answer' ? 'no-answer' : 'cancelled');
    ringing = [];
    callerLeg.end(reason);
    winner?.end(reason);
    media.close();
    const missed = before === 'ringing' && reason !== 'declined' && reason !== 'failed';
    events.changed(call);
    events.ended(call, reason, missed);
  }

  const legOf = (personId: string): Leg | null =>
    personId === caller.personId ? callerLeg : personId === callee.personId ? winner : null;

  const pageOf = (leg: Leg | null): CallView['mine'] =>
    leg === null || leg.kind === 'service'
      ? null
      : { kind: leg.kind, connectionId: leg.kind === 'page' ? (leg as WebLeg).connectionId : null };

  const call: Call = {
    id,
    orgId,
    caller,
    callee,
    get state() {
      return state;
    },
    startedAt,
    get answeredAt() {
      return answeredAt;
    },
    media,
    async ring(legs) {
      ringing = [...legs];
      if (legs.length === 0) return end('offline');
      ringTimer = setTimeout(() => end('no-answer'), times.ringMs);
      if (callerLeg.kind === 'telephone') await callerLeg.ring();
      events.changed(call);
      await Promise.all(
        legs.map(async (leg) => {
          try {
            await leg.ring();
          } catch (error) {
            log.warn({ callId: id, err: error, kind: leg.kind }, 'a device could not be rung');
            leg.stop('cancelled');
            legEvents.refused(leg, 'failed');
          }
        }),
      );
    },
    webLeg(personId) {
      if (personId === callee.personId) {
        const leg = winner ?? ringing.find((each) => each.kind === 'page');
        if (leg?.kind === 'page') return leg as WebLeg;
      }
      return personId === caller.personId && callerLeg.kind === 'page' ? (callerLeg as WebLeg) : null;
    },
    leave(personId) {
      if (state === 'connected') return end('completed', personId === caller.personId ? caller : callee);
      if (personId === caller.personId) return end('cancelled');
      if (personId === callee.personId) {
        for (const leg of ringing) leg.stop('declined-elsewhere');
        ringing = [];
        end('declined');
      }
    },
    hold(personId, isHeld) {
      const leg = legOf(personId);
      if (leg) legEvents.held(leg, isHeld);
    },
    pageLost(connectionId) {
      if (state === 'ended') return;
      for (const leg of [callerLeg, winner]) {
        if (leg?.kind !== 'page' || (leg as WebLeg).connectionId !== connectionId) continue;
        (leg as WebLeg).detach();
        lost.set(
          leg,
          setTimeout(() => end('lost'), times.returnMs),
        );
        events.changed(call);
      }
    },
    take(personId, connectionId) {
      const leg = legOf(personId);
      if (state === 'ended' || leg?.kind !== 'page') return false;
      clearTimeout(lost.get(leg));
      lost.delete(leg);
      (leg as WebLeg).moveTo(connectionId);
      events.changed(call);
      if (state === 'connected') media.rejoin(leg as WebLeg);
      return true;
    },
    end: (reason) => end(reason),
    viewFor(personId) {
      const isCaller = personId === caller.personId;
      if (!isCaller && personId !== callee.personId) return null;
      const [mine, theirs] = isCaller ? [callerLeg, winner] : [winner, callerLeg];
      return {
        id,
        direction: isCaller ? 'outgoing' : 'incoming',
        state,
        peer: isCaller ? callee.party : caller.party,
        mine: pageOf(mine),
        peerKind: state === 'connected' ? (theirs?.kind ?? null) : null,
        ringing: {
          pages: ringing.some((leg) => leg.kind === 'page'),
          telephones: ringing.filter((leg) => leg.kind === 'telephone').length,
        },
        heldByMe: mine !== null && held.has(mine),
        heldByPeer: theirs !== null && held.has(theirs),
        peerLost: theirs !== null && lost.has(theirs),
        startedAt: startedAt.toISOString(),
        answeredAt: answeredAt?.toISOString() ?? null,
        endedAt: endedAt?.toISOString() ?? null,
        reason: endReason,
        endedBy: endedBy && (endedBy === (isCaller ? caller : callee) ? 'me' : 'peer'),
      };
    },
    relay: () => media.relay(),
  };
  return { call, legEvents };
}
