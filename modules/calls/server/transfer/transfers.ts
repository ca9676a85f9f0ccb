import { conflict, notFound } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import type { z } from 'zod';
import { callChanged, type EndReason, type Party } from '../../contract/index.ts';
import { writeCallParted } from '../actions/write-transfer.ts';
import type { Call, CallEvents, CallPart, TransferOutcome } from '../call.ts';
import type { LegsFor } from '../device-legs.ts';
import type { LegEvents } from '../leg.ts';
import { toParty } from '../queries.ts';
import { createBetweenProcesses } from './between-processes.ts';
import type { LineMoves } from './line-moves.ts';
import { type Peeked, peeked, type transferOrders } from './orders.ts';
import { createPageArrival } from './page-arrival.ts';

export type TransferOrder = z.infer<(typeof transferOrders)[number]>;

/** What transfers need of the exchange. */
export interface TransferNeeds {
  readonly core: Core;
  readonly people: People;
  readonly reach: Reach;
  readonly legsFor: LegsFor;
  readonly lines: LineMoves;
  /** A call of this process. */
  running(callId: string): { readonly call: Call; readonly legEvents: LegEvents } | undefined;
  order(orgId: string, callId: string, order: TransferOrder): Promise<unknown>;
  /** Queues a write about a call behind those before. */
  later(callId: string, what: string, work: () => Promise<void>): void;
  /** Resolves when what was queued so far is written. */
  written(callId: string): Promise<void>;
  obstacle(orgId: string, personId: string): Promise<EndReason | 'waits' | null>;
  claimOf(call: Call, personId: string, kind: 'ringing' | 'call'): Parameters<Reach['claim']>[0];
}

/** How long a telephone rings that is to take a call over from a page, in milliseconds. */
const moveMs = 30_000;

const callGone = () => conflict('call-gone', 'This call has ended.');

export interface Transfers {
  /** For every call of this process. */
  readonly events: Pick<CallEvents, 'parted' | 'unanswered'>;
  /** Carries out an order about a call of this process. */
  obey(call: Call, order: TransferOrder): Promise<unknown>;
  /** Hands the other one of `personId` over. @throws Problem why that person cannot be rung. */
  transfer(
    call: Call,
    personId: string,
    toId: string,
    how?: { park?: boolean; outcome?: TransferOutcome },
  ): Promise<void>;
  /** Joins the others of two calls of a person, wherever these are. */
  join(
    orgId: string,
    personId: string,
    firstId: string,
    secondId: string,
    /** Her telephones asked for it, and hang up by themselves. */
    gently?: boolean,
  ): Promise<void>;
}

/** Transfers, and moving between a person's own devices: what of them needs more than the call itself. */
export function createTransfers(needs: TransferNeeds): Transfers {
  const { core, people, reach, legsFor, running, later, written, obstacle, claimOf } = needs;
  const { db, live, outbox, ids, log } = core;
  const between = createBetweenProcesses(needs);
  const writes = { people, emit: outbox.emit };

  /** Rings whoever is the call's callee now. */
  async function ringCallee(call: Call, why: EndReason | 'waits' | null, referredBy?: Party): Promise<void> {
    await written(call.id);
    const entry = running(call.id);
    if (!entry || call.state !== 'ringing') return;
    const legs = await legsFor({
      call,
      from: call.caller.party,
      to: call.callee.party,
      events: entry.legEvents,
      referredBy,
    });
    await call.ring(why === 'waits' ? legs.filter((leg) => leg.kind === 'page') : legs);
  }

  function parted(call: Call, part: CallPart): void {
    const { left, next, lastView } = part;
    if (left.personId !== null && lastView) tell(left.personId, lastView);
    later(call.id, 'a transfer could not be stored', () =>
      db.transaction(call.orgId, (tx) =>
        writeCallParted(tx, writes, { id: call.id, partId: ids.next(), at: new Date() }, part),
      ),
    );
    later(call.id, 'a claim could not be moved', async () => {
      if (left.personId !== null) {
        await reach.release(claimOf(call, left.personId, 'call'));
        await reach.release(claimOf(call, left.personId, 'ringing'));
      }
      // What ends a call releases what was there then.
      if (call.state === 'ended') return;
      const { caller, callee } = next;
      if (caller.personId !== null) await reach.claim(claimOf(call, caller.personId, 'call'));
      if (callee.personId !== null)
        await reach.claim(claimOf(call, callee.personId, next.answered ? 'call' : 'ringing'));
    });
  }

  async function unanswered(call: Call, by: CallPart['left'], reason: EndReason): Promise<void> {
    await written(call.id);
    const why = by.personId === null ? 'offline' : await obstacle(call.orgId, by.personId);
    if (call.state !== 'ringing') return;
    // Who handed it over is not there either: the other one is told what became of it.
    if (why !== null && why !== 'waits') return call.end(reason);
    if (call.comeBack(reason)) await ringCallee(call, why);
  }

  const tell = (personId: string, view: NonNullable<CallPart['lastView']>): void =>
    live.signal({ personIds: [personId] }, callChanged, view);

  const watchArrival = createPageArrival({ order: needs.order, tell, log });

  async function transfer(
    call: Call,
    personId: string,
    toId: string,
    how: { park?: boolean; outcome?: TransferOutcome } = {},
  ): Promise<void> {
    const target = await db.read(call.orgId, (tx) => people.find(tx, toId));
    if (!target) throw notFound('This person');
    if (target.id === personId) throw conflict('own-number', 'This is your own number.');
    if (target.id === call.otherThan(personId)?.side.personId)
      throw conflict('talks-already', 'You are talking with this person.');
    const why = await obstacle(call.orgId, target.id);
    if (why !== null && why !== 'waits')
      throw conflict(`transfer-${why}`, 'This person cannot be rung now; your call goes on.');
    const by = call.caller.personId === personId ? call.caller : call.callee;
    if (!call.transfer(personId, { personId: target.id, party: toParty(target) }, how)) throw callGone();
    // Ringing is not waited for: that it began is all that its sender is told by the answer.
    ringCallee(call, why, by.party).catch((error: Error) => {
      log.warn({ err: error, callId: call.id }, 'whom a call was handed to could not be rung');
      call.end('failed');
    });
  }

  /** Which of two calls goes on: the one whose sound is harder to move. */
  async function join(
    orgId: string,
    personId: string,
    firstId: string,
    secondId: string,
    gently = false,
  ): Promise<void> {
    const look = async (callId: string): Promise<Peeked> =>
      peeked.parse(await needs.order(orgId, callId, { order: 'peek', personId }));
    const [first, second] = [await look(firstId), await look(secondId)];
    if (first.state !== 'connected' || second.state === 'ended') throw callGone();
    if (first.otherId !== null && first.otherId === second.otherId)
      throw conflict('same-person', 'Both calls are with the same person.');
    // Who rings this person has not spoken with her yet: the call is answered first.
    if (second.state === 'ringing' && !second.isCaller)
      throw conflict('not-answered', 'Answer this call first.');
    const secondComes =
      second.state === 'connected' && first.otherKind === 'telephone' && second.otherKind === 'page';
    const [stays, comes] = secondComes ? [firstId, secondId] : [secondId, firstId];
    await needs.order(orgId, stays, {
      order: 'join',
      personId,
      other: comes,
      comesFirst: !secondComes,
      gently,
    });
  }

  async function joinHere(
    call: Call,
    { personId, other, comesFirst, gently }: Extract<TransferOrder, { order: 'join' }>,
  ): Promise<void> {
    const before = call.otherThan(personId);
    if (!before || call.state === 'ended') throw callGone();
    const released = await between.fetch(call, personId, other, gently);
    if (!released) throw callGone();
    if (call.admit(personId, released, { comesFirst, gently })) return;
    // It ended while the other one was fetched: nobody is left to talk with.
    released.former?.close();
    released.leg.end('lost');
    throw callGone();
  }

  return {
    events: {
      parted,
      unanswered(call, by, reason) {
        unanswered(call, by, reason).catch((error: Error) => {
          log.warn({ err: error, callId: call.id }, 'a call could not be handed back');
          call.end(reason);
        });
      },
    },
    transfer,
    join,
    async obey(call, order) {
      switch (order.order) {
        case 'transfer':
          await transfer(call, order.personId, order.to);
          return null;
        case 'peek': {
          const other = call.otherThan(order.personId);
          if (!other) throw callGone();
          return {
            state: call.state,
            isCaller: call.caller.personId === order.personId,
            otherId: other.side.personId,
            otherKind: other.leg?.kind ?? null,
          } satisfies Peeked;
        }
        case 'join':
          await joinHere(call, order);
          return null;
        case 'release': {
          const leaves = call.otherThan(order.personId)?.side.personId;
          const released = await between.release(call, order);
          if (released?.kind === 'page' && leaves) watchArrival(call, leaves, order.into);
          return released;
        }
        case 'replace':
          return between.replace(call, order);
        case 'send': {
          const other = call.otherThan(order.personId);
          const entry = running(call.id);
          const me = call.caller.personId === order.personId ? call.caller : call.callee;
          if (!other || !entry || call.state !== 'connected') throw callGone();
          const [leg] = await legsFor({
            call,
            from: other.side.party,
            to: me.party,
            events: entry.legEvents,
            onlyDeviceId: order.deviceId,
          });
          if (!leg) throw conflict('telephone-gone', 'This telephone is not connected now.');
          if (!(await call.moveTo(order.personId, leg, moveMs))) throw callGone();
          return null;
        }
        case 'stay':
          call.stay(order.personId);
          return null;
      }
    },
  };
}
