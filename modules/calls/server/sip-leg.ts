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
  type ShownVideo,
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

/** A call that is over closes its relay, and what was still asked of that comes to nothing. */
const ignoreGoneRelay = (): void => {};

/**
 * What both kinds of telephone leg do once they talk. A leg is itself what its dialog tells (`InviteSessionEvents`): thousands
 * stand at a time, and closures for each would cost more than all else about them.
 */
abstract class TelephoneLeg implements SipLeg {
  readonly id: string;
  readonly kind = 'telephone';
  readonly personId: string;
  readonly deviceId: string;
  readonly infoTypes = takenInfoTypes;
  abstract state: Leg['state'];
  abstract readonly isSettled: boolean;
  protected events: LegEvents;
  protected session: TelephoneDialog | undefined;
  /** The relay that it talks through, or is about to. */
  protected relay: Relay | undefined;
  protected isHeld: boolean;
  #keys: SaidKeys | undefined;
  readonly #takesInfo: boolean;
  #lastOffer: Promise<unknown> | undefined;

  constructor(options: {
    id: string;
    personId: string;
    deviceId: string;
    events: LegEvents;
    takesInfo: boolean;
    isHeld: boolean;
  }) {
    this.id = options.id;
    this.personId = options.personId;
    this.deviceId = options.deviceId;
    this.events = options.events;
    this.#takesInfo = options.takesInfo;
    this.isHeld = options.isHeld;
  }

  abstract ring(): Promise<void>;
  abstract connect(relay: Relay, joined?: Promise<unknown>): Promise<void>;
  abstract early(relay: Relay): Promise<void>;
  abstract stop(reason: StopReason): void;
  abstract end(reason: EndReason): void;

  get dialog(): TelephoneDialog | undefined {
    return this.session;
  }

  follow(next: LegEvents): void {
    this.events = next;
  }

  /** Offers of ours to a telephone that talks, one after another. */
  offerAnew(relay: Relay, match: OfferMatch): Promise<Agreed | null> {
    const mine = (this.#lastOffer ?? Promise.resolve()).then(() => {
      const { id, state, session } = this;
      return session && state === 'answered' ? offerAnew(relay, id, session, match) : null;
    });
    this.#lastOffer = mine.catch(ignoreGoneRelay);
    return mine;
  }

  /** Who refuses that shows a whole picture when it does by itself. */
  askForPicture(): void {
    this.session?.info(pictureUpdateType, pictureUpdateBody).catch(ignoreGoneRelay);
  }

  sayKey(press: KeyPress): void {
    const { session } = this;
    if (!session) return;
    this.#keys ??= createSaidKeys((type, body) => session.info(type, body), this.#takesInfo);
    this.#keys.say(press);
  }

  // ── what its dialog tells ───────────────────────────────────────────────────────────────────────────────────────

  ended(): void {
    this.state = 'ended';
    this.events.hungUp(this);
  }

  async reinvited(offer: string): Promise<string> {
    const { relay, session } = this;
    if (!relay || !session) throw new SipRefusal(488, 'Not Acceptable Here');
    const isHold = asksForSilence(offer);
    // Before the answer: to who holds no more it must not say inactive (RFC 3264 §6.1).
    if (!isHold && this.isHeld) await relay.hold(this.id, false);
    const answer = await answerTo(relay, this.id, offer, signalledFrom(session)).catch(async (error) => {
      // A new description that is refused changes nothing (RFC 3261 §14.2).
      if (!isHold && this.isHeld) await relay.hold(this.id, true);
      throw error;
    });
    this.isHeld = isHold;
    this.events.held(this, isHold);
    // Its answer goes out first: until then there is no other offer (RFC 3264 §4).
    setImmediate(() => this.events.reagreed?.(this));
    return answer;
  }

  async offerRequested(): Promise<string> {
    const { relay, session } = this;
    if (!relay) throw new SipRefusal(488, 'Not Acceptable Here');
    return offerTo(relay, this.id, offerKindOver(session?.flow));
  }

  acknowledged(answer: string): void {
    const { relay, session } = this;
    if (!relay || !session) return;
    acceptFrom(relay, this.id, answer, signalledFrom(session)).catch(() => session.bye());
  }

  info(contentType: string, body: Buffer): void {
    if (asksForPicture(contentType, body)) {
      this.relay?.askForPicture(this.id).catch(ignoreGoneRelay);
      return;
    }
    const press = readInfoKey(contentType, body);
    // A relay that is gone has nobody left to hear it.
    if (press) this.relay?.pressKey(this.id, press.key, press.durationMs).catch(ignoreGoneRelay);
  }

  referred(referral: Referral): void {
    const { referred } = this.events;
    if (referred) referred(this, referral);
    else referral.reject(603);
  }
}

interface RungTelephone {
  id: string;
  personId: string;
  deviceId: string;
  /** The flow over which it is rung. */
  flow: Flow;
  /** Sends the INVITE with this offer. */
  invite(offer: string): TelephoneDialog;
  relay: () => Promise<Relay>;
  /** What whoever calls can show. */
  video?: () => readonly ShownVideo[];
  events: LegEvents;
}

/** Rings one registered telephone. The relay exists before, because the INVITE carries an offer. */
export function createOutgoingSipLeg(options: RungTelephone): SipLeg {
  return new RungLeg(options);
}

class RungLeg extends TelephoneLeg {
  state: Leg['state'] = 'idle';
  /** How it is rung; nothing of that is kept once it has answered or stopped. */
  #how: RungTelephone | undefined;
  /** What the last INVITE offered. */
  #offered: { readonly kind: OfferKind; readonly hasVideo: boolean } | undefined;
  #answer: string | undefined;
  /** The relay that it talks through. */
  #connected: Relay | undefined;

  constructor(options: RungTelephone) {
    super({ ...options, takesInfo: true, isHeld: false });
    this.#how = options;
  }

  get isSettled(): boolean {
    return this.#connected !== undefined;
  }

  async ring(): Promise<void> {
    const how = this.#how;
    if (!how) return;
    this.state = 'ringing';
    this.relay = await how.relay();
    await this.#invite(how, offerKindOver(how.flow), how.video?.() ?? []);
  }

  async #invite(how: RungTelephone, kind: OfferKind, video: readonly ShownVideo[]): Promise<void> {
    if (!this.relay) return;
    const offer = await offerTo(this.relay, this.id, kind, video);
    // Somebody else may have answered while the port was opened.
    if (this.state !== 'ringing') return;
    this.#offered = { kind, hasVideo: video.length > 0 };
    this.session = how.invite(offer);
    this.session.on = this;
  }

  #refuse(how: 'declined' | 'busy' | 'failed'): void {
    if (this.state !== 'ringing') return;
    this.state = 'ended';
    this.#how = undefined;
    this.events.refused(this, how);
  }

  progress(_status: number, sdp?: string): void {
    const { relay, session } = this;
    if (sdp === undefined || this.state !== 'ringing' || !relay || !session) return;
    acceptFrom(relay, this.id, sdp, signalledFrom(session))
      .then(() => {
        if (this.state === 'ringing') this.events.early?.(this);
      })
      // What cannot be used now is said again, or not, by its answer.
      .catch(ignoreGoneRelay);
  }

  accepted(sdp: string): void {
    // The call is somebody else's by now: it crossed our CANCEL, and the engine hangs up.
    if (this.state !== 'ringing') return;
    this.state = 'answered';
    this.#how = undefined;
    this.#answer = sdp;
    this.events.answered(this);
  }

  rejected(status: number): void {
    const how = this.#how;
    const offered = this.#offered;
    if (how && offered && status === 488) {
      // Some refuse the whole for a line of video that they could have declined (RFC 3264 §6).
      const next = offered.hasVideo ? offered.kind : offerKindAfter(offered.kind, how.flow);
      if (next) {
        void this.#invite(how, next, []).catch(() => this.#refuse('failed'));
        return;
      }
    }
    // 603 speaks for the person, everything else for this telephone alone (RFC 3261 §21.6.2).
    this.#refuse(status === 603 ? 'declined' : status === 486 || status === 600 ? 'busy' : 'failed');
  }

  async connect(through: Relay, joined?: Promise<unknown>): Promise<void> {
    const { session } = this;
    const answer = this.#answer;
    if (answer === undefined || !session || this.#connected === through) return;
    const before = this.#connected;
    this.#connected = through;
    this.relay = through;
    if (before) {
      await joined;
      await moveInto(through, this.id, session).catch((error: unknown) => {
        // RFC 3261 §14.1: the session is as it was.
        if (this.#connected === through) {
          this.#connected = before;
          this.relay = before;
        }
        throw error;
      });
    } else await acceptFrom(through, this.id, answer, signalledFrom(session));
  }

  // It is what sounds early, and hears nobody before it answers.
  async early(): Promise<void> {}

  stop(reason: StopReason): void {
    const wasRinging = this.state === 'ringing';
    this.state = 'ended';
    this.#how = undefined;
    if (wasRinging) this.session?.cancel(stopReasons[reason]);
    // A call that is over may have closed its relay already, and its ends with it.
    this.relay?.removeEnd(this.id).catch(ignoreGoneRelay);
  }

  end(reason: EndReason): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    void this.session?.bye(endReasons[reason]);
  }
}

interface CallingTelephone {
  id: string;
  personId: string;
  deviceId: string;
  session: CallingDialog;
  takesInfo: boolean;
  /** It comes holding. */
  isHeld?: boolean;
  events: LegEvents;
}

/**
 * A telephone whose dialog is there before its leg: one that calls, whose INVITE is the caller's leg, or one that talks
 * already and comes from a call of another process.
 */
export function createIncomingSipLeg(options: CallingTelephone): SipLeg {
  return new CallingLeg(options);
}

class CallingLeg extends TelephoneLeg {
  state: Leg['state'] = 'answered';
  readonly shows: readonly ShownVideo[];
  declare protected session: CallingDialog;
  /** What a 183 answered. */
  #earlyAnswer: string | undefined;

  constructor(options: CallingTelephone) {
    super({ ...options, isHeld: options.isHeld ?? false });
    this.session = options.session;
    this.shows = videoShown(options.session.remoteOffer);
    this.session.on = this;
  }

  get isSettled(): boolean {
    return this.relay !== undefined && this.session.state === 'confirmed';
  }

  async ring(): Promise<void> {
    this.session.ring();
  }

  cancelled(): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.events.hungUp(this);
  }

  async connect(through: Relay, joined?: Promise<unknown>): Promise<void> {
    const { session } = this;
    if (this.#earlyAnswer !== undefined && session.state === 'early') {
      await joined;
      // RFC 3261 §13.2.1: what a 183 said is the answer, and the 200 repeats it.
      await session.accept(this.#earlyAnswer);
      return;
    }
    if (this.relay === through) return;
    const before = this.relay;
    this.relay = through;
    if (before || session.state === 'confirmed') {
      await joined;
      return moveInto(through, this.id, session).catch((error: unknown) => {
        // RFC 3261 §14.1: the session is as it was.
        if (this.relay === through) this.relay = before;
        throw error;
      });
    }
    // RFC 3261 §14.1: an INVITE without an offer gets ours in the 200, and its ACK answers.
    const { remoteOffer } = session;
    const description =
      remoteOffer === undefined
        ? offerTo(through, this.id, offerKindOver(session.flow))
        : answerTo(through, this.id, remoteOffer, signalledFrom(session));
    const [said] = await Promise.all([description, joined]);
    await session.accept(said);
  }

  stop(): void {
    this.end('cancelled');
  }

  async early(through: Relay): Promise<void> {
    const { session } = this;
    // RFC 3264 §5: without an offer there is nothing to answer yet, and it would have to ring for ours.
    if (session.state !== 'early' || session.remoteOffer === undefined || this.relay) return;
    const answer = await answerTo(through, this.id, session.remoteOffer, signalledFrom(session));
    // It may have been answered, or given up, meanwhile.
    if (isOver(session) || this.relay) return;
    this.relay = through;
    this.#earlyAnswer = answer;
    session.progress(answer);
  }

  end(reason: EndReason): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    const { session } = this;
    if (session.state === 'early') session.reject(refusalStatus[reason]);
    else if (session.state === 'confirmed') void session.bye(endReasons[reason]);
  }
}

const isOver = ({ state }: Pick<CallingDialog, 'state'>): boolean => state !== 'early';
