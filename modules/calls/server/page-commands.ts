import { conflict } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { NotOwned, OutcomeUnknown } from '@liaison/core/owned';
import {
  answerCall,
  declineCall,
  describeMedia,
  hangUpCall,
  holdCall,
  joinCalls,
  listMyCalls,
  offerPicture,
  reportMedia,
  sendToTelephone,
  startCall,
  stayHere,
  takeCall,
  transferCall,
} from '../contract/index.ts';
import { callFor } from './access.ts';
import { type Exchange, type Order, ownerSilent } from './exchange.ts';

/** What pages say on the live socket about calls: checked here, carried out where the call is. */
export function servePageCommands(core: Core, exchange: Exchange): void {
  const { live, db, log, owned } = core;
  /** Which calls a page of this process carries the sound of; its owner is told when the page goes. */
  const attached = new Map<string, Map<string, string>>();

  const attach = (connectionId: string, orgId: string, callId: string): void => {
    const calls = attached.get(connectionId) ?? new Map<string, string>();
    calls.set(callId, orgId);
    attached.set(connectionId, calls);
  };

  /** A page sends orders for calls of its own person only. */
  async function send(
    actor: { orgId: string; personId: string },
    callId: string,
    order: Order,
  ): Promise<unknown> {
    return told(() => exchange.order(actor.orgId, callId, order));
  }

  async function told<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof NotOwned) throw conflict('call-gone', 'This call has ended.');
      if (error instanceof OutcomeUnknown) throw ownerSilent(error);
      throw error;
    }
  }

  live.command(startCall, async ({ actor, connectionId }, { to }) => {
    const call = await exchange.startFromPage(actor, connectionId, to);
    attach(connectionId, actor.orgId, call.id);
    return { call };
  });
  live.command(answerCall, async ({ actor, connectionId }, { callId }) => {
    await db.read(actor.orgId, (tx) => callFor(tx, actor, callId));
    attach(connectionId, actor.orgId, callId);
    await send(actor, callId, { order: 'answer', personId: actor.personId, connectionId });
    return {};
  });
  for (const leave of [declineCall, hangUpCall]) {
    live.command(leave, async ({ actor }, { callId }) => {
      await db.read(actor.orgId, (tx) => callFor(tx, actor, callId));
      await send(actor, callId, { order: 'leave', personId: actor.personId });
      return {};
    });
  }
  live.command(holdCall, async ({ actor }, { callId, held }) => {
    await db.read(actor.orgId, (tx) => callFor(tx, actor, callId));
    await send(actor, callId, { order: 'hold', personId: actor.personId, held });
    return {};
  });
  live.command(takeCall, async ({ actor, connectionId }, { callId }) => {
    await db.read(actor.orgId, (tx) => callFor(tx, actor, callId));
    attach(connectionId, actor.orgId, callId);
    await send(actor, callId, { order: 'take', personId: actor.personId, connectionId });
    return {};
  });
  live.command(listMyCalls, async ({ actor }) => ({
    calls: await exchange.viewsFor(actor.orgId, actor.personId, 'refuse'),
  }));
  live.command(describeMedia, async ({ actor, connectionId }, { callId, round, sdp }) => {
    const { personId } = actor;
    const isMine = await send(actor, callId, { order: 'describe', personId, connectionId, round, sdp });
    // A call that its sound came to from another one: this page is missed there from now on.
    if (isMine === true) attach(connectionId, actor.orgId, callId);
    return {};
  });
  live.command(reportMedia, async ({ actor, connectionId }, { callId, round, state }) => {
    await send(actor, callId, { order: 'media', personId: actor.personId, connectionId, round, state });
    return {};
  });

  live.command(offerPicture, async ({ actor, connectionId }, { callId }) => {
    await db.read(actor.orgId, (tx) => callFor(tx, actor, callId));
    await send(actor, callId, { order: 'offer-picture', personId: actor.personId, connectionId });
    return {};
  });

  live.command(transferCall, async ({ actor }, { callId, to }) => {
    await db.read(actor.orgId, (tx) => callFor(tx, actor, callId));
    await told(() => exchange.transfer(actor, callId, to));
    return {};
  });
  live.command(joinCalls, async ({ actor }, { callId, withId }) => {
    await db.read(actor.orgId, async (tx) => {
      await callFor(tx, actor, callId);
      await callFor(tx, actor, withId);
    });
    if (callId === withId) throw conflict('same-person', 'Both calls are with the same person.');
    await told(() => exchange.join(actor, callId, withId));
    return {};
  });
  live.command(sendToTelephone, async ({ actor }, { callId, deviceId }) => {
    await db.read(actor.orgId, (tx) => callFor(tx, actor, callId));
    await send(actor, callId, { order: 'send', personId: actor.personId, deviceId });
    return {};
  });
  live.command(stayHere, async ({ actor }, { callId }) => {
    await db.read(actor.orgId, (tx) => callFor(tx, actor, callId));
    await send(actor, callId, { order: 'stay', personId: actor.personId });
    return {};
  });

  // Whoever speaks keeps the page she speaks at, until the call is over.
  live.keepWhileDraining(async (connectionIds) => {
    const callsOf = (id: string) => [...(attached.get(id)?.keys() ?? [])];
    const running = await owned.owned('call', connectionIds.flatMap(callsOf));
    return new Set(connectionIds.filter((id) => callsOf(id).some((callId) => running.has(callId))));
  });

  live.onClose(({ id }) => {
    const calls = attached.get(id);
    attached.delete(id);
    for (const [callId, orgId] of calls ?? []) {
      exchange.order(orgId, callId, { order: 'page-lost', connectionId: id }).catch((error: Error) => {
        // Over already is what it mostly is.
        if (!(error instanceof NotOwned))
          log.warn({ err: error, callId }, 'the owner of a call could not be told');
      });
    }
  });
}
