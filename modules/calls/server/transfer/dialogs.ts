import { Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { InviteSession, ReplacesHeader } from '@liaison/sip';
import type { Call } from '../call.ts';
import { dialogNamed, type FarLineAddress, flowsOf } from '../far/messages.ts';
import type { LegEvents, NamedCall } from '../leg.ts';
import type { Order } from '../orders.ts';
import type { Principal } from '../registrations.ts';
import { createIncomingSipLeg, type SipLeg, takesInfo } from '../sip-leg.ts';
import type { Telephones } from '../telephones.ts';
import { replaced } from './orders.ts';

/** Calls by the dialogs of their telephones, as telephones name them in Replaces (RFC 3891). */
export interface Dialogs {
  /** The call of a telephone's dialog with this process, and whose telephone that is. */
  callOfDialog(dialog: ReplacesHeader): NamedCall | null;
  /** The same of a dialog with any process. */
  findCallOfDialog(dialog: ReplacesHeader): Promise<NamedCall | null>;
  /** A person goes on with her own call on the telephone that says so, or picks it up from another one of hers. */
  replaceByTelephone(session: InviteSession, principal: Principal): Promise<void>;
}

/** A process that does not answer within this time has not got the dialog, or cannot be asked for it. */
const nameTimeoutMs = 2000;

export function createDialogs({
  core,
  running,
  telephones,
  order,
}: {
  core: Pick<Core, 'owned' | 'ids' | 'log'>;
  /** The calls of this process. */
  running: ReadonlyMap<string, { readonly call: Call; readonly legEvents: LegEvents }>;
  telephones: () => Telephones;
  order(orgId: string, callId: string, order: Order): Promise<unknown>;
}): Dialogs {
  const { owned, ids, log } = core;

  /** The call of this process that a telephone's dialog belongs to. */
  function legOfSession(
    session: InviteSession | undefined,
  ): { call: Call; legEvents: LegEvents; leg: SipLeg } | null {
    if (!session) return null;
    for (const { call, legEvents } of running.values()) {
      const leg = call.legs.find(
        (each): each is SipLeg => each.kind === 'telephone' && (each as SipLeg).dialog === session,
      );
      if (leg && call.state !== 'ended') return { call, legEvents, leg };
    }
    return null;
  }

  function callOfSession(session: InviteSession): NamedCall | null {
    const found = legOfSession(session);
    if (found) return { call: found.call, personId: found.leg.personId, legId: found.leg.id };
    return telephones().drivenCallOf(session);
  }

  function callOfDialog({ callId, toTag, fromTag }: ReplacesHeader): NamedCall | null {
    // RFC 3891 §3: to-tag is ours, from-tag the telephone's.
    const session = [...(telephones().userAgent?.sessions.values() ?? [])].find(
      (each) =>
        each.callId === callId &&
        each.local.params.get('tag') === toTag &&
        each.remote.params.get('tag') === fromTag,
    );
    return session ? callOfSession(session) : null;
  }

  async function askFor(processId: string, dialog: ReplacesHeader): Promise<NamedCall | null> {
    const { callId, toTag, fromTag } = dialog;
    try {
      const answer = await owned.send(
        flowsOf(processId),
        'line',
        { order: 'name', callId, toTag, fromTag },
        { timeoutMs: nameTimeoutMs },
      );
      const named = dialogNamed.parse(answer);
      return (
        named && {
          call: { id: named.callId, orgId: named.orgId },
          personId: named.personId,
          legId: named.legId,
        }
      );
    } catch (error) {
      // It starts, or dies: what it had is gone or not there yet.
      log.info({ err: error, processId }, 'a process was not heard about a dialog');
      return null;
    }
  }

  async function findCallOfDialog(dialog: ReplacesHeader): Promise<NamedCall | null> {
    const here = callOfDialog(dialog);
    if (here) return here;
    const others = (await owned.processesWith('sip')).filter((id) => id !== owned.processId);
    const named = await Promise.all(others.map((processId) => askFor(processId, dialog)));
    return named.find((each) => each !== null) ?? null;
  }

  /** The call is in another process, or its dialog is: this session is driven for it from here. */
  async function replaceFromHere(session: InviteSession, principal: Principal): Promise<void> {
    const named = session.replaces
      ? callOfSession(session.replaces)
      : session.foreignReplaces && (await findCallOfDialog(session.foreignReplaces));
    if (session.state !== 'early') return;
    if (!named) return session.reject(481);
    // Nobody may take the place of somebody else.
    if (named.personId !== principal.personId || named.call.orgId !== principal.orgId)
      return session.reject(403);
    const { flow } = session;
    const legId = ids.next();
    const { personId, deviceId } = principal;
    if (!flow || !telephones().drive(session, { legId, call: named.call, personId, deviceId }))
      return session.reject(503);
    const line: FarLineAddress = { processId: owned.processId, flow: { ...flow } };
    try {
      const answer = await order(named.call.orgId, named.call.id, {
        order: 'replace',
        personId,
        deviceId,
        old: named.legId,
        as: legId,
        line,
        ...(session.remoteOffer === undefined ? {} : { offer: session.remoteOffer }),
        takesInfo: takesInfo(session),
        isEarlyOnly: session.foreignReplaces?.isEarlyOnly ?? false,
      });
      const { refused } = replaced.parse(answer);
      if (refused !== undefined) session.reject(refused);
    } catch (error) {
      log.info({ err: error, callId: named.call.id }, 'a call could not be taken over by a telephone');
      session.reject(error instanceof Problem ? 503 : 481);
    }
  }

  return {
    callOfDialog,
    findCallOfDialog,
    async replaceByTelephone(session, principal) {
      const found = legOfSession(session.replaces);
      if (!found) return replaceFromHere(session, principal);
      if (found.leg.personId !== principal.personId || found.call.orgId !== principal.orgId)
        return session.reject(403);
      const next = createIncomingSipLeg({
        id: ids.next(),
        personId: principal.personId,
        deviceId: principal.deviceId,
        session,
        takesInfo: takesInfo(session),
        events: found.legEvents,
      });
      if (!found.call.replaceLeg(found.leg, next)) session.reject(481);
    },
  };
}
