import type { Log } from '@liaison/core/log';
import { SipRefusal } from '@liaison/sip';
import { usualKeyMs } from './dtmf/info-keys.ts';
import type { ServiceLeg } from './features/service-leg.ts';
import type { Leg } from './leg.ts';
import type { KeyPressed, MediaPool, Relay, RelayReport } from './media/media.ts';
import { createRingBack } from './ring-back.ts';
import { createRoundRetries } from './round-retries.ts';
import type { SipLeg } from './sip-leg.ts';
import type { WebLeg } from './web-leg.ts';

/** Two pages that do not hear each other directly within this time go on through the relay. */
const directWithinMs = 3000;

/** A page that takes over from a telephone and is not heard within this time leaves the call where it is. */
const arriveWithinMs = 12_000;

const isWeb = (leg: Leg): leg is WebLeg => leg.kind === 'page';
const isSip = (leg: Leg): leg is SipLeg => leg.kind === 'telephone';
const isService = (leg: Leg): leg is ServiceLeg => leg.kind === 'service';

/** The relay of a call that is over, for who talked in it and goes on in another call. */
export interface FormerRelay {
  readonly relay: Promise<Relay>;
  /** Nobody goes on in it: it says how the call sounded that it was of. Whoever has it calls this, unless it is taken. */
  close(): void;
}

export interface CallMedia {
  /** The call's relay, made when it is first needed. */
  relay(): Promise<Relay>;
  /**
   * The second, a telephone, sounds before it is answered, and the caller hears that, also one who waits for a transfer. The first
   * to do so is the one that is heard, whoever else rings; when it stops ringing it is silent, and no other takes its place.
   */
  early(caller: Leg, leg: Leg): Promise<void>;
  /** Whether this one sounded early, and has stopped: who waits for a transfer hears again that it rings. */
  fellSilent(leg: Leg): boolean;
  /** A telephone that waits for a transfer hears that it rings, until it is joined with somebody; `former` is closed. */
  ringBack(leg: Leg, former?: FormerRelay | null): void;
  /**
   * The two that talk from now on: agrees on their media. `former`: where the second one comes from, closed as soon as it talks
   * here; a telephone that refuses to goes on there, and the first one follows it (RFC 3261 §14.1).
   */
  join(a: Leg, b: Leg, former?: FormerRelay | null): Promise<void>;
  /** A page said what it can do in a round. Later, lower rounds are stale and ignored. */
  described(leg: WebLeg, round: number, sdp: string): Promise<void>;
  reported(leg: WebLeg, round: number, state: 'connected' | 'failed'): void;
  /** A page would show a picture to a telephone that has agreed on none; `tellPicture` says what came of it. */
  offerPicture(leg: WebLeg): Promise<void>;
  /** A telephone has agreed on something else by its own wish: who talks with it follows where that can. */
  follow(leg: Leg): Promise<void>;
  /** A page came back or took over: its side is agreed anew. */
  rejoin(leg: WebLeg): void;
  hold(leg: Leg, held: boolean): void;
  /** The two do not talk with each other any more; each keeps its end until it leaves or is joined anew. */
  part(): void;
  /** A leg is not of this call any more. */
  leave(leg: Leg): void;
  /** A page goes on in the place of a telephone as soon as it can be heard; false when it cannot, and nothing changed. */
  replace(leg: Leg, next: WebLeg): Promise<boolean>;
  /** How the two hear each other; null while nobody talks. */
  path(): 'direct' | 'relay' | null;
  /** The newest round. */
  lastRound(): number;
  /** Rounds are higher than that one from now on: a page comes from another call. */
  startAfter(round: number): void;
  close(): void;
  /** As `close`, but the relay stays for this one, who goes on in another call; null where there is none. */
  vacate(stays: Leg): FormerRelay | null;
}

/**
 * Media in rounds. Two pages first try to hear each other directly: one offers, the other answers. If either reports a
 * failure, or not both report sound within 3 s, a relayed round follows, in which each page offers to the relay by
 * itself. With a telephone there are relayed rounds only. A round with a higher number replaces the one before. A page whose
 * relayed round fails is asked again, with growing pauses, some times; then the call ends as `failed`, which both are told.
 *
 * Before that, *early*: a telephone that rings may sound to the caller through the relay (RFC 3960 §3).
 *
 * States: *idle* → join → *direct* → *relayed* (back only with another join) → close → *closed*. `join` may come again with
 * one of the two, or both, replaced: the relay and the ends of who stays are kept, and a telephone that is connected to
 * this relay already hears nothing of it.
 */
export function createCallMedia(options: {
  callId: string;
  pool: MediaPool | null;
  log: Pick<Log, 'info' | 'warn'>;
  /** Nothing can carry the sound: the call ends. */
  failed(): void;
  /** The relay is closed, and says how it sounded. */
  sounded(report: RelayReport): void;
  /** See `RoundRetries`; for tests. */
  retryPausesMs?: readonly number[];
}): CallMedia {
  const { callId, pool, log } = options;
  let relayMade: Promise<Relay> | undefined;
  let pair: readonly [Leg, Leg] | undefined;
  let path: 'direct' | 'relay' = 'direct';
  let closed = false;
  let lastRound = 0;
  /** The newest round of each page, by leg id. */
  const rounds = new Map<string, number>();
  const connected = new Set<string>();
  /** Heard before it was answered. */
  let earlyLeg: Leg | undefined;
  let isAnswered = false;
  /** The two of whom one is being asked for pictures. */
  let askedForPictures: readonly [Leg, Leg] | undefined;
  const retries = createRoundRetries(options.retryPausesMs);
  let directTimer: NodeJS.Timeout | undefined;
  /** A page that gets its sound, to go on in the place of a telephone. */
  let arrival: { from: Leg; next: WebLeg; settle: (isThere: boolean) => void } | undefined;

  const newRound = () => {
    lastRound += 1;
    return lastRound;
  };
  const fail = (error: unknown, what: string) => {
    if (closed) return;
    log.warn({ callId, err: error }, what);
    options.failed();
  };

  /** Pages show what a telephone's person presses; a telephone that takes no telephone events is told in signalling. */
  function keyPressed(end: string, { key, isTaken }: KeyPressed): void {
    const from = pair?.find(({ id }) => id === end);
    const to = pair?.find((leg) => leg !== from);
    if (!from || !to) return;
    if (isWeb(to) && isSip(from)) to.showKey(callId, key);
    if (isSip(to) && !isTaken) to.sayKey({ key, durationMs: usualKeyMs });
  }

  function relay(): Promise<Relay> {
    if (!pool) return Promise.reject(new Error('this process relays no media'));
    relayMade ??= pool.createRelay().then((made) => {
      if (closed) void made.close();
      return hear(made);
    });
    return relayMade;
  }

  function hear(made: Relay): Relay {
    made.onKey(keyPressed);
    made.onPictureWanted((end) => {
      const shows = pair?.find(({ id }) => id === end);
      if (shows && isSip(shows)) shows.askForPicture();
    });
    made.onLost(() => fail(new Error('the media process ended'), 'a relay was lost'));
    return made;
  }

  const closeRelay = (left: Promise<Relay>): void =>
    void left
      .then((made) => made.close())
      .then(options.sounded)
      .catch(() => log.info({ callId }, 'the relay was gone already'));

  /** What every end does. */
  function finish(): void {
    closed = true;
    ringBack.stop();
    retries.close();
    clearTimeout(directTimer);
    arrival?.settle(false);
  }

  const ringBack = createRingBack({ relay, log, callId });

  function startDirect(a: WebLeg, b: WebLeg): void {
    path = 'direct';
    const round = newRound();
    rounds.set(a.id, round);
    rounds.set(b.id, round);
    connected.clear();
    a.askForOffer(callId, round, 'direct');
    clearTimeout(directTimer);
    directTimer = setTimeout(() => {
      if (!connected.has(a.id) || !connected.has(b.id)) void startRelayed('not connected in time');
    }, directWithinMs);
  }

  function askForRelayOffer(leg: WebLeg): void {
    const round = newRound();
    rounds.set(leg.id, round);
    connected.delete(leg.id);
    leg.askForOffer(callId, round, 'relay');
  }

  async function startRelayed(why: string, former?: FormerRelay | null): Promise<void> {
    if (!pair || closed) {
      former?.close();
      return;
    }
    clearTimeout(directTimer);
    path = 'relay';
    const both = pair;
    const [a, b] = both;
    log.info({ callId, why }, 'media goes through the relay');
    try {
      const through = await relay();
      // A ringing telephone's answer is read before the ends are joined, so that the join knows its codec; a calling
      // one is answered after, so that it gets the codec of the other end.
      // One that comes from another relay is invited anew after that, with what the other end speaks and shows.
      const ringing = isSip(b) && !b.isSettled ? b : undefined;
      const heard = ringing?.connect(through) ?? Promise.resolve();
      // Where order is kept all three are asked in one message; what comes of them is waited for before anybody is told.
      if (!through.keepsOrder) await heard;
      const joined = Promise.all([through.connect(a.id, b.id), heard]);
      // It may fail while something else that fails is waited for.
      joined.catch(() => {});
      if (!through.keepsOrder) await joined;
      for (const leg of [a, b]) if (isSip(leg) && leg !== ringing) await leg.connect(through, joined);
      const [{ renegotiate }] = await joined;
      former?.close();
      for (const leg of [a, b]) {
        // A page that heard this telephone already goes on hearing it.
        if (isWeb(leg) && !(b === earlyLeg && connected.has(leg.id))) askForRelayOffer(leg);
      }
      // Offers of pages are on their way, and are answered with what is agreed by then.
      void reagree(through, renegotiate, { pages: false, telephones: true });
      for (const leg of [a, b]) {
        if (isService(leg))
          leg.attach(through).catch((error: unknown) => fail(error, 'a service cannot sound'));
      }
    } catch (error) {
      const isRefused = error instanceof SipRefusal && b.state !== 'ended';
      if (!former || !isRefused || closed || pair !== both) {
        former?.close();
        fail(error, 'media could not be agreed');
        return;
      }
      relayMade?.then((made) => made.close()).catch(() => {});
      relayMade = former.relay.then(hear);
      await startRelayed('a telephone stays in the relay where it is');
    }
  }

  /**
   * Those of the two whom the relay names agree anew on what the other one speaks or shows. Who does not keeps what it had:
   * what is spoken is transcoded then, and what is shown is not seen.
   */
  async function reagree(
    through: Relay,
    names: readonly string[],
    who: { pages: boolean; telephones: boolean },
  ): Promise<void> {
    const both = pair;
    if (!both || names.length === 0) return;
    let changed = false;
    try {
      for (const leg of both) {
        if (pair !== both || closed || !names.includes(leg.id)) continue;
        if (isWeb(leg) && who.pages) askForRelayOffer(leg);
        if (isSip(leg) && who.telephones)
          changed = (await leg.offerAnew(through, 'agreed')) !== null || changed;
      }
      if (!changed || pair !== both || closed) return;
      const { renegotiate } = await through.connect(both[0].id, both[1].id);
      await reagree(through, renegotiate, { pages: true, telephones: false });
    } catch (error) {
      // They go on as they were.
      log.info({ callId, err: error }, 'who talks now did not agree anew');
    }
  }

  return {
    relay,
    async early(caller, leg) {
      if (pair || closed || !isSip(leg)) return;
      const both = [caller, leg] as const;
      pair = both;
      earlyLeg = leg;
      path = 'relay';
      ringBack.stop();
      try {
        const through = await relay();
        // A telephone that comes from another call is invited into this relay; one that waits here knows it already.
        if (isSip(caller) && caller.isSettled) await caller.connect(through);
        if (isAnswered || closed || pair !== both) return;
        await through.connect(caller.id, leg.id);
        if (isAnswered || closed || pair !== both) return;
        if (isSip(caller)) await caller.early(through);
        else if (isWeb(caller)) askForRelayOffer(caller);
      } catch (error) {
        // Nobody is worse off than with a telephone that only rings.
        log.info({ callId, err: error }, 'what sounds before the answer cannot be heard');
        if (pair !== both || isAnswered || closed || !isSip(caller) || !caller.isSettled) return;
        pair = undefined;
        earlyLeg = undefined;
        ringBack.start(caller);
      }
    },
    fellSilent(leg) {
      if (leg !== earlyLeg || isAnswered) return false;
      pair = undefined;
      earlyLeg = undefined;
      return true;
    },
    ringBack(leg, former) {
      former?.close();
      if (!closed) ringBack.start(leg);
    },
    async join(a, b, former) {
      ringBack.stop();
      isAnswered = true;
      pair = [a, b];
      if (isWeb(a) && isWeb(b)) {
        former?.close();
        startDirect(a, b);
      } else await startRelayed('not between two pages', former);
    },
    async described(leg, round, sdp) {
      if (!pair || closed || rounds.get(leg.id) !== round) return;
      if (path === 'direct' && arrival?.next !== leg) {
        const [a, b] = pair;
        if (!isWeb(a) || !isWeb(b)) return;
        if (leg === a) b.askForAnswer(callId, round, sdp);
        else a.giveAnswer(callId, round, sdp);
        return;
      }
      try {
        const through = await relay();
        // Who takes over is heard before it is connected.
        const other = arrival?.next === leg ? pair.find((each) => each !== arrival?.from) : undefined;
        const { answer } = await through.webrtcAnswer(leg.id, sdp, other && { with: other.id });
        leg.giveAnswer(callId, round, answer);
      } catch (error) {
        if (isAnswered) fail(error, 'a page and the relay could not agree');
      }
    },
    reported(leg, round, state) {
      if (!pair || closed || rounds.get(leg.id) !== round) return;
      if (arrival?.next === leg) {
        arrival.settle(state === 'connected');
        return;
      }
      if (state === 'connected') {
        connected.add(leg.id);
        retries.forget(leg.id);
        if (path === 'direct' && pair.every((each) => connected.has(each.id))) clearTimeout(directTimer);
      } else if (path === 'direct') {
        void startRelayed('a page reported a failure');
      } else {
        // Before the answer it is heard or not; the answer opens another round.
        if (!isAnswered) return;
        // The network of that page changed or broke: let it try anew rather than end the call at once.
        const again = () => {
          if (pair?.includes(leg) && !closed && rounds.get(leg.id) === round) askForRelayOffer(leg);
        };
        if (!retries.failed(leg.id, again))
          fail(new Error('every round failed'), 'no sound could be carried');
      }
    },
    async offerPicture(leg) {
      const both = pair;
      if (both && both === askedForPictures) return;
      const other = both?.find((each) => each !== leg);
      if (!both?.includes(leg) || !other || !isSip(other) || path !== 'relay' || closed)
        return leg.tellPicture(callId, false);
      askedForPictures = both;
      try {
        const through = await relay();
        const agreed = await other.offerAnew(through, 'wished');
        if (pair !== both || closed) return;
        leg.tellPicture(callId, agreed?.video !== undefined);
        if (agreed?.video !== undefined) askForRelayOffer(leg);
      } catch (error) {
        log.info({ callId, err: error }, 'a telephone could not be asked for pictures');
        leg.tellPicture(callId, false);
      } finally {
        if (askedForPictures === both) askedForPictures = undefined;
      }
    },
    async follow(leg) {
      const both = pair;
      if (!both?.includes(leg) || path !== 'relay' || closed) return;
      try {
        const through = await relay();
        const { renegotiate } = await through.connect(both[0].id, both[1].id);
        const others = renegotiate.filter((id) => id !== leg.id);
        if (pair !== both || closed) return;
        for (const other of both)
          if (isWeb(other) && others.includes(other.id)) askForRelayOffer(other);
          else if (isSip(other) && others.includes(other.id)) await other.offerAnew(through, 'agreed');
      } catch (error) {
        log.info({ callId, err: error }, 'who talks with a telephone did not follow it');
      }
    },
    rejoin(leg) {
      if (!pair || closed) return;
      retries.forget(leg.id);
      const [a, b] = pair;
      if (path === 'direct' && isWeb(a) && isWeb(b)) startDirect(a, b);
      else askForRelayOffer(leg);
    },
    hold(leg, held) {
      // Directly connected pages fall silent by themselves: the call's view tells them.
      if (path === 'relay') {
        relayMade
          ?.then((through) => through.hold(leg.id, held))
          .catch((error) => fail(error, 'holding failed'));
      }
    },
    part() {
      clearTimeout(directTimer);
      arrival?.settle(false);
      ringBack.stop();
      pair = undefined;
      earlyLeg = undefined;
      isAnswered = false;
    },
    leave(leg) {
      if (ringBack.leg() === leg) ringBack.stop();
      retries.forget(leg.id);
      rounds.delete(leg.id);
      connected.delete(leg.id);
      // A relay that is gone has no ends.
      relayMade?.then((through) => through.removeEnd(leg.id)).catch(() => {});
    },
    replace(leg, next) {
      arrival?.settle(false);
      if (!pair?.includes(leg) || closed) return Promise.resolve(false);
      return new Promise((resolve) => {
        const settle = (isThere: boolean): void => {
          if (arrival?.next !== next) return;
          arrival = undefined;
          clearTimeout(timer);
          const other = pair?.find((each) => each !== leg);
          if (!isThere || !pair || !other || closed) {
            this.leave(next);
            resolve(false);
            return;
          }
          pair = [other, next];
          path = 'relay';
          connected.add(next.id);
          void relay()
            .then(async (through) => {
              const { renegotiate } = await through.connect(other.id, next.id);
              resolve(true);
              await reagree(through, renegotiate, { pages: true, telephones: true });
            })
            .catch((error) => fail(error, 'a page could not take over'));
        };
        const timer = setTimeout(() => settle(false), arriveWithinMs);
        arrival = { from: leg, next, settle };
        askForRelayOffer(next);
      });
    },
    // Functions and no getters: V8 keeps an object with getters of its own as a dictionary, four times as large.
    path: () => (pair && !closed ? path : null),
    lastRound: () => lastRound,
    startAfter(round) {
      lastRound = Math.max(lastRound, round);
    },
    close() {
      if (closed) return;
      finish();
      if (relayMade) closeRelay(relayMade);
    },
    vacate(stays) {
      if (closed) return null;
      finish();
      const gone = pair?.find((leg) => leg !== stays);
      pair = undefined;
      if (!relayMade) return null;
      const left = relayMade;
      if (gone) left.then((made) => made.removeEnd(gone.id)).catch(() => {});
      return { relay: left, close: () => closeRelay(left) };
    },
  };
}
