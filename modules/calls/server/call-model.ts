import type { Log } from '@liaison/core/log';
import type { CallView, EndReason } from '../contract/index.ts';
import type { CallMedia } from './call-media.ts';
import type { CallQuality } from './call-quality.ts';
import type { CallPart, Released, Side, TransferOutcome } from './handover.ts';
import type { Leg, LegEvents, Referral } from './leg.ts';
import type { MediaPool, Relay } from './media/media.ts';
import type { CallInspection } from './watch/inspection.ts';
import type { WebLeg } from './web-leg.ts';

export interface CallEvents {
  /** Something that its people see has changed. */
  changed(call: Call): void;
  answered(call: Call): void;
  /** The last thing a call tells. `missed`: it rang, and nobody there answered or refused. */
  ended(call: Call, reason: EndReason, missed: boolean): void;
  /** After that, when a relay carried the sound. */
  sounded?(call: Call, quality: CallQuality): void;
  /** It goes on with somebody else in the place of one of its people. */
  parted?(call: Call, part: CallPart): void;
  /** Whom it was handed to is not there: answer with `comeBack` and `ring`, or `end`. Absent: it ends. */
  unanswered?(call: Call, by: Side, reason: EndReason): void;
  /** A telephone asks for a transfer. Absent: refused. */
  referred?(call: Call, leg: Leg, referral: Referral): void;
}

/** How long a call rings, and how long a page that vanished is waited for, in milliseconds. */
export interface CallTimes {
  readonly ringMs: number;
  readonly returnMs: number;
}

export const defaultTimes: CallTimes = { ringMs: 45_000, returnMs: 20_000 };

/**
 * The call model: it joins legs and knows nothing of what they are.
 *
 * States: *ringing* (the caller's leg is there, the callee's legs ring) → first leg that answers → *connected* (two
 * legs talk, all others were told "completed elsewhere") → *ended*. Ended from ringing by cancel, decline, busy,
 * no answer; from connected by either side hanging up, or by a page that does not come back.
 *
 * A transfer goes from *connected* back to *ringing*: who stays is the caller from then on, and whom it is handed to the
 * callee. Where nobody answers it comes back: to the telephone that asked and still waits, otherwise by ringing who handed
 * it over. Two calls are joined by `release` of one, which ends it, and `admit` to the other. A person's own leg may be
 * replaced by another one of hers while she talks (`take`, `moveTo`); nobody else notices.
 *
 * Owned by one process (`core/owned`, kind `call`); every method is called there.
 */
export interface Call {
  readonly id: string;
  readonly orgId: string;
  readonly caller: Side;
  readonly callee: Side;
  readonly state: CallView['state'];
  /** Of its present two people. */
  readonly startedAt: Date;
  readonly answeredAt: Date | null;
  readonly media: CallMedia;
  /** Rings these legs; none at all ends the call as `offline`. */
  ring(legs: readonly Leg[]): Promise<void>;
  /** The page leg of a person, if her side has one; one that is still taking over comes first. */
  webLeg(personId: string): WebLeg | null;
  /** Hangs up, cancels or declines, as the state and side say. */
  leave(personId: string): void;
  hold(personId: string, held: boolean): void;
  /** A page of this call is gone: its leg waits for another page, then hangs up. */
  pageLost(connectionId: string): void;
  /** A page takes over its person's side, from another page or from her telephone (then `makeLeg` makes its leg). */
  take(personId: string, connectionId: string, makeLeg: (events: LegEvents) => WebLeg): boolean;
  end(reason: EndReason): void;
  viewFor(personId: string): CallView | null;
  /** For administrators: its legs and how its sound goes, never what is said. */
  inspect(): CallInspection;
  relay(): Promise<Relay>;
  /**
   * `personId` hands the other one over and leaves; ring the legs of `to` next. `park`: her telephone is kept until it is
   * known how that went, which `outcome` is told.
   */
  transfer(personId: string, to: Side, how?: { park?: boolean; outcome?: TransferOutcome }): boolean;
  /** After `unanswered`: it is handed back; ring the legs of who handed it over next. */
  comeBack(reason: EndReason): boolean;
  /**
   * Takes the other one of `personId` out, for `admit` to the call `into`, where `withWhom` is; this one ends. `gently`: her
   * telephone hangs up by itself.
   */
  release(personId: string, into: string, withWhom: Side, gently?: boolean): Released | null;
  /** Puts somebody in the place of `personId`, who leaves; `comesFirst`: as the caller. */
  admit(personId: string, released: Released, how?: { comesFirst?: boolean; gently?: boolean }): boolean;
  /** The one whom a person talks with, or rings. */
  otherThan(personId: string): { side: Side; leg: Leg | null } | null;
  /** Whom its two were joined with elsewhere, when it ended by `release`. */
  readonly joinedWith: Side | null;
  legOf(personId: string): Leg | null;
  /** All that are there, or ring. */
  readonly legs: readonly Leg[];
  /** Rings another leg of a person, and goes on there once it answers. */
  moveTo(personId: string, leg: Leg, timeoutMs: number): Promise<boolean>;
  /** Stops that ringing. */
  stay(personId: string): void;
  /** Another leg of the same person, that is there already, takes the place of one, ringing or answered. */
  replaceLeg(old: Leg, next: Leg): boolean;
}

export interface CallOptions {
  readonly id: string;
  readonly orgId: string;
  readonly caller: Side;
  readonly callee: Side;
  /** Makes the caller's leg with the call's own events. */
  callerLeg(events: LegEvents): Leg;
  readonly pool: MediaPool | null;
  readonly log: Log;
  readonly events: CallEvents;
  readonly times?: CallTimes;
}
