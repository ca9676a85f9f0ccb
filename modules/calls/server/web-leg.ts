import type { Live } from '@liaison/core/live';
import { type EndReason, keyPressed, mediaAnswer, mediaRound, pictureAnswered } from '../contract/index.ts';
import type { Leg, LegEvents } from './leg.ts';

/** A person's pages as one leg: all ring, one of them answers and then carries the sound. */
export interface WebLeg extends Leg {
  readonly kind: 'page';
  readonly personId: string;
  /** The page that carries the sound; null while all ring, and while a lost one is waited for. */
  readonly connectionId: string | null;
  /** The page that answers (first one wins; false for a later one). */
  answer(connectionId: string): boolean;
  decline(): void;
  hangUp(): void;
  hold(held: boolean): void;
  /** Another page of the same person goes on with it. */
  moveTo(connectionId: string): void;
  /** The page is gone; it may come back as another. */
  detach(): void;
  askForOffer(callId: string, round: number, path: 'direct' | 'relay'): void;
  askForAnswer(callId: string, round: number, offer: string): void;
  giveAnswer(callId: string, round: number, answer: string): void;
  /** What became of its wish to show a picture; where it is agreed another round follows. */
  tellPicture(callId: string, agreed: boolean): void;
  /** The other side pressed a key, on a telephone. */
  showKey(callId: string, key: string): void;
}

/**
 * Ringing itself needs no message of its own: the call's view goes to all pages of its people with every change, and
 * says that it rings.
 */
export function createWebLeg(options: {
  id: string;
  personId: string;
  /** Set for a page that is there from the start; null when it is lost for the moment. */
  connectionId?: string | null;
  live: Pick<Live, 'signal'>;
  events: LegEvents;
}): WebLeg {
  const { live } = options;
  let { events } = options;
  let state: Leg['state'] = options.connectionId === undefined ? 'idle' : 'answered';
  let connectionId: string | null = options.connectionId ?? null;

  const leg: WebLeg = {
    id: options.id,
    kind: 'page',
    personId: options.personId,
    get state() {
      return state;
    },
    get connectionId() {
      return connectionId;
    },
    async ring() {
      state = 'ringing';
    },
    stop() {
      state = 'ended';
    },
    end(_reason: EndReason) {
      state = 'ended';
    },
    follow(next) {
      events = next;
    },
    answer(by) {
      if (state !== 'ringing') return false;
      state = 'answered';
      connectionId = by;
      events.answered(leg);
      return true;
    },
    decline() {
      if (state !== 'ringing') return;
      state = 'ended';
      events.refused(leg, 'declined');
    },
    hangUp() {
      if (state === 'answered') events.hungUp(leg);
    },
    hold(held) {
      if (state === 'answered') events.held(leg, held);
    },
    moveTo(next) {
      if (state === 'answered') connectionId = next;
    },
    detach() {
      connectionId = null;
    },
    askForOffer(callId, round, path) {
      if (connectionId) live.signal({ connectionId }, mediaRound, { callId, round, path, role: 'offer' });
    },
    askForAnswer(callId, round, sdp) {
      if (connectionId)
        live.signal({ connectionId }, mediaRound, { callId, round, path: 'direct', role: 'answer', sdp });
    },
    tellPicture(callId, agreed) {
      if (connectionId) live.signal({ connectionId }, pictureAnswered, { callId, agreed });
    },
    showKey(callId, key) {
      if (connectionId) live.signal({ connectionId }, keyPressed, { callId, key });
    },
    giveAnswer(callId, round, sdp) {
      if (connectionId) live.signal({ connectionId }, mediaAnswer, { callId, round, sdp });
    },
  };
  return leg;
}
