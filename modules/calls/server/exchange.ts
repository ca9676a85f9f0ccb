import { conflict, notFound, Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { NotOwned, OutcomeUnknown, type Ownership } from '@liaison/core/owned';
import type { ClosedPages } from '@liaison/notify';
import type { People, PersonSummary } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import { hopsFor, isSipUri, type SipRequest } from '@liaison/sip';
import { callChanged, callViewSchema, type EndReason } from '../contract/index.ts';
import { type Call, type CallEvents, type CallTimes, createCall, type Side } from './call.ts';
import { createCallClaims } from './call-claims.ts';
import { createCallWrites } from './call-writes.ts';
import { createLegsFor } from './device-legs.ts';
import { whoIsDialled } from './dial-plan.ts';
import type { Exchange } from './exchange-contract.ts';
import { createFarTelephones } from './far/far-telephones.ts';
import { whatIsDialled } from './features/dialled.ts';
import { createFeatures, type Service } from './features/features.ts';
import { createFindTelephones } from './find-telephones.ts';
import type { Leg, LegEvents } from './leg.ts';
import type { MediaPool } from './media/media.ts';
import { createOpenPages } from './open-pages.ts';
import { type Order, orders } from './orders.ts';
import type { OutsideNames } from './outside-names.ts';
import { ownerSilent } from './owner-silent.ts';
import { openCallsOf, settingsOf, toParty } from './queries.ts';
import { createIncomingSipLeg, takesInfo } from './sip-leg.ts';
import { createSleepers } from './sleepers.ts';
import type { Telephones } from './telephones.ts';
import { askOwner } from './transfer/ask-again.ts';
import { createDialogs } from './transfer/dialogs.ts';
import { createLineMoves } from './transfer/line-moves.ts';
import { createReferrals, isDialable } from './transfer/referrals.ts';
import { createTransfers, type TransferNeeds } from './transfer/transfers.ts';
import type { SignalTap } from './watch/signal-tap.ts';
import { inspectCall } from './watch/watched-calls.ts';
import { createWebLeg } from './web-leg.ts';

export type { Exchange } from './exchange-contract.ts';
export type { Order } from './orders.ts';
export { ownerSilent } from './owner-silent.ts';

/** Of one person at a time: one that is talked in, one that waits or is on hold. */
const mostCalls = 2;

/** How long an ended call still answers, for pages that ask late, in milliseconds. */
const defaultLingerMs = 2000;
/** Calls that end within this time are given back together, by one statement. */
const gatherMs = 250;

export function createExchange(options: {
  core: Core;
  people: People;
  reach: Reach;
  telephones: () => Telephones;
  pool: MediaPool | null;
  /** Hears what is said about calls. */
  tap: SignalTap;
  /** What readers call who is outside; without it numbers are shown. */
  outside?: OutsideNames;
  /** Pages that a call wakes. */
  closedPages?: ClosedPages;
  times?: CallTimes;
  lingerMs?: number;
}): Exchange {
  const { core, people, pool, tap, lingerMs = defaultLingerMs } = options;
  const reach = createCallClaims(options.reach, options.core.db);
  const { db, live, owned, outbox, ids } = core;
  const log = core.log.child({ part: 'calls' });
  const running = new Map<string, { call: Call; legEvents: LegEvents; ownership: Ownership }>();
  const far = createFarTelephones({ owned, log });
  const features = createFeatures({ reach: options.reach });
  const writes = createCallWrites({ db, people, emit: outbox.emit, reach, log });
  const { claimOf, later } = writes;
  const mayHavePage = createOpenPages(core);

  const thing = (orgId: string, callId: string) => ({ kind: 'call', id: callId, orgId });

  function tellViews(call: Call): void {
    tap.changed(call);
    for (const personId of new Set([call.caller.personId, call.callee.personId])) {
      if (personId === null || !mayHavePage(personId)) continue;
      const view = call.viewFor(personId);
      // Who is handed a call is told when her devices ring: its row is hers by then.
      const isBefore = view?.state === 'ringing' && !view.ringing.pages && view.ringing.telephones === 0;
      if (isBefore && view.direction === 'incoming') continue;
      if (view) live.signal({ personIds: [personId] }, callChanged, view);
    }
  }

  const sleepers = createSleepers(options.closedPages, options.times);
  function finish(call: Call, reason: EndReason, missed: boolean): void {
    tap.ended(call, reason);
    sleepers.stop(call);
    writes.ended(call, { reason, missed });
    setTimeout(() => void giveUp(call), lingerMs + gatherMs - (Date.now() % gatherMs)).unref();
  }

  /**
   * What was queued of it comes first: its lease may still be on the way to here, and a row without an end and without an owner
   * is taken for a lost call (`lost-calls.ts`).
   */
  async function giveUp(call: Call): Promise<void> {
    await writes.written(call.id);
    const entry = running.get(call.id);
    running.delete(call.id);
    await entry?.ownership.release();
  }

  /** Why a person cannot be rung just now; `waits` when only her pages may say it, beside the call she is in. */
  async function lookAt(
    orgId: string,
    calleeId: string,
    { wake }: { wake: boolean },
  ): Promise<{ why: EndReason | 'waits' | null; hasPage: boolean; wakes: boolean }> {
    // Somebody who calls again at once after a refusal must not find the claims of the call that has just ended.
    await writes.endsOf(calleeId);
    const [states, mayWake] = await db.shared(() =>
      Promise.all([reach.statesOf(orgId, [calleeId]), wake && sleepers.mayWake(orgId, calleeId)]),
    );
    const state = states.get(calleeId);
    const wakes = mayWake && sleepers.isAsleep(state);
    // A page that is woken rings like one that is there, and is there by the time that somebody answers on it.
    const hasPage = state?.page === true || wakes;
    if (!state || (!hasPage && !state.telephone)) return { why: 'offline', hasPage, wakes };
    if (state.state === 'dnd') return { why: 'do-not-disturb', hasPage, wakes };
    if (state.state !== 'call' && state.state !== 'ringing') return { why: null, hasPage, wakes };
    // A telephone has its own way to let a second call wait, or none: pages can show one.
    return { why: hasPage && (await mayWait(orgId, calleeId)) ? 'waits' : 'busy', hasPage, wakes };
  }
  /** Whom a call is handed to is not woken: her legs are those of devices that are there. */
  const obstacle = async (orgId: string, personId: string) =>
    (await lookAt(orgId, personId, { wake: false })).why;

  /** What gives a leg to another call must come to an end, whatever gets lost on the way. */
  const orderTransfer: TransferNeeds['order'] = (orgId, callId, what) =>
    'as' in what
      ? askOwner(what.as, (how) => owned.send(thing(orgId, callId), 'order', what, how))
      : exchange.order(orgId, callId, what);
  const findTelephones = createFindTelephones({ core, people });
  const legsFor = createLegsFor({
    core,
    reach,
    telephones: options.telephones,
    far,
    pool,
    tap,
    findTelephones,
    ...(options.outside ? { outside: options.outside } : {}),
  });
  const transfers = createTransfers({
    core,
    people,
    reach,
    legsFor,
    lines: createLineMoves({ owned, far, telephones: options.telephones }),
    running: (callId) => running.get(callId),
    order: orderTransfer,
    later,
    written: writes.written,
    obstacle,
    claimOf,
  });

  const { callOfDialog, findCallOfDialog, replaceByTelephone } = createDialogs({
    core,
    running,
    telephones: options.telephones,
    order: orderTransfer,
  });
  const referred = createReferrals({ core, people, transfers, findCallOfDialog });

  /** Of all calls: what belonged to the beginning of each would stand for as long as it does. */
  const events: CallEvents = {
    changed: tellViews,
    answered(answered) {
      sleepers.stop(answered);
      writes.answered(answered);
    },
    ended: finish,
    ...transfers.events,
    referred,
    sounded: writes.sounded,
  };

  /** One call beside the one she is in, where she wants that. */
  const mayWait = (orgId: string, personId: string): Promise<boolean> =>
    db.read(orgId, async (tx) => {
      if (!(await settingsOf(tx, personId)).callWaiting) return false;
      return (await openCallsOf(tx, personId)).length < mostCalls;
    });

  /** Made apart from what begins the call, which would stand for as long as this does. */
  const ownerOf = (call: Call) => ({
    command: async (name: string, params: unknown) =>
      name === 'line' ? far.heard(params) : obey(call, orders.parse(params)),
    lost: () => call.end('lost'),
  });

  async function start(from: {
    orgId: string;
    caller: PersonSummary;
    callee: PersonSummary | Service;
    dialled: string;
    callerLeg(events: LegEvents): Leg;
    /** The calling telephone does not ring itself. */
    callingDeviceId?: string;
    /** What it asked. */
    request?: SipRequest;
    /** Is told why the call could not be begun, which otherwise is thrown. */
    failed?(error: unknown): void;
  }): Promise<Call> {
    const { orgId, caller } = from;
    const [callee, service] = 'leg' in from.callee ? [null, from.callee] : [from.callee, null];
    const id = ids.next();
    const side = (person: PersonSummary): Side => ({ personId: person.id, party: toParty(person) });
    const { call, legEvents } = createCall({
      id,
      orgId,
      caller: side(caller),
      callee: callee ? side(callee) : { personId: null, party: service!.party },
      callerLeg: from.callerLeg,
      pool,
      log,
      ...(options.times ? { times: options.times } : {}),
      events,
    });
    const own = async () => {
      const ownership = await owned.claim(thing(orgId, id), ownerOf(call));
      running.set(id, { call, legEvents, ownership });
      tap.started(call, from.dialled);
    };
    /** What a call that rings, or talks with something of ours, makes known of its people. */
    const claimsOf = (why: EndReason | 'waits' | null) => {
      if (call.state === 'ended' || (why && why !== 'waits') || (service && !service.isTalk)) return [];
      const busy = claimOf(call, caller.id, 'call');
      return callee ? [busy, claimOf(call, callee.id, 'ringing')] : [busy];
    };
    // Whatever becomes of it meanwhile is written after its beginning.
    const begun = await writes
      .first(id, async () => {
        // Whether she can be rung is asked before this call claims anything about her.
        const looking =
          callee && Promise.all([lookAt(orgId, callee.id, { wake: true }), findTelephones(orgId, callee.id)]);
        const [looked, claimed] = await Promise.allSettled([looking, own()]);
        if (claimed.status === 'rejected') throw claimed.reason;
        if (looked.status === 'rejected') throw looked.reason;
        const [{ why, hasPage, wakes }, devices] = looked.value ?? [
          { why: null, hasPage: false, wakes: false },
        ];
        await writes.started(call, {
          dialled: service?.party.name ?? from.dialled,
          site: core.settings.site.number,
          claims: claimsOf(why),
        });
        return { why, hasPage, wakes, devices };
      })
      .catch((error: unknown) => {
        from.failed?.(error);
        call.end('failed');
        if (!from.failed) throw error;
      });
    if (!begun) return call;
    const { why, hasPage, wakes, devices } = begun;
    if (call.state === 'ended') return call;
    if (why && why !== 'waits') {
      call.end(why);
      return call;
    }
    if (service) {
      await call.ring([service.leg(ids.next(), legEvents)]);
      return call;
    }
    if (!callee) return call;
    const legs = await legsFor({
      call,
      from: call.caller.party,
      to: call.callee.party,
      events: legEvents,
      known: devices && { hasPage, devices },
      exceptDeviceId: from.callingDeviceId,
      request: from.request,
    });
    if (wakes) sleepers.wake(call, callee.id);
    await call.ring(why === 'waits' ? legs.filter((leg) => leg.kind === 'page') : legs);
    return call;
  }

  async function obey(call: Call, order: Order): Promise<unknown> {
    tap.ordered(call, order);
    switch (order.order) {
      case 'view':
        return call.viewFor(order.personId);
      case 'inspect':
        return inspectCall(call.inspect(), pool && (() => call.relay()));
      case 'end':
        call.end(call.state === 'connected' ? 'completed' : 'cancelled');
        return null;
      case 'answer': {
        const leg = call.webLeg(order.personId);
        if (call.callee.personId !== order.personId || !leg?.answer(order.connectionId)) {
          throw conflict('call-gone', 'This call was answered elsewhere or has ended.');
        }
        return null;
      }
      case 'leave':
        call.leave(order.personId);
        return null;
      case 'hold':
        call.hold(order.personId, order.held);
        return null;
      case 'take':
        {
          const makeLeg = (events: LegEvents) =>
            createWebLeg({
              id: ids.next(),
              personId: order.personId,
              connectionId: order.connectionId,
              live,
              events,
            });
          if (!call.take(order.personId, order.connectionId, makeLeg)) {
            throw conflict('call-gone', 'This call has ended.');
          }
        }
        return null;
      case 'page-lost':
        call.pageLost(order.connectionId);
        return null;
      case 'describe': {
        const leg = call.webLeg(order.personId);
        if (!leg || leg.connectionId !== order.connectionId) return false;
        await call.media.described(leg, order.round, order.sdp);
        return true;
      }
      case 'media': {
        const leg = call.webLeg(order.personId);
        if (leg?.connectionId === order.connectionId) call.media.reported(leg, order.round, order.state);
        return null;
      }
      case 'offer-picture': {
        const leg = call.webLeg(order.personId);
        // What comes of it is told by a signal: some telephones ask their person first.
        if (leg?.connectionId === order.connectionId) void call.media.offerPicture(leg);
        return null;
      }
      default:
        return transfers.obey(call, order);
    }
  }

  const exchange: Exchange = {
    get running() {
      return running.size;
    },
    async startFromPage(actor, connectionId, to) {
      const { personId, orgId } = actor;
      const { caller, dialled } = await db.read(orgId, async (tx) => ({
        caller: await people.find(tx, personId),
        dialled: await whatIsDialled(people, tx, { personId, dialled: to }),
      }));
      if (!caller) throw notFound();
      if (dialled.kind === 'unknown-code') throw new Problem(404, 'unknown-code', `No code is ${to}.`);
      if (dialled.kind === 'nobody')
        throw new Problem(404, 'nobody-there', 'Nobody is reached under this name or number.');
      if (dialled.kind === 'person' && dialled.person.id === caller.id)
        throw conflict('own-number', 'This is your own number.');
      const mine = await exchange.viewsFor(actor.orgId, actor.personId, 'skip');
      const here = mine.filter((view) => view.mine?.connectionId === connectionId);
      if (here.length >= mostCalls || here.some((view) => !view.heldByMe)) {
        throw conflict('in-a-call', 'Put the call on this page on hold, or end one, first.');
      }
      const call = await start({
        orgId: actor.orgId,
        caller,
        callee: dialled.kind === 'person' ? dialled.person : await features.serve(dialled.feature, actor),
        dialled: to,
        callerLeg: (events) =>
          createWebLeg({ id: ids.next(), personId: caller.id, connectionId, live, events }),
      });
      tap.ordered(call, { order: 'start', personId: caller.id, connectionId });
      return call.viewFor(caller.id)!;
    },
    async startFromTelephone(session, principal) {
      if (session.replaces || session.foreignReplaces) return replaceByTelephone(session, principal);
      const { requested, request } = session;
      if (!request) return; // It was cancelled meanwhile.
      const dialled = requested && isSipUri(requested) ? (requested.user ?? '') : '';
      if (!isDialable(dialled)) return session.reject(404);
      hopsFor(request); // Refuses what has no way left before anybody rings.
      const { personId } = principal;
      const { caller, meant } = await db.shared(() =>
        db.read(principal.orgId, async (tx) => {
          const realm = () => people.realmOf(tx);
          const [found, what] = await Promise.all([
            people.find(tx, personId),
            whatIsDialled(people, tx, { personId, dialled, realm }),
          ]);
          return { caller: found, meant: what };
        }),
      );
      if (!caller || session.state === 'ended') return session.reject(403);
      if (meant.kind === 'unknown-code') return session.reject(404, 'Unknown Feature Code');
      // RFC 3261 §21.4.5: the user does not exist at that domain.
      if (meant.kind === 'nobody' || (meant.kind === 'person' && meant.person.id === caller.id)) {
        return session.reject(404);
      }
      const call = await start({
        orgId: principal.orgId,
        caller,
        callee: meant.kind === 'person' ? meant.person : await features.serve(meant.feature, principal),
        dialled,
        callingDeviceId: principal.deviceId,
        request,
        failed(error) {
          log.error({ err: error }, 'a call of a telephone could not be begun');
          if (session.state !== 'early') return;
          if (!(error instanceof Problem) || error.status !== 503) return session.reject(500);
          // RFC 3261 §21.5.4: it may come again soon.
          session.reject(503, undefined, [['retry-after', String(error.retryAfterSeconds ?? 2)]]);
        },
        callerLeg: (events) =>
          createIncomingSipLeg({
            id: ids.next(),
            personId: caller.id,
            deviceId: principal.deviceId,
            session,
            takesInfo: takesInfo(session),
            events,
          }),
      });
      tap.follow(session.callId, call, { personId, deviceId: principal.deviceId });
    },
    async transfer({ orgId, personId }, callId, to) {
      const target = await db.read(orgId, (tx) => whoIsDialled(people, tx, to));
      if (!target) throw new Problem(404, 'nobody-there', 'Nobody is reached under this name or number.');
      await exchange.order(orgId, callId, { order: 'transfer', personId, to: target.id });
    },
    join: ({ orgId, personId }, callId, withId) => transfers.join(orgId, personId, callId, withId),
    callOfDialog,
    findCallOfDialog,
    order: (orgId, callId, order) => owned.send(thing(orgId, callId), 'order', order, { timeoutMs: 5000 }),
    async viewsFor(orgId, personId, silent) {
      const open = await db.read(orgId, (tx) => openCallsOf(tx, personId));
      const views = await Promise.all(
        open.map(async (callId) => {
          try {
            return await exchange.order(orgId, callId, { order: 'view', personId });
          } catch (error) {
            // Its process is gone; the sweeper writes its end.
            if (error instanceof NotOwned) return null;
            if (!(error instanceof OutcomeUnknown)) throw error;
            if (silent === 'skip') return null;
            throw ownerSilent(error);
          }
        }),
      );
      return views
        .filter((view) => view !== null)
        .map((view) => callViewSchema.parse(view))
        .filter((view) => view.state !== 'ended');
    },
    callHere: (callId) => running.get(callId)?.call,
    async stop() {
      for (const { call } of running.values()) call.end('lost');
      await Promise.all([writes.settled(), far.settled()]);
      await Promise.all([...running.values()].map(({ ownership }) => ownership.release()));
      running.clear();
    },
  };
  return exchange;
}
