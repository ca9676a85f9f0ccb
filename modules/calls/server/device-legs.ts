import type { Core } from '@liaison/core/floor';
import type { Reach } from '@liaison/reach';
import { hopsFor, parseSipUri, type SipRequest } from '@liaison/sip';
import type { Party } from '../contract/index.ts';
import type { Call } from './call.ts';
import type { FarTelephones } from './far/far-telephones.ts';
import type { FarParty } from './far/messages.ts';
import { address, referredByHeader } from './far/shown-parties.ts';
import type { FindTelephones, FoundTelephones } from './find-telephones.ts';
import type { Leg, LegEvents } from './leg.ts';
import type { MediaPool } from './media/media.ts';
import type { OutsideNames } from './outside-names.ts';
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
  /** Who handed the caller over to them. */
  referredBy?: Party | undefined;
  /** The telephone's call that these legs are made of: they have less of a way left than it had. */
  request?: SipRequest | undefined;
  /** What whoever asks has looked up already. */
  known?: { readonly hasPage: boolean; readonly devices: FoundTelephones } | undefined;
}) => Promise<Leg[]>;

export function createLegsFor(options: {
  core: Core;
  reach: Reach;
  telephones: () => Telephones;
  far: FarTelephones;
  pool: MediaPool | null;
  tap?: Pick<SignalTap, 'follow'>;
  findTelephones: FindTelephones;
  outside?: OutsideNames;
}): LegsFor {
  const { reach, far, pool, findTelephones } = options;
  const { live, owned, ids } = options.core;
  return async ({ call, from, to, events, exceptDeviceId, onlyDeviceId, referredBy, request, known }) => {
    const personId = to.personId;
    if (personId === null) return [];
    const legs: Leg[] = [];
    if (onlyDeviceId === undefined) {
      const hasPage =
        known?.hasPage ?? (await reach.statesOf(call.orgId, [personId])).get(personId)?.page === true;
      if (hasPage) legs.push(createWebLeg({ id: ids.next(), personId, live, events }));
    }
    if (!pool) return legs;
    const { telephones, realm } = known?.devices ?? (await findTelephones(call.orgId, personId));
    const shown = (party: Party): FarParty => ({
      name: party.name,
      user: party.extension ?? party.address?.split('@')[0] ?? 'anonymous',
      host: realm,
    });
    // Her telephones show the caller by the name that she knows.
    const named = telephones.length > 0 ? await options.outside?.party(call.orgId, personId, from) : from;
    const [caller, callee] = [{ ...shown(from), name: (named ?? from).name }, shown(to)];
    const referrer = referredBy && shown(referredBy);
    const { userAgent } = options.telephones();
    // RFC 5393 §5.3.3: no more of them than it may have branches.
    const most = request ? hopsFor(request).maxBreadth : telephones.length;
    const rung = telephones.slice(0, most);
    const hops = request && hopsFor(request, rung.length);
    for (const { deviceId, binding, processId, isAlive } of rung) {
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
              return far.invite({
                processId,
                legId,
                call,
                binding,
                leg,
                from: caller,
                to: callee,
                offer,
                referredBy: referrer,
                hops,
              });
            const session = userAgent.invite({
              target: parseSipUri(binding.uri),
              flow,
              ...(binding.path ? { route: binding.path } : {}),
              from: address(caller),
              to: address(callee),
              offer,
              headers: referredByHeader(referrer),
              ...(hops ? { hops } : {}),
              timeoutMs: 120_000,
            });
            options.tap?.follow(session.callId, call, leg);
            return session;
          },
          relay: () => call.relay(),
          video: () => call.legs.flatMap((each) => each.shows ?? []),
          events,
        }),
      );
    }
    return legs;
  };
}
