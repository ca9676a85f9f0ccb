import { readTelephone } from '@liaison/sdp';
import { type Flow, type InviteSession, SipRefusal } from '@liaison/sip';
import type { EndReason } from '../contract/index.ts';
import type { Leg, LegEvents, StopReason } from './leg.ts';
import type { Relay, SrtpUse } from './media/media.ts';

/** A telephone. Its sound always goes through the relay. */
export interface SipLeg extends Leg {
  readonly kind: 'telephone';
  readonly deviceId: string;
  /** Agrees on media with the other end, which is connected in the relay already, and lets the telephone talk. */
  connect(relay: Relay): Promise<void>;
}

/** What a leg needs of a telephone's dialog: a session of this process, or one that another process drives for it. */
export type TelephoneDialog = Pick<InviteSession, 'on' | 'flow' | 'cancel' | 'bye'>;

/** How a stop is said to a telephone, so that it shows no missed call where there was none (RFC 3326 §2). */
const stopReasons: Record<StopReason, { protocol: 'SIP'; cause: number; text: string } | undefined> = {
  'completed-elsewhere': { protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' },
  'declined-elsewhere': { protocol: 'SIP', cause: 603, text: 'Declined' },
  cancelled: undefined,
  'no-answer': { protocol: 'SIP', cause: 480, text: 'No answer' },
};

/** The status that tells a calling telephone why it was not put through (RFC 3261 §21). */
const refusalStatus: Record<EndReason, number> = {
  completed: 487,
  cancelled: 487,
  declined: 603,
  busy: 486,
  'no-answer': 480,
  offline: 480,
  'do-not-disturb': 486,
  lost: 480,
  failed: 500,
};

/** The address that signalling came from: media from there is believed before any other (see rtp's latch). */
const signalledFrom = (session: TelephoneDialog): string => session.flow?.remote.address ?? '';

/**
 * Whether to offer a telephone keys for its sound: they are no secret where its signalling is not one (RFC 4568 §7). As a
 * wish, because RTP/SAVP is refused by telephones that sign in over TLS and know no SRTP; who refuses the wish is asked again.
 */
const srtpOver = (flow: { protocol: string } | undefined): SrtpUse =>
  flow?.protocol === 'tls' || flow?.protocol === 'wss' ? 'optional' : 'never';

/** True when the description asks us to send nothing: the other side holds (RFC 3264 §8.4). */
function asksForSilence(sdp: string): boolean {
  const { direction, address } = readTelephone(sdp);
  return direction === 'sendonly' || direction === 'inactive' || address === undefined;
}

/** What both kinds of telephone leg do once they talk. */
function followDialog(
  session: TelephoneDialog,
  leg: SipLeg,
  events: LegEvents,
  relayOf: () => Relay | undefined,
  ended: () => void,
): void {
  session.on.ended = () => {
    ended();
    events.hungUp(leg);
  };
  session.on.reinvited = async (offer) => {
    const relay = relayOf();
    if (!relay) throw new SipRefusal(488, 'Not Acceptable Here');
    const { answer } = await relay.rtpAnswer(leg.id, offer, signalledFrom(session));
    events.held(leg, asksForSilence(offer));
    return answer;
  };
  session.on.offerRequested = async () => {
    const relay = relayOf();
    if (!relay) throw new SipRefusal(488, 'Not Acceptable Here');
    return (await relay.rtpOffer(leg.id, { srtp: srtpOver(session.flow) })).offer;
  };
  session.on.acknowledged = (answer) => {
    relayOf()
      ?.rtpAccept(leg.id, answer, signalledFrom(session))
      .catch(() => session.bye());
  };
}

/** Rings one registered telephone. The relay exists before, because the INVITE carries an offer. */
export function createOutgoingSipLeg(options: {
  id: string;
  personId: string;
  deviceId: string;
  /** The flow over which it is rung. */
  flow: Flow;
  /** Sends the INVITE with this offer. */
  invite(offer: string): TelephoneDialog;
  relay: () => Promise<Relay>;
  events: LegEvents;
}): SipLeg {
  const { events } = options;
  let state: Leg['state'] = 'idle';
  let session: TelephoneDialog | undefined;
  let relay: Relay | undefined;
  let answer: string | undefined;

  function refuse(how: 'declined' | 'busy' | 'failed') {
    if (state !== 'ringing') return;
    state = 'ended';
    events.refused(leg, how);
  }

  async function invite(srtp: SrtpUse): Promise<void> {
    if (!relay) return;
    const { offer } = await relay.rtpOffer(leg.id, { srtp });
    // Somebody else may have answered while the port was opened.
    if (state !== 'ringing') return;
    const asked = options.invite(offer);
    session = asked;
    followDialog(
      asked,
      leg,
      events,
      () => relay,
      () => {
        if (session === asked) state = 'ended';
      },
    );
    asked.on.accepted = (sdp) => {
      // The call is somebody else's by now: it crossed our CANCEL, and the engine hangs up.
      if (state !== 'ringing') return;
      state = 'answered';
      answer = sdp;
      events.answered(leg);
    };
    asked.on.rejected = (status) => {
      // It takes nothing but RTP/SAVP, or nothing of ours: asked once more, and only once.
      if (status === 488 && srtp === 'optional') void invite('required').catch(() => refuse('failed'));
      // 603 speaks for the person, everything else for this telephone alone (RFC 3261 §21.6.2).
      else refuse(status === 603 ? 'declined' : status === 486 || status === 600 ? 'busy' : 'failed');
    };
  }

  const leg: SipLeg = {
    id: options.id,
    kind: 'telephone',
    personId: options.personId,
    deviceId: options.deviceId,
    get state() {
      return state;
    },
    async ring() {
      state = 'ringing';
      relay = await options.relay();
      await invite(srtpOver(options.flow));
    },
    async connect(through) {
      if (answer === undefined || !session) return;
      await through.rtpAccept(leg.id, answer, signalledFrom(session));
    },
    stop(reason) {
      const wasRinging = state === 'ringing';
      state = 'ended';
      if (wasRinging) session?.cancel(stopReasons[reason]);
      // A call that is over may have closed its relay already, and its ends with it.
      relay?.removeEnd(leg.id).catch(() => {});
    },
    end() {
      if (state === 'ended') return;
      state = 'ended';
      void session?.bye();
    },
  };
  return leg;
}

/** A telephone that calls: its INVITE is the caller's leg. */
export function createIncomingSipLeg(options: {
  id: string;
  personId: string;
  deviceId: string;
  session: InviteSession;
  events: LegEvents;
}): SipLeg {
  const { session, events } = options;
  let state: Leg['state'] = 'answered';
  let relay: Relay | undefined;

  const leg: SipLeg = {
    id: options.id,
    kind: 'telephone',
    personId: options.personId,
    deviceId: options.deviceId,
    get state() {
      return state;
    },
    async ring() {
      session.ring();
    },
    async connect(through) {
      relay = through;
      if (session.remoteOffer === undefined) {
        // RFC 3261 §14.1: an INVITE without an offer gets ours in the 200, and its ACK answers.
        await session.accept((await through.rtpOffer(leg.id, { srtp: srtpOver(session.flow) })).offer);
        return;
      }
      const { answer } = await through.rtpAnswer(leg.id, session.remoteOffer, signalledFrom(session));
      await session.accept(answer);
    },
    stop() {
      leg.end('cancelled');
    },
    end(reason) {
      if (state === 'ended') return;
      state = 'ended';
      if (session.state === 'early') session.reject(refusalStatus[reason]);
      else if (session.state === 'confirmed') void session.bye();
    },
  };
  session.on.cancelled = () => {
    if (state === 'ended') return;
    state = 'ended';
    events.hungUp(leg);
  };
  followDialog(
    session,
    leg,
    events,
    () => relay,
    () => {
      state = 'ended';
    },
  );
  return leg;
}
