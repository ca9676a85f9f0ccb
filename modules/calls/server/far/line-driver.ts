import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { NotOwned, OutcomeUnknown, OwnedElsewhere, type Ownership } from '@liaison/core/owned';
import {
  type Flow,
  formatNameAddr,
  type IncomingReferral,
  type InviteSession,
  parseSipUri,
  type ReasonHeader,
  type ReplacesHeader,
  SipRefusal,
  type UserAgent,
} from '@liaison/sip';
import type { z } from 'zod';
import type { NamedCall } from '../leg.ts';
import { takenInfoTypes } from '../picture-update.ts';
import { carryOutAsk } from '../watch/ask-telephone.ts';
import type { SignalTap } from '../watch/signal-tap.ts';
import {
  flowsOf,
  type LineOrder,
  type LineReport,
  type lineAnswer,
  type lineFollowed,
  lineOrder,
  type ReportAnswer,
  reportAnswer,
} from './messages.ts';
import { address, referredByHeader } from './shown-parties.ts';

/** A report as a telephone's session makes it; the driver adds whose it is. */
type Told = LineReport extends infer R ? (R extends LineReport ? Omit<R, 'legId'> : never) : never;

interface DrivenLine {
  /** Both change when it goes on in another call. */
  legId: string;
  call: { readonly kind: 'call'; readonly id: string; readonly orgId: string };
  readonly session: InviteSession;
  /** Whose telephone it is. */
  readonly personId: string | null;
  /** Transfers that it asked for, until the call has no more to say about them. */
  readonly referrals: Map<string, { readonly referral: IncomingReferral; isAccepted: boolean }>;
  over: boolean;
  /** Reports one after another, so that the call hears them in their order. */
  reports: Promise<unknown>;
}

/** RFC 3326: what a telephone is told whose call nobody knows any more. */
const callGone: ReasonHeader = { protocol: 'SIP', cause: 481, text: 'This call is gone' };

const reportTimeoutMs = 4000;
const reportTries = 4;

/** Which call a dialog belongs to that a telephone names in Replaces, whoever owns that call. */
export interface KnownDialogs {
  /** A dialog of this process. */
  callOfDialog(dialog: ReplacesHeader): NamedCall | null;
  /** A dialog of whatever process. */
  findCallOfDialog(dialog: ReplacesHeader): Promise<NamedCall | null>;
}

/** Drives the dialogs of telephones whose flows are here, for calls that other processes own. */
export interface LineDriver {
  /** Makes this process's telephones reachable for others, and again after it was taken for dead. */
  claim(): Promise<void>;
  /** Ends lines whose call nobody owns any more. */
  sweep(): Promise<void>;
  stop(): Promise<void>;
  /** The call that a session is driven for. */
  callOf(session: InviteSession): NamedCall | null;
  /** A session of this process belongs to a call of another one from now on, which hears the rest of it. */
  adopt(
    session: InviteSession,
    to: {
      legId: string;
      call: { id: string; orgId: string };
      personId: string;
      deviceId: string;
      /** That call waits for it: should it give up meanwhile, the telephone is hung up. */
      isExpected?: boolean;
    },
  ): void;
  readonly lines: number;
}

export function createLineDriver({
  core,
  userAgent,
  tap,
  dialogs,
}: {
  core: Pick<Core, 'owned' | 'log'>;
  userAgent: UserAgent;
  tap?: Pick<SignalTap, 'follow'>;
  dialogs?: KnownDialogs;
}): LineDriver {
  const { owned, log } = core;
  const lines = new Map<string, DrivenLine>();
  let ownership: Ownership | undefined;
  let claiming: Promise<void> | undefined;

  function end(line: DrivenLine, reason?: ReasonHeader): void {
    if (line.over) return;
    line.over = true;
    lines.delete(line.legId);
    if (line.session.state === 'early') line.session.cancel();
    else void line.session.bye(reason);
  }

  /** Answers null when there is no call (any more), and then ends the line. */
  async function deliver(line: DrivenLine, told: Told): Promise<ReportAnswer | null> {
    const idempotencyKey = `${line.legId}:${told.event}:${crypto.randomUUID()}`;
    for (let attempt = 1; attempt <= reportTries; attempt++) {
      try {
        const answer = reportAnswer.parse(
          await owned.send(
            line.call,
            'line',
            { ...told, legId: line.legId },
            { timeoutMs: reportTimeoutMs, idempotencyKey },
          ),
        );
        if (!answer.gone) return answer;
        break;
      } catch (error) {
        if (error instanceof NotOwned) break;
        if (!(error instanceof OutcomeUnknown)) {
          log.warn({ legId: line.legId, err: error }, 'a call refused what its telephone said');
          break;
        }
        // The way there may be cut for a moment; the same key is carried out once.
        if (attempt < reportTries) await sleep(250 * attempt);
      }
    }
    end(line, callGone);
    return null;
  }

  function report(line: DrivenLine, told: Told): Promise<ReportAnswer | null> {
    const next = line.reports.then(() => deliver(line, told));
    line.reports = next;
    return next;
  }

  async function agree(line: DrivenLine, told: Told): Promise<string> {
    const answer = await report(line, told);
    if (answer?.sdp === undefined) throw new SipRefusal(answer?.refused ?? 488, 'Not Acceptable Here');
    return answer.sdp;
  }

  function last(line: DrivenLine, told: Told): void {
    if (line.over) return;
    line.over = true;
    void report(line, told).finally(() => lines.delete(line.legId));
  }

  function ring(order: Extract<LineOrder, { order: 'ring' }>): void {
    if (lines.has(order.legId)) return;
    const flow = order.flow as Flow;
    if (!userAgent.isFlowOpen(flow)) throw new Problem(410, 'flow-closed', 'This telephone is gone.');
    const session = userAgent.invite({
      target: parseSipUri(order.target),
      flow,
      ...(order.route ? { route: order.route } : {}),
      from: address(order.from),
      to: address(order.to),
      offer: order.offer,
      headers: referredByHeader(order.referredBy),
      ...(order.hops ? { hops: order.hops } : {}),
      timeoutMs: 120_000,
    });
    if (order.leg) tap?.follow(session.callId, { id: order.callId, orgId: order.orgId }, order.leg);
    drive(session, order.legId, { id: order.callId, orgId: order.orgId }, order.leg?.personId ?? null);
  }

  function drive(
    session: InviteSession,
    legId: string,
    call: { id: string; orgId: string },
    personId: string | null,
  ): DrivenLine {
    const line: DrivenLine = {
      legId,
      call: { kind: 'call', id: call.id, orgId: call.orgId },
      session,
      personId,
      referrals: new Map(),
      over: false,
      reports: Promise.resolve(),
    };
    lines.set(line.legId, line);
    session.on = {
      progress(status, sdp) {
        if (sdp !== undefined) void report(line, { event: 'progress', status, sdp });
      },
      accepted: (sdp) => void report(line, { event: 'accepted', sdp }),
      acknowledged: (sdp) => void report(line, { event: 'acknowledged', sdp }),
      rejected: (status) => last(line, { event: 'rejected', status }),
      cancelled: () => last(line, { event: 'cancelled' }),
      ended: () => last(line, { event: 'ended' }),
      infoTypes: takenInfoTypes,
      info(contentType, body) {
        // Keys are all that a call wants to hear of; what is longer is something else.
        if (contentType.length > 200 || body.length > 512) return;
        void report(line, { event: 'info', contentType, body: body.toString('latin1') });
      },
      reinvited: (sdp) => agree(line, { event: 'reinvited', sdp }),
      offerRequested: () => agree(line, { event: 'offer-requested' }),
      referred: (referral) => void refer(line, referral),
    };
    return line;
  }

  /** Goes on in another call: behind what was said to the one before. */
  async function follow(
    order: Extract<LineOrder, { order: 'follow' }>,
  ): Promise<z.infer<typeof lineFollowed>> {
    const line = lines.get(order.legId);
    if (!line) return { followed: false };
    const turn = line.reports.then(() => {
      if (line.over) return false;
      lines.delete(line.legId);
      line.legId = order.as;
      line.call = { kind: 'call', id: order.callId, orgId: order.orgId };
      lines.set(line.legId, line);
      return true;
    });
    line.reports = turn;
    const followed = await turn;
    if (followed) void report(line, { event: 'arrived' });
    return { followed };
  }

  /** It asks for a transfer: its call decides. */
  async function refer(line: DrivenLine, referral: IncomingReferral): Promise<void> {
    const target = formatNameAddr(referral.target);
    if (target.length > 1000 || referral.method.length > 40) return referral.reject(404);
    const referralId = crypto.randomUUID();
    line.referrals.set(referralId, { referral, isAccepted: false });
    const named = referral.replaces && (await dialogs?.findCallOfDialog(referral.replaces));
    const other = named && { callId: named.call.id, orgId: named.call.orgId, personId: named.personId };
    const answer = await report(line, {
      event: 'referred',
      referralId,
      method: referral.method,
      target,
      ...(referral.replaces ? { other: other ?? null } : {}),
    });
    if (answer !== null) return;
    line.referrals.delete(referralId);
    referral.reject(481);
  }

  /** True once there is nothing more to say. */
  function sayOf(
    known: { readonly referral: IncomingReferral; isAccepted: boolean },
    say: 'accept' | 'reject' | 'notify',
    status: number,
  ): boolean {
    const { referral, isAccepted } = known;
    if (say === 'accept') {
      known.isAccepted = true;
      referral.accept();
      return false;
    }
    // What was taken on already can only be told how it went.
    if (say === 'reject' && isAccepted) return false;
    if (say === 'reject') referral.reject(status);
    else referral.notify(status);
    return status >= 200;
  }

  /** Offers anew to a telephone that talks. */
  async function reinvite(legId: string, offer: string): Promise<z.infer<typeof lineAnswer>> {
    const line = lines.get(legId);
    if (!line || line.over) return { refused: 481 };
    try {
      return { sdp: await line.session.reinvite(offer) };
    } catch (error) {
      if (error instanceof SipRefusal) return { refused: error.status };
      throw error;
    }
  }

  async function obey(params: unknown): Promise<unknown> {
    const order = lineOrder.parse(params);
    if (order.order === 'ring') {
      ring(order);
      return null;
    }
    if (order.order === 'reinvite') return reinvite(order.legId, order.offer);
    if (order.order === 'follow') return follow(order);
    if (order.order === 'name') {
      const { callId, toTag, fromTag } = order;
      const named = dialogs?.callOfDialog({ callId, toTag, fromTag, isEarlyOnly: false });
      return named
        ? { callId: named.call.id, orgId: named.call.orgId, personId: named.personId, legId: named.legId }
        : null;
    }
    const line = lines.get(order.legId);
    if (!line) return null;
    if (order.order === 'referral') {
      const known = line.referrals.get(order.referralId);
      if (known && sayOf(known, order.say, order.status)) line.referrals.delete(order.referralId);
      return null;
    }
    if (order.order === 'accept') {
      // Given up by its telephone, or refused here, before this came.
      if (line.session.state === 'ended') last(line, { event: 'ended' });
      // Without an ACK its session ends, and says so.
      else line.session.accept(order.sdp).catch(() => {});
      return null;
    }
    if (order.order === 'reject') {
      line.session.reject(order.status);
      return null;
    }
    if (order.order === 'info') {
      // Refused by a telephone that knows no INFO: the call has nothing else to try.
      line.session.info(order.contentType, order.body).catch(() => {});
      return null;
    }
    // An answer may be on its way to the call that gives up: what is answered is hung up.
    const { protocol, cause, text } = order.reason ?? {};
    const reason: ReasonHeader | undefined =
      protocol === 'SIP' && cause !== undefined ? { protocol, cause, ...(text ? { text } : {}) } : undefined;
    if (order.order === 'cancel' && line.session.state === 'early') line.session.cancel(reason);
    else void line.session.bye(order.order === 'bye' ? reason : undefined);
    return null;
  }

  async function claim(): Promise<void> {
    if (ownership?.held) return;
    ownership = undefined;
    try {
      ownership = await owned.claim(flowsOf(owned.processId), {
        command: (name, params) => (name === 'ask' ? carryOutAsk(userAgent, params) : obey(params)),
        // Others take this process for dead: their calls have ended these legs.
        lost: () => {
          for (const line of [...lines.values()]) end(line);
        },
      });
    } catch (error) {
      if (!(error instanceof OwnedElsewhere)) throw error;
    }
  }

  return {
    get lines() {
      return lines.size;
    },
    callOf(session) {
      const line = [...lines.values()].find((each) => each.session === session);
      return line ? { call: line.call, personId: line.personId, legId: line.legId } : null;
    },
    adopt(session, { legId, call, personId, deviceId, isExpected = false }) {
      tap?.follow(session.callId, call, { personId, deviceId });
      const line = drive(session, legId, call, personId);
      if (isExpected) void report(line, { event: 'arrived' });
    },
    claim() {
      claiming ??= claim().finally(() => {
        claiming = undefined;
      });
      return claiming;
    },
    async sweep() {
      if (lines.size === 0) return;
      const all = [...lines.values()];
      const kept = await owned.owned('call', [...new Set(all.map((line) => line.call.id))]);
      for (const line of all) if (!kept.has(line.call.id)) end(line);
    },
    async stop() {
      await ownership?.release();
      ownership = undefined;
      // The farewells of the user agent have been told by now, or never will be.
      await Promise.all([...lines.values()].map((line) => line.reports));
    },
  };
}
