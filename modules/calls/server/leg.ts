import type { IncomingReferral } from '@liaison/sip';
import type { EndReason } from '../contract/index.ts';
import type { ShownVideo } from './telephone-media.ts';

/** Why a ringing leg stops without having been answered (RFC 3326 says it to telephones). */
export type StopReason = 'completed-elsewhere' | 'cancelled' | 'declined-elsewhere' | 'no-answer';

/**
 * One dialog with one endpoint. The call model knows legs only; how an endpoint is rung, answered and told lies in its
 * adapter (`web-leg.ts`, `sip-leg.ts`, `features/service-leg.ts`; voicemail, queues, trunks and rooms follow).
 *
 * States: *idle* → ring → *ringing* → answered → *answered* → end → *ended*; every state → *ended*. The caller's leg is
 * made *answered*, in the sense that somebody is there.
 */
export interface Leg {
  /** What a calling telephone can show, which whoever is rung is offered. */
  readonly shows?: readonly ShownVideo[];
  /** Also the name of its end in a relay. */
  readonly id: string;
  readonly kind: 'page' | 'telephone' | 'service';
  readonly personId: string | null;
  /** The telephone's device; none for pages. */
  readonly deviceId?: string;
  readonly state: 'idle' | 'ringing' | 'answered' | 'ended';
  /** Starts to ring; resolves when the endpoint was asked, not when it answers. */
  ring(): Promise<void>;
  /** Stops a leg that was not answered. */
  stop(reason: StopReason): void;
  /** Ends an answered leg, or refuses the caller's one. */
  end(reason: EndReason): void;
  /** From now on it tells another call. */
  follow(events: LegEvents): void;
}

/** What a leg tells its call. Called at most once each where that makes sense, never after `end` or `stop`. */
export interface LegEvents {
  answered(leg: Leg): void;
  /** It will not ring (any more): refused by its person (`declined`), or by its device alone. */
  refused(leg: Leg, how: 'declined' | 'busy' | 'failed'): void;
  /** Hung up by its side after it was answered, or the caller gave up. */
  hungUp(leg: Leg): void;
  /** Its side wants silence, or wants to go on. */
  held(leg: Leg, held: boolean): void;
  /** Its telephone has offered anew, and was answered: who talks with it may follow. */
  reagreed?(leg: Leg): void;
  /** It sounds before it is answered: an announcement, or a ring of its own (183 with a description). */
  early?(leg: Leg): void;
  /** Its telephone asks that the other one talk to somebody else (RFC 3515). */
  referred?(leg: Leg, referral: Referral): void;
}

/** A transfer that a telephone asks for; who decides answers it, and tells how it goes until its end. */
export interface Referral
  extends Pick<IncomingReferral, 'target' | 'method' | 'replaces' | 'accept' | 'reject' | 'notify'> {
  /** Which call `replaces` names, where the telephone's process has found that out; null: none. */
  readonly other?: Omit<NamedCall, 'legId'> | null;
}

/** A call by one of its dialogs, and whose telephone that dialog is with. */
export interface NamedCall {
  readonly call: { readonly id: string; readonly orgId: string };
  readonly personId: string | null;
  /** Of that telephone. */
  readonly legId: string;
}
