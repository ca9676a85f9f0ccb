import type { CallView, EndReason, Party } from '../contract/index.ts';
import type { FormerRelay } from './call-media.ts';
import type { Leg } from './leg.ts';

/** One side of a call: a person (or, later, somebody outside) and the legs that stand for her. */
export interface Side {
  readonly party: Party;
  readonly personId: string | null;
}

/** How a transfer came out, for the telephone that asked for it: once. */
export type TransferOutcome = (how: 'ringing' | 'answered' | EndReason) => void;

/** A telephone that hears that its transfer failed hangs up within this time, or keeps the call. */
export const farewellOnFailureMs = 700;

/** A transfer comes out one way, however much happens after. */
export function toldOnce(tell: TransferOutcome): TransferOutcome {
  let isOver = false;
  return (how) => {
    if (isOver) return;
    isOver = how !== 'ringing';
    tell(how);
  };
}

/** How the two of a call came together, where somebody handed one of them over. */
export interface Handover {
  readonly by: Side;
  readonly to: Side;
  /** The telephone of who handed over, while it waits for how it goes; the call goes back to it at once. */
  parked: Leg | null;
  readonly outcome: TransferOutcome;
  /** Set once nobody took it, and `by` is rung again. */
  returned: EndReason | null;
}

/**
 * Two people who were joined and are not any more, though the call goes on: a line of the history. The call's row goes on
 * with `next`.
 */
export interface CallPart {
  readonly caller: Side;
  readonly callee: Side;
  readonly reason: EndReason;
  readonly missed: boolean;
  /** Who is not in the call any more, and the last thing she sees of it. */
  readonly left: Side;
  readonly lastView: CallView | null;
  readonly transferredTo: Side | null;
  readonly next: {
    readonly caller: Side;
    readonly callee: Side;
    readonly since: Date;
    readonly answered: boolean;
    readonly transferredBy: Side | null;
    readonly returnedFrom: Side | null;
  };
}

/** One side taken out of a call that ends by it, to be admitted to another one. */
export interface Released {
  readonly side: Side;
  readonly leg: Leg;
  readonly held: boolean;
  /** Rounds of media up to this number are known to its page. */
  readonly round: number;
  /** Where it was heard; null for who comes from another process. To be closed by whoever does not admit it. */
  readonly former: FormerRelay | null;
}
