import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import { type NameAddr, parseSipUri } from '@liaison/sip';
import type { Party } from '../contract/index.ts';
import type { Call } from './call.ts';
import type { FarTelephones } from './far/far-telephones.ts';
import type { FarParty } from './far/messages.ts';
import type { Leg, LegEvents } from './leg.ts';
import type { MediaPool } from './media/media.ts';
import { telephonesOf } from './registrations.ts';
import { createOutgoingSipLeg } from './sip-leg.ts';
import type { Telephones } from './telephones.ts';
import type { SignalTap } from './watch/signal-tap.ts';
import { createWebLeg } from './web-leg.ts';

/** Makes the legs that can ring for somebody: her pages as one leg, and each of her telephones. */
export type LegsFor = (what: {
  call: Call;
  /** Who is shown to be calling. */
  from: Party;
  to: Party;
  events: LegEvents;
  /** The calling telephone does not ring itself. */
  exceptDeviceId?: string | undefined;
  /** This telephone alone, and no page. */
  onlyDeviceId?: string | undefined;
}) => Promise<Leg[]>;

const address = ({ name, user, host }: FarParty): NameAddr => ({
  displayName: name,
  uri: { scheme: 'sip', user, host, params: new Map() },
  params: new Map(),
});

export function createLegsFor(options: {
  core: Core;
  people: People;
  reach: Reach;
  telephones: () => Telephones;
  far: FarTelephones;
  pool: MediaPool | null;
  tap?: Pick<SignalTap, 'follow'>;
}): LegsFor {
  const { people, reach, far, pool } = options;
  const { db, live, owned, ids } = options.core;
  return async ({ call, from, to, events, exceptDeviceId, onlyDeviceId }) => {
    const personId = to.personId;
    if (personId === null) return [];
    const legs: Leg[] = [];
    if (onlyDeviceId === undefined) {
      const state = (await reach.statesOf(call.orgId, [personId])).get(personId);
      if (state?.page) legs.push(createWebLeg({ id: ids.next(), personId, live, events }));
    }
    if (!pool) return legs;
    const { telephones, realm } = await db.read(call.orgId, async (tx) => ({
      telephones: await telephonesOf(tx, personId),
      realm: await people.realmOf(tx),
    }));
    const shown = (party: Party): FarParty => ({
      name: party.name,
      user: party.extension ?? party.address?.split('@')[0] ?? 'anonymous',
      host: realm,
    });
    const [caller, callee] = [shown(from), shown(to)];
    const { userAgent } = options.telephones();
    for (const { deviceId, binding, processId, isAlive } of telephones) {
      if (deviceId === exceptDeviceId || (onlyDeviceId !== undefined && deviceId !== onlyDeviceId)) continue;
      const legId = ids.next();
      const isHere = processId === owned.processId;
      // A flow that ended with its process, or that nobody holds any more, is not waited for.
      if (isHere ? !userAgent?.isFlowOpen(binding.flow) : !isAlive) continue;
      const { flow } = binding;
      legs.push(
        createOutgoingSipLeg({
          id: legId,
          personId,
          deviceId,
          flow,
          invite(offer) {
            const leg = { personId, deviceId };
            if (!isHere || !userAgent)
              return far.invite({ processId, legId, call, binding, leg, from: caller, to: callee, offer });
            const session = userAgent.invite({
              target: parseSipUri(binding.uri),
              flow,
              ...(binding.path ? { route: binding.path } : {}),
              from: address(caller),
              to: address(callee),
              offer,
              timeoutMs: 120_000,
            });
            options.tap?.follow(session.callId, call, leg);
            return session;
          },
          relay: () => call.relay(),
          events,
        }),
      );
    }
    return legs;
  };
}
