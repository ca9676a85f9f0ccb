import { conflict } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { z } from 'zod';
import type { Call, Released } from '../call.ts';
import type { Leg } from '../leg.ts';
import { createIncomingSipLeg, type SipLeg } from '../sip-leg.ts';
import { createWebLeg, type WebLeg } from '../web-leg.ts';
import type { LineMoves } from './line-moves.ts';
import { type ReleasedFarAway, releasedFarAway, type replaced } from './orders.ts';
import type { TransferNeeds, TransferOrder } from './transfers.ts';

type OrderOf<Name extends TransferOrder['order']> = Extract<TransferOrder, { order: Name }>;

/** Legs that go from one call to another, and those that take their place, whichever processes own the calls. */
export interface BetweenProcesses {
  /** Takes the other one of a person out of a call, wherever that is; null when nobody is there to be taken. */
  fetch(call: Call, personId: string, otherCallId: string, gently: boolean): Promise<Released | null>;
  /** Lets the other one of a person go to a call of another process. */
  release(call: Call, order: OrderOf<'release'>): Promise<ReleasedFarAway | null>;
  /** A telephone that another process drives takes the place of one of this call's legs. */
  replace(call: Call, order: OrderOf<'replace'>): z.infer<typeof replaced>;
}

export function createBetweenProcesses({
  core: { ids, live },
  lines,
  running,
  order,
}: Pick<TransferNeeds, 'running' | 'order'> & {
  core: Pick<Core, 'ids' | 'live'>;
  lines: LineMoves;
}): BetweenProcesses {
  const isTelephone = (leg: Leg): leg is SipLeg => leg.kind === 'telephone';

  async function ask(
    call: Call,
    otherCallId: string,
    what: Omit<OrderOf<'release'>, 'order' | 'into' | 'as'>,
  ): Promise<Released | null> {
    const as = ids.next();
    const expected = lines.expect(as);
    let isHere = false;
    try {
      const answer = await order(call.orgId, otherCallId, { order: 'release', into: call.id, as, ...what });
      const entry = running(call.id);
      if (answer === null || !entry) return null;
      const told = releasedFarAway.parse(answer);
      const { party, held, round } = told;
      if (party.personId === null) return null;
      const { personId } = party;
      const { legEvents: events } = entry;
      let leg: Leg;
      if (told.kind === 'page') {
        leg = createWebLeg({ id: as, personId, connectionId: told.connectionId, live, events });
      } else {
        const session = expected.came(told.line);
        isHere = true;
        leg = createIncomingSipLeg({
          id: as,
          personId,
          deviceId: told.deviceId,
          session,
          takesInfo: true,
          isHeld: held,
          events,
        });
      }
      return { side: { personId, party }, leg, held, round, former: null };
    } finally {
      if (!isHere) expected.forget();
    }
  }

  return {
    async fetch(call, personId, otherCallId, gently) {
      const stays = call.otherThan(personId)?.side;
      if (!stays) return null;
      const here = running(otherCallId);
      if (!here) return ask(call, otherCallId, { personId, withWhom: stays.party, gently });
      const released = here.call.release(personId, call.id, stays, gently);
      if (released && isTelephone(released.leg)) lines.follow(released.leg.dialog, call);
      return released;
    },
    async release(call, { personId, into, withWhom, gently, as }) {
      const leg = call.otherThan(personId)?.leg;
      if (!leg || call.state !== 'connected') throw conflict('call-gone', 'This call has ended.');
      if (leg.kind === 'service')
        throw conflict('cannot-join', 'These two calls cannot be joined here; transfer one instead.');
      const line = isTelephone(leg) ? await lines.give(leg, { id: into, orgId: call.orgId }, as) : null;
      const whom = { personId: withWhom.personId, party: withWhom };
      const released = call.release(personId, into, whom, gently);
      // Relays are not given away between processes.
      released?.former?.close();
      if (!released || released.leg !== leg) {
        // It ended while its telephone was given away, which nobody awaits there.
        if (line) await lines.hangUp(line, as);
        return null;
      }
      const { party } = released.side;
      const { held, round } = released;
      if (line) return { kind: 'telephone', party, held, round, deviceId: leg.deviceId ?? '', line };
      const { connectionId } = leg as WebLeg;
      return { kind: 'page', party, held, round, connectionId };
    },
    replace(call, { personId, deviceId, old, as, line, offer, takesInfo, isEarlyOnly }) {
      const entry = running(call.id);
      const leg = call.legs.find(({ id }) => id === old);
      if (!entry || !leg || call.state === 'ended') return { refused: 481 };
      // Nobody may take the place of somebody else.
      if (leg.personId !== personId) return { refused: 403 };
      if (isEarlyOnly && call.state === 'connected') return { refused: 486 };
      const expected = lines.expect(as);
      const session = expected.came(line, { offer });
      const next = createIncomingSipLeg({
        id: as,
        personId,
        deviceId,
        session,
        takesInfo,
        events: entry.legEvents,
      });
      if (call.replaceLeg(leg, next)) return {};
      expected.forget();
      return { refused: 481 };
    },
  };
}
