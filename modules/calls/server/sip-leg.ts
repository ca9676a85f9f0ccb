import type { VideoKey } from '@liaison/sdp';
import { type Flow, type InviteSession, type InviteSessionEvents, SipRefusal } from '@liaison/sip';
import type { EndReason } from '../contract/index.ts';
import { type KeyPress, readInfoKey } from './dtmf/info-keys.ts';
import { createSaidKeys, type SaidKeys } from './dtmf/said-keys.ts';
import type { Leg, LegEvents, Referral, StopReason } from './leg.ts';
import type { Agreed, OfferMatch, Relay } from './media/media.ts';
import { asksForPicture, pictureUpdateBody, pictureUpdateType, takenInfoTypes } from './picture-update.ts';
import {
  acceptFrom,
  answerTo,
  asksForSilence,
  type OfferKind,
  offerKindAfter,
  offerKindOver,
  offerTo,
  videoShown,
} from './telephone-media.ts';
import { moveInto, offerAnew, signalledFrom } from './telephone-reoffer.ts';

/** A telephone. Its sound always goes through the relay. */
export interface SipLeg extends Leg {
  readonly kind: 'telephone';
  readonly deviceId: string;
  /**
   * Agrees on media with the other end, which is connected in the relay already, and lets the telephone talk. In a relay
   * where it talked before, nothing is said to it; for another one it is invited anew.
   *
   * @param joined while the two ends are being connected: nothing is said to it before, and nothing where that fails.
   */
  connect(relay: Relay, joined?: Promise<unknown>): Promise<void>;
  /** It has talked with somebody: what it is connected with is said to it by a new offer. */
  readonly isSettled: boolean;
  /**
   * Offers to it anew what whom it is connected to speaks and shows; one offer after another.
   *
   * @returns what is agreed now; null where it keeps what it had.
   */
  offerAnew(relay: Relay, match: OfferMatch): Promise<Agreed | null>;
  /** Asks its camera for a whole picture, by INFO: it has agreed on no other way (RFC 5168). */
  askForPicture(): void;
  /** Tells it a key that it does not get with its sound, by INFO where it takes that. */
  sayKey(press: KeyPress): void;
  /** A calling telephone: lets it hear what is connected to it in the relay, before the call is answered (183). */
  early(relay: Relay): Promise<void>;
  /** What it speaks to its telephone by, once it does. */
  readonly dialog: TelephoneDialog | undefined;
}

/** What a leg needs of a telephone's dialog: a session of this process, or one that another process drives for it. */
export type TelephoneDialog = Pick<InviteSession, 'flow' | 'cancel' | 'bye' | 'reinvite' | 'info'> & {
  on: Omit<InviteSessionEvents, 'referred'> & { referred?(referral: Referral): void };
};

/** The same of a telephone that calls. */
export type CallingDialog = TelephoneDialog &
  Pick<InviteSession, 'state' | 'remoteOffer' | 'ring' | 'progress' | 'accept' | 'reject'>;

/** Whether a telephone that calls said that it takes INFO; who says nothing is asked by trying (RFC 3261 §20.5). */
export function takesInfo({ request }: Pick<InviteSession, 'request'>): boolean {
  const allowed = request?.headers.list('allow').map((method) => method.toUpperCase()) ?? [];
  return allowed.length === 0 || allowed.includes('INFO');
}

/** How a stop is said to a telephone, so that it shows no missed call where there was none (RFC 3326 §2). */
const stopReasons: Record<StopReason, { protocol: 'SIP'; cause: number; text: string } | undefined> = {
  'completed-elsewhere': { protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' },
  'declined-elsewhere': { protocol: 'SIP', cause: 603, text: 'Declined' },
  cancelled: undefined,
  'no-answer': { protocol: 'SIP', cause: 480, text: 'No answer' },
};

/**
 * What a telephone that talks is told when the call ends by itself (RFC 3326 §2), above all when what it was offered in another
 * relay was refused by it or by whom it was to talk with: nobody hung up.
 */
const endReasons: Partial<Record<EndReason, { protocol: 'SIP'; cause: number; text: string }>> = {
  failed: { protocol: 'SIP', cause: 488, text: 'No sound could be agreed' },
  lost: { protocol: 'SIP', cause: 480, text: 'The other side is gone' },
};

/** The status that tells a calling telephone why it was not put through (RFC 3261 §21). */
export const refusalStatus: Record<EndReason, number> = {
  completed: 487,
  cancelled: 487,
  declined: 603,
  busy: 486,
  'no-answer': 480,
  offline: 480,
  'do-not-disturb': 486,
  lost: 480,
  failed: 500,
  transferred: 480,
};

/** What both kinds of telephone leg do once they talk. */
function followDialog(
  session: TelephoneDialog,
  leg: SipLeg,
  events: () => LegEvents,
  relayOf: () => Relay | undefined,
  ended: () => void,
  wasHeld = false,
): void {
  let isHeld = wasHeld;
  session.on.ended = () => {
    ended();
    events().hungUp(leg);
  };
  session.on.reinvited = async (offer) => {
    const relay = relayOf();
    if (!relay) throw new SipRefusal(488, 'Not Acceptable Here');
    const isHold = asksForSilence(offer);
    // Before the answer: to who holds no more it must not say inactive (RFC 3264 §6.1).
    if (!isHold && isHeld) await relay.hold(leg.id, false);
    const answer = await answerTo(relay, leg.id, offer, signalledFrom(session)).catch(async (error) => {
      // A new description that is refused changes nothing (RFC 3261 §14.2).
      if (!isHold && isHeld) await relay.hold(leg.id, true);
      throw error;
    });
    isHeld = isHold;
    events().held(leg, isHold);
    // Its answer goes out first: until then there is no other offer (RFC 3264 §4).
    setImmediate(() => events().reagreed?.(leg));
    return answer;
  };
  session.on.offerRequested = async () => {
    const relay = relayOf();
    if (!relay) throw new SipRefusal(488, 'Not Acceptable Here');
    return offerTo(relay, leg.id, offerKindOver(session.flow));
  };
  session.on.acknowledged = (answer) => {
    const relay = relayOf();
    if (relay) acceptFrom(relay, leg.id, answer, signalledFrom(session)).catch(() => session.bye());
  };
  session.on.infoTypes = takenInfoTypes;
  session.on.info = (contentType, body) => {
    if (asksForPicture(contentType, body)) {
      relayOf()?.askForPicture(leg.id).catch(ignoreGoneRelay);
      return;
    }
    const press = readInfoKey(contentType, body);
    // A relay that is gone has nobody left to hear it.
    if (press) relayOf()?.pressKey(leg.id, press.key, press.durationMs).catch(ignoreGoneRelay);
  };
  session.on.referred = (referral) => {
    const { referred } = events();
    if (referred) referred(leg, referral);
    else referral.reject(603);
  };
}

/** Who refuses that shows a whole picture when it does by itself. */
function askForPicture(session: TelephoneDialog | undefined): void {
  session?.info(pictureUpdateType, pictureUpdateBody).catch(ignoreGoneRelay);
}

/** A call that is over closes its relay, and what was still asked of that comes to nothing. */
const ignoreGoneRelay = (): void => {};

/** Offers of ours to a telephone that talks, one after another. */
function createOffers(leg: () => { id: string; state: Leg['state']; session: TelephoneDialog | undefined }) {
  let last: Promise<unknown> = Promise.resolve();
  return (relay: Relay, match: OfferMatch): Promise<Agreed | null> => {
    const mine = last.then(() => {
      const { id, state, session } = leg();
      return session && state === 'answered' ? offerAnew(relay, id, session, match) : null;
    });
    last = mine.catch(ignoreGoneRelay);
    return mine;
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
  /** What whoever calls can show. */
  video?: () => readonly VideoKey[];
  events: LegEvents;
}): SipLeg {
  let { events } = options;
  let state: Leg['state'] = 'idle';
  let session: TelephoneDialog | undefined;
  let keys: SaidKeys | undefined;
  let relay: Relay | undefined;
  let answer: string | undefined;
  /** The relay that it talks through. */
  let connected: Relay | undefined;

  function refuse(how: 'declined' | 'busy' | 'failed') {
    if (state !== 'ringing') return;
    state = 'ended';
    events.refused(leg, how);
  }

  async function invite(kind: OfferKind, video: readonly VideoKey[]): Promise<void> {
    if (!relay) return;
    const offer = await offerTo(relay, leg.id, kind, video);
    // Somebody else may have answered while the port was opened.
    if (state !== 'ringing') return;
    const asked = options.invite(offer);
    session = asked;
    keys = createSaidKeys((type, body) => asked.info(type, body), true);
    followDialog(
      asked,
      leg,
      () => events,
      () => relay,
      () => {
        if (session === asked) state = 'ended';
      },
    );
    asked.on.progress = (_status, sdp) => {
      if (sdp === undefined || state !== 'ringing' || !relay) return;
      acceptFrom(relay, leg.id, sdp, signalledFrom(asked))
        .then(() => {
          if (state === 'ringing') events.early?.(leg);
        })
        // What cannot be used now is said again, or not, by its answer.
        .catch(ignoreGoneRelay);
    };
    asked.on.accepted = (sdp) => {
      // The call is somebody else's by now: it crossed our CANCEL, and the engine hangs up.
      if (state !== 'ringing') return;
      state = 'answered';
      answer = sdp;
      events.answered(leg);
    };
    asked.on.rejected = (status) => {
      // Some refuse the whole for a line of video that they could have declined (RFC 3264 §6).
      const asSound = status === 488 && video.length > 0 ? kind : undefined;
      const next = asSound ?? (status === 488 ? offerKindAfter(kind, options.flow) : undefined);
      if (next) void invite(next, []).catch(() => refuse('failed'));
      // 603 speaks for the person, everything else for this telephone alone (RFC 3261 §21.6.2).
      else refuse(status === 603 ? 'declined' : status === 486 || status === 600 ? 'busy' : 'failed');
    };
  }

  const offers = createOffers(() => ({ id: options.id, state, session }));

  const leg: SipLeg = {
    id: options.id,
    kind: 'telephone',
    personId: options.personId,
    deviceId: options.deviceId,
    get state() {
      return state;
    },
    get isSettled() {
      return connected !== undefined;
    },
    offerAnew: offers,
    async ring() {
      state = 'ringing';
      relay = await options.relay();
      await invite(offerKindOver(options.flow), options.video?.() ?? []);
    },
    async connect(through, joined) {
      if (answer === undefined || !session || connected === through) return;
      const before = connected;
      connected = through;
      relay = through;
      if (before) {
        await joined;
        await moveInto(through, leg.id, session).catch((error: unknown) => {
          // RFC 3261 §14.1: the session is as it was.
          if (connected === through) connected = relay = before;
          throw error;
        });
      } else await acceptFrom(through, leg.id, answer, signalledFrom(session));
    },
    // It is what sounds early, and hears nobody before it answers.
    async early() {},
    askForPicture: () => askForPicture(session),
    sayKey: (press) => keys?.say(press),
    get dialog() {
      return session;
    },
    follow(next) {
      events = next;
    },
    stop(reason) {
      const wasRinging = state === 'ringing';
      state = 'ended';
      if (wasRinging) session?.cancel(stopReasons[reason]);
      // A call that is over may have closed its relay already, and its ends with it.
      relay?.removeEnd(leg.id).catch(ignoreGoneRelay);
    },
    end(reason) {
      if (state === 'ended') return;
      state = 'ended';
      void session?.bye(endReasons[reason]);
    },
  };
  return leg;
}

/**
 * A telephone whose dialog is there before its leg: one that calls, whose INVITE is the caller's leg, or one that talks
 * already and comes from a call of another process.
 */
export function createIncomingSipLeg(options: {
  id: string;
  personId: string;
  deviceId: string;
  session: CallingDialog;
  takesInfo: boolean;
  /** It comes holding. */
  isHeld?: boolean;
  events: LegEvents;
}): SipLeg {
  const { session } = options;
  let { events } = options;
  let state: Leg['state'] = 'answered';
  let relay: Relay | undefined;
  /** What a 183 answered. */
  let earlyAnswer: string | undefined;
  const keys = createSaidKeys((type, body) => session.info(type, body), options.takesInfo);

  const leg: SipLeg = {
    id: options.id,
    kind: 'telephone',
    shows: videoShown(session.remoteOffer),
    personId: options.personId,
    deviceId: options.deviceId,
    get state() {
      return state;
    },
    get isSettled() {
      return relay !== undefined && session.state === 'confirmed';
    },
    offerAnew: createOffers(() => ({ id: options.id, state, session })),
    async ring() {
      session.ring();
    },
    async connect(through, joined) {
      if (earlyAnswer !== undefined && session.state === 'early') {
        await joined;
        // RFC 3261 §13.2.1: what a 183 said is the answer, and the 200 repeats it.
        await session.accept(earlyAnswer);
        return;
      }
      if (relay === through) return;
      const before = relay;
      relay = through;
      if (before || session.state === 'confirmed') {
        await joined;
        return moveInto(through, leg.id, session).catch((error: unknown) => {
          // RFC 3261 §14.1: the session is as it was.
          if (relay === through) relay = before;
          throw error;
        });
      }
      // RFC 3261 §14.1: an INVITE without an offer gets ours in the 200, and its ACK answers.
      const { remoteOffer } = session;
      const description =
        remoteOffer === undefined
          ? offerTo(through, leg.id, offerKindOver(session.flow))
          : answerTo(through, leg.id, remoteOffer, signalledFrom(session));
      const [said] = await Promise.all([description, joined]);
      await session.accept(said);
    },
    stop() {
      leg.end('cancelled');
    },
    async early(through) {
      // RFC 3264 §5: without an offer there is nothing to answer yet, and it would have to ring for ours.
      if (session.state !== 'early' || session.remoteOffer === undefined || relay) return;
      const answer = await answerTo(through, leg.id, session.remoteOffer, signalledFrom(session));
      // It may have been answered, or given up, meanwhile.
      if (session.state !== 'early' || relay) return;
      relay = through;
      earlyAnswer = answer;
      session.progress(answer);
    },
    askForPicture: () => askForPicture(session),
    sayKey: keys.say,
    dialog: session,
    follow(next) {
      events = next;
    },
    end(reason) {
      if (state === 'ended') return;
      state = 'ended';
      if (session.state === 'early') session.reject(refusalStatus[reason]);
      else if (session.state === 'confirmed') void session.bye(endReasons[reason]);
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
    () => events,
    () => relay,
    () => {
      state = 'ended';
    },
    options.isHeld,
  );
  return leg;
}
