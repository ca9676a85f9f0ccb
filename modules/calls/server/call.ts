import type { CallView, EndReason } from '../contract/index.ts';
import { createCallMedia } from './call-media.ts';
import { type Call, type CallOptions, defaultTimes } from './call-model.ts';
import { callQualityOf } from './call-quality.ts';
import { type CallFacts, callViewOf, inspectionOf, lastViewOf } from './call-view.ts';
import { createFarewells } from './farewells.ts';
import { farewellOnFailureMs, type Handover, type Side, toldOnce } from './handover.ts';
import type { Leg, LegEvents } from './leg.ts';
import { createMoving } from './moving.ts';
import type { WebLeg } from './web-leg.ts';

export type { Call, CallEvents, CallTimes } from './call-model.ts';
export type { CallPart, Released, Side, TransferOutcome } from './handover.ts';

export function createCall(options: CallOptions): { call: Call; legEvents: LegEvents } {
  const { id, orgId, events, log, times = defaultTimes } = options;
  let { caller, callee } = options;
  let startedAt = new Date();
  let state: CallView['state'] = 'ringing';
  let answeredAt: Date | null = null;
  let endedAt: Date | null = null;
  let endReason: EndReason | null = null;
  let endedBy: Side | null = null;
  let ringing: Leg[] = [];
  let winner: Leg | null = null;
  let sawBusy = false;
  let part = 0;
  let transferredBy: Side | null = null;
  let handover: Handover | null = null;
  /** Why a transfer failed, while the telephone that asked for it is waited for. */
  let failed: EndReason | null = null;
  let released: { into: string; to: Side } | null = null;
  const farewells = createFarewells();
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
      if (devices.ringing() === leg) return devices.answered();
      if (state !== 'ringing' || !ringing.includes(leg)) return leg.end('completed');
      clearTimeout(ringTimer);
      winner = leg;
      state = 'connected';
      answeredAt = new Date();
      for (const other of ringing) if (other !== leg) other.stop('completed-elsewhere');
      ringing = [];
      if (handover && !handover.returned) handover.outcome('answered');
      if (handover?.parked) letGo(handover.parked);
      handover = handover?.returned ? handover : null;
      events.answered(call);
      events.changed(call);
      void media.join(callerLeg, leg);
    },
    refused(leg, how) {
      if (devices.ringing() === leg) return devices.stop();
      if (state !== 'ringing' || !ringing.includes(leg)) return;
      ringing = ringing.filter((other) => other !== leg);
      if (how === 'declined') {
        for (const other of ringing) other.stop('declined-elsewhere');
        ringing = [];
        return unanswered('declined');
      }
      sawBusy ||= how === 'busy';
      if (part > 0 && ringing.length > 0 && media.fellSilent(leg)) media.ringBack(callerLeg);
      if (ringing.length === 0) unanswered(sawBusy ? 'busy' : 'offline');
      else events.changed(call);
    },
    early: (leg) => void (state === 'ringing' && ringing.includes(leg) && media.early(callerLeg, leg)),
    hungUp(leg) {
      if (handover?.parked === leg) {
        handover.parked = null;
        forget(leg);
        if (failed !== null) handBack(failed);
        return;
      }
      if (farewells.left(leg) || state === 'ended') return;
      if (state === 'ringing') {
        if (leg === callerLeg) end('cancelled');
        return;
      }
      // Its page is on the way to take over: the telephone may be put down already.
      if (devices.putDown(leg)) return;
      if (leg === callerLeg || leg === winner) end('completed', leg === callerLeg ? caller : callee);
    },
    held(leg, isHeld) {
      if (state !== 'connected' || (leg !== callerLeg && leg !== winner) || held.has(leg) === isHeld) return;
      if (isHeld) held.add(leg);
      else held.delete(leg);
      media.hold(leg, isHeld);
      events.changed(call);
    },
    reagreed: (leg) => void media.follow(leg),
    referred(leg, referral) {
      if (events.referred && state === 'connected' && (leg === callerLeg || leg === winner))
        events.referred(call, leg, referral);
      else referral.reject(603);
    },
  };

  let callerLeg = options.callerLeg(legEvents);

  function end(reason: EndReason, by: Side | null = null): void {
    if (state === 'ended') return;
    endedBy = by;
    const before = state;
    conclude(reason);
    for (const leg of ringing) leg.stop(reason === 'no-answer' ? 'no-answer' : 'cancelled');
    ringing = [];
    callerLeg.end(reason);
    winner?.end(reason);
    const missed = before === 'ringing' && isMissed(reason);
    media.close();
    events.changed(call);
    events.ended(call, reason, missed);
  }

  /** What every end does to what is beside the two that talk. */
  function conclude(reason: EndReason): void {
    state = 'ended';
    endedAt = new Date();
    endReason = reason;
    clearTimeout(ringTimer);
    for (const timer of lost.values()) clearTimeout(timer);
    lost.clear();
    devices.close();
    if (handover && !handover.returned && answeredAt === null) handover.outcome(reason);
    if (handover?.parked) handover.parked.end(reason);
    farewells.close();
    handover = handover?.returned ? handover : null;
  }

  const sideOf = (personId: string): Side | null =>
    personId === caller.personId ? caller : personId === callee.personId ? callee : null;
  const legOfSide = (side: Side): Leg | null => (side === caller ? callerLeg : winner);
  const legOf = (personId: string): Leg | null => {
    const side = sideOf(personId);
    return side && legOfSide(side);
  };
  const stayOf = (leg: Leg): Leg => (leg === callerLeg && winner ? winner : callerLeg);
  const isOf = (side: Side): boolean =>
    side.personId !== null && (side.personId === caller.personId || side.personId === callee.personId);

  /** A leg that is not of this call any more, whatever becomes of it. */
  function forget(leg: Leg): void {
    unmark(leg);
    media.leave(leg);
  }

  function unmark(leg: Leg): void {
    held.delete(leg);
    clearTimeout(lost.get(leg));
    lost.delete(leg);
  }

  const devices = createMoving({
    callId: id,
    media,
    log,
    isConnected: () => state === 'connected',
    legOf: legOfSide,
    partnerOf: (side) => (side === caller ? winner : callerLeg),
    seat(side, next) {
      const old = legOfSide(side);
      if (side === caller) callerLeg = next;
      else winner = next;
      if (old) unmark(old);
      return old;
    },
    changed() {
      if (state !== 'ended') events.changed(call);
    },
  });

  function letGo(leg: Leg): void {
    forget(leg);
    farewells.letGo(leg);
  }

  /** Ends the present part: what is told of it, before anything changes. */
  function closePart(left: Side, reason: EndReason, missed: boolean, transferredTo: Side | null) {
    const lastView = left.personId === null ? null : lastViewOf(viewOf(left), reason, transferredTo);
    const closed = { caller, callee, reason, missed, left, lastView, transferredTo };
    devices.close(left);
    return (): void => {
      part += 1;
      events.parted?.(call, {
        ...closed,
        next: {
          caller,
          callee,
          since: startedAt,
          answered: state === 'connected',
          transferredBy,
          returnedFrom: handover?.returned ? handover.to : null,
        },
      });
      events.changed(call);
    };
  }

  function begin(next: { state: 'ringing' | 'connected'; caller: Side; callerLeg: Leg; callee: Side }): void {
    ({ state, caller, callerLeg, callee } = next);
    startedAt = new Date();
    answeredAt = state === 'connected' ? startedAt : null;
    sawBusy = false;
  }

  /** Nobody on the callee's side takes it: it ends, or goes back to who handed it over. */
  function unanswered(reason: EndReason) {
    if (!handover || handover.returned) return end(reason);
    clearTimeout(ringTimer);
    for (const leg of ringing) leg.stop(reason === 'no-answer' ? 'no-answer' : 'cancelled');
    ringing = [];
    handover.outcome(reason);
    if (!handover.parked) return handBack(reason);
    // Some telephones hang up by themselves when they hear that a transfer failed; those are rung again.
    failed = reason;
    ringTimer = setTimeout(() => handBack(reason), farewellOnFailureMs);
  }

  function handBack(reason: EndReason): void {
    clearTimeout(ringTimer);
    failed = null;
    if (!handover || state !== 'ringing') return;
    if (handover.parked) restore(reason, handover.parked);
    else if (events.unanswered) events.unanswered(call, handover.by, reason);
    else end(reason);
  }

  /** Its telephone still waits: the two go on as before. */
  function restore(reason: EndReason, leg: Leg): void {
    if (!handover) return;
    const tell = closePart(callee, reason, isMissed(reason), null);
    begin({ state: 'connected', caller, callerLeg, callee: handover.by });
    winner = leg;
    transferredBy = null;
    handover.parked = null;
    handover.returned = reason;
    // The views come before the rounds: a page lets go of what it heard when it learns of another pair.
    tell();
    media.hold(leg, held.has(leg));
    void media.join(callerLeg, leg);
  }

  const isMissed = (reason: EndReason): boolean => reason !== 'declined' && reason !== 'failed';

  const facts = (): CallFacts => ({
    id,
    state,
    caller,
    callee,
    callerLeg,
    winner,
    ringing,
    held,
    lost,
    startedAt,
    answeredAt,
    endedAt,
    endReason,
    endedBy,
    part,
    transferredBy,
    handover,
    released,
  });
  const viewOf = (side: Side): CallView =>
    callViewOf(facts(), side, { arriving: devices.arrivingFor(side), movingTo: devices.ringingFor(side) });

  const call: Call = {
    id,
    orgId,
    get caller() {
      return caller;
    },
    get callee() {
      return callee;
    },
    get state() {
      return state;
    },
    get startedAt() {
      return startedAt;
    },
    get answeredAt() {
      return answeredAt;
    },
    media,
    async ring(legs) {
      if (state !== 'ringing') return;
      ringing = [...legs];
      if (legs.length === 0) return unanswered('offline');
      ringTimer = setTimeout(() => unanswered('no-answer'), times.ringMs);
      if (part > 0) media.ringBack(callerLeg);
      else if (callerLeg.kind === 'telephone') await callerLeg.ring();
      handover?.outcome('ringing');
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
      const arriving = devices.arrivingOf(personId);
      if (arriving) return arriving;
      if (personId === callee.personId) {
        const leg = winner ?? ringing.find((each) => each.kind === 'page');
        if (leg?.kind === 'page') return leg as WebLeg;
      }
      return personId === caller.personId && callerLeg.kind === 'page' ? (callerLeg as WebLeg) : null;
    },
    leave(personId) {
      if (state === 'connected') {
        const side = sideOf(personId);
        if (side) end('completed', side);
        return;
      }
      if (personId === caller.personId) return end('cancelled');
      if (personId === callee.personId) {
        for (const leg of ringing) leg.stop('declined-elsewhere');
        ringing = [];
        unanswered('declined');
      }
    },
    hold(personId, isHeld) {
      const leg = legOf(personId);
      if (leg) legEvents.held(leg, isHeld);
    },
    pageLost(connectionId) {
      if (state === 'ended') return;
      devices.pageLost(connectionId);
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
    take(personId, connectionId, makeLeg) {
      const side = sideOf(personId);
      const leg = side && legOfSide(side);
      if (state === 'ended' || !side || !leg) return false;
      if (leg.kind === 'page') {
        clearTimeout(lost.get(leg));
        lost.delete(leg);
        (leg as WebLeg).moveTo(connectionId);
        events.changed(call);
        if (state === 'connected') media.rejoin(leg as WebLeg);
        return true;
      }
      if (state !== 'connected') return false;
      devices.bring(side, leg, makeLeg(legEvents));
      legEvents.held(leg, false);
      return true;
    },
    end: (reason) => end(reason),
    inspect: () => inspectionOf(facts(), media.path()),
    viewFor(personId) {
      const side = sideOf(personId);
      return side && viewOf(side);
    },
    relay: () => media.relay(),
    transfer(personId, to, { park = false, outcome = () => {} } = {}) {
      const goes = sideOf(personId);
      const leg = goes && legOfSide(goes);
      if (state !== 'connected' || !goes || !leg || isOf(to) || !winner) return false;
      const [stays, stayLeg] = goes === caller ? [callee, winner] : [caller, callerLeg];
      const tell = closePart(goes, 'transferred', false, to);
      begin({ state: 'ringing', caller: stays, callerLeg: stayLeg, callee: to });
      winner = null;
      transferredBy = goes;
      handover = { by: goes, to, parked: park ? leg : null, outcome: toldOnce(outcome), returned: null };
      media.part();
      if (park) media.hold(leg, true);
      else {
        forget(leg);
        leg.end('transferred');
      }
      tell();
      return true;
    },
    comeBack(reason) {
      if (state !== 'ringing' || !handover || handover.returned) return false;
      handover.outcome(reason);
      const tell = closePart(callee, reason, isMissed(reason), null);
      begin({ state: 'ringing', caller, callerLeg, callee: handover.by });
      media.part();
      transferredBy = null;
      handover.returned = reason;
      tell();
      return true;
    },
    release(personId, into, withWhom, gently = false) {
      const goes = sideOf(personId);
      if (state !== 'connected' || !goes || !winner || isOf(withWhom)) return null;
      const [side, leg, own] = goes === caller ? [callee, winner, callerLeg] : [caller, callerLeg, winner];
      const isHeld = held.has(leg);
      released = { into, to: withWhom };
      const round = media.lastRound();
      conclude('transferred');
      if (gently) letGo(own);
      else own.end('transferred');
      const former = media.vacate(leg);
      events.changed(call);
      events.ended(call, 'transferred', false);
      return { side, leg, held: isHeld, round, former };
    },
    admit(personId, { side, leg, held: isHeld, round, former }, { comesFirst = true, gently = false } = {}) {
      const goes = sideOf(personId);
      const own = goes && legOfSide(goes);
      if (!goes || !own || isOf(side) || state === 'ended') return false;
      if (state === 'ringing' && goes !== caller) return false;
      const tell = closePart(goes, 'transferred', false, side);
      leg.follow(legEvents);
      media.startAfter(round);
      transferredBy = goes;
      if (isHeld) held.add(leg);
      if (!gently) forget(own);
      if (state === 'ringing') {
        caller = side;
        callerLeg = leg;
        handover = { by: goes, to: callee, parked: null, outcome: () => {}, returned: null };
      } else {
        const [stays, stayLeg] = goes === caller ? [callee, winner] : [caller, callerLeg];
        if (!stayLeg) return false;
        if (comesFirst) {
          begin({ state: 'connected', caller: side, callerLeg: leg, callee: stays });
          winner = stayLeg;
        } else {
          begin({ state: 'connected', caller: stays, callerLeg: stayLeg, callee: side });
          winner = leg;
        }
        handover = null;
      }
      if (gently) letGo(own);
      else own.end('transferred');
      tell();
      if (state === 'connected' && winner) void media.join(stayOf(leg), leg, former);
      else media.ringBack(leg, former);
      return true;
    },
    otherThan(personId) {
      const side = sideOf(personId);
      if (!side) return null;
      return side === caller ? { side: callee, leg: winner } : { side: caller, leg: callerLeg };
    },
    get joinedWith() {
      return released?.to ?? null;
    },
    legOf,
    get legs() {
      return [callerLeg, winner, devices.ringing(), ...ringing].filter((leg) => !!leg);
    },
    async moveTo(personId, leg, timeoutMs) {
      const side = sideOf(personId);
      if (state !== 'connected' || !side) return false;
      return devices.to(side, leg, timeoutMs);
    },
    stay(personId) {
      const side = sideOf(personId);
      if (side && devices.ringingFor(side)) devices.stop();
    },
    replaceLeg(old, next) {
      if (ringing.includes(old)) {
        ringing = [...ringing.filter((leg) => leg !== old), next];
        legEvents.answered(next);
        old.stop('completed-elsewhere');
        return true;
      }
      if (state !== 'connected' || (old !== callerLeg && old !== winner)) return false;
      devices.replace(old === callerLeg ? caller : callee, next);
      return true;
    },
  };
  return { call, legEvents };
}
