import { conflict } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { NotOwned, OutcomeUnknown } from '@liaison/core/owned';
import {
  answerCall,
  declineCall,
  describeMedia,
  hangUpCall,
  holdCall,
  listMyCalls,
  reportMedia,
  startCall,
  takeCall,
} from '../contract/index.ts';
import { callFor } from './access.ts';
import { type Exchange, type Order, ownerSilent } from './exchange.ts';

/** What pages say on the live socket about calls: checked here, carried out where the call is. */
export function servePageCommands(core: Core, exchange: Exchange): void {
  const { live, db, log } = core;
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
  ): Promise<void> {
    try {
      await exchange.order(actor.orgId, callId, order);
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
    await send(actor, callId, { order: 'describe', personId: actor.personId, connectionId, round, sdp });
    return {};
  });
  live.command(reportMedia, async ({ actor, connectionId }, { callId, round, state }) => {
    await send(actor, callId, { order: 'media', personId: actor.personId, connectionId, round, state });
    return {};
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
