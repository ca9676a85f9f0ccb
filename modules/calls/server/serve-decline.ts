import { conflict } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { NotOwned, OutcomeUnknown } from '@liaison/core/owned';
import { declineRinging } from '../contract/index.ts';
import { callFor } from './access.ts';
import { type Exchange, ownerSilent } from './exchange.ts';

/** Refusing without a page: what a service worker does when its person presses "Refuse" on a notification. */
export function serveDecline({ http, db }: Core, exchange: Exchange): void {
  http.route(declineRinging, async ({ actor, params: { id } }) => {
    const { personId } = actor;
    await db.read(actor.orgId, (tx) => callFor(tx, actor, id));
    const mine = await exchange.viewsFor(actor.orgId, personId, 'refuse');
    const rings = mine.some(
      (call) => call.id === id && call.direction === 'incoming' && call.state === 'ringing',
    );
    // A notification may be pressed late: what was answered at the desk is not hung up by it.
    if (!rings) throw conflict('call-gone', 'This call does not ring any more.');
    try {
      await exchange.order(actor.orgId, id, { order: 'leave', personId });
    } catch (error) {
      if (error instanceof NotOwned) throw conflict('call-gone', 'This call does not ring any more.');
      if (error instanceof OutcomeUnknown) throw ownerSilent(error);
      throw error;
    }
    return {};
  });
}
