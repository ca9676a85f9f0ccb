import type { Ids } from '@liaison/core/ids';
import type { InviteSession, ReplacesHeader } from '@liaison/sip';
import type { Call } from '../call.ts';
import type { LegEvents, NamedCall } from '../leg.ts';
import type { Principal } from '../registrations.ts';
import { createIncomingSipLeg, type SipLeg, type TelephoneDialog } from '../sip-leg.ts';
import type { Telephones } from '../telephones.ts';

/** Calls by the dialogs of their telephones, as telephones name them in Replaces (RFC 3891). */
export interface Dialogs {
  /** The call of a telephone's dialog with us, and whose telephone that is. */
  callOfDialog(dialog: ReplacesHeader): NamedCall | null;
  /** A person goes on with her own call on the telephone that says so, or picks it up from another one of hers. */
  replaceByTelephone(session: InviteSession, principal: Principal): void;
}

export function createDialogs({
  running,
  telephones,
  ids,
}: {
  /** The calls of this process. */
  running: ReadonlyMap<string, { readonly call: Call; readonly legEvents: LegEvents }>;
  telephones: () => Telephones;
  ids: Pick<Ids, 'next'>;
}): Dialogs {
  /** The call of this process that a telephone's dialog belongs to. */
  function legOfSession(
    session: TelephoneDialog | undefined,
  ): { call: Call; legEvents: LegEvents; leg: SipLeg } | null {
    for (const { call, legEvents } of running.values()) {
      const leg = call.legs.find(
        (each): each is SipLeg => each.kind === 'telephone' && (each as SipLeg).hasDialog(session),
      );
      if (leg && call.state !== 'ended') return { call, legEvents, leg };
    }
    return null;
  }

  function callOfDialog({ callId, toTag, fromTag }: ReplacesHeader): NamedCall | null {
    // RFC 3891 §3: to-tag is ours, from-tag the telephone's.
    const session = [...(telephones().userAgent?.sessions.values() ?? [])].find(
      (each) =>
        each.callId === callId &&
        each.local.params.get('tag') === toTag &&
        each.remote.params.get('tag') === fromTag,
    );
    const found = session && legOfSession(session);
    if (found) return { call: found.call, personId: found.leg.personId };
    return session ? telephones().drivenCallOf(session) : null;
  }

  function replaceByTelephone(session: InviteSession, principal: Principal): void {
    const found = legOfSession(session.replaces);
    // Nobody may take the place of somebody else.
    if (!found || found.leg.personId !== principal.personId || found.call.orgId !== principal.orgId) {
      session.reject(found ? 403 : 481);
      return;
    }
    const next = createIncomingSipLeg({
      id: ids.next(),
      personId: principal.personId,
      deviceId: principal.deviceId,
      session,
      events: found.legEvents,
    });
    if (!found.call.replaceLeg(found.leg, next)) session.reject(481);
  }

  return { callOfDialog, replaceByTelephone };
}
