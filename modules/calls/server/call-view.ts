import type { CallView, EndReason } from '../contract/index.ts';
import type { Handover, Side } from './handover.ts';
import type { Leg } from './leg.ts';
import type { CallInspection } from './watch/inspection.ts';
import type { WebLeg } from './web-leg.ts';

/** What is seen of a call, by whomever. */
export interface CallFacts {
  readonly id: string;
  readonly state: CallView['state'];
  readonly caller: Side;
  readonly callee: Side;
  readonly callerLeg: Leg;
  /** The callee's leg that answered. */
  readonly winner: Leg | null;
  readonly ringing: readonly Leg[];
  readonly held: ReadonlySet<Leg>;
  /** Pages that vanished and are waited for. */
  readonly lost: ReadonlyMap<Leg, unknown>;
  readonly startedAt: Date;
  readonly answeredAt: Date | null;
  readonly endedAt: Date | null;
  readonly endReason: EndReason | null;
  readonly endedBy: Side | null;
  readonly part: number;
  readonly transferredBy: Side | null;
  readonly handover: Handover | null;
  readonly released: { readonly into: string; readonly to: Side } | null;
}

/** A call as one of its two people sees it; `arriving` is her page that is taking over, `movingTo` the device that rings to. */
export function callViewOf(
  facts: CallFacts,
  side: Side,
  { arriving, movingTo }: { arriving: WebLeg | null; movingTo: Leg | null },
): CallView {
  const { state, callerLeg, winner, ringing, held, lost, handover, released } = facts;
  const isCaller = side === facts.caller;
  const [mine, theirs] = isCaller ? [callerLeg, winner] : [winner, callerLeg];
  return {
    id: facts.id,
    direction: isCaller ? 'outgoing' : 'incoming',
    state,
    peer: isCaller ? facts.callee.party : facts.caller.party,
    mine: placeOf(arriving ?? mine),
    peerKind: state === 'connected' && theirs ? theirs.kind : null,
    ringing: {
      pages: ringing.some((leg) => leg.kind === 'page'),
      telephones: ringing.filter((leg) => leg.kind === 'telephone').length,
    },
    heldByMe: mine !== null && held.has(mine),
    heldByPeer: theirs !== null && held.has(theirs),
    peerLost: theirs !== null && lost.has(theirs),
    startedAt: facts.startedAt.toISOString(),
    answeredAt: facts.answeredAt?.toISOString() ?? null,
    endedAt: facts.endedAt?.toISOString() ?? null,
    reason: facts.endReason,
    endedBy: facts.endedBy && (facts.endedBy === side ? 'me' : 'peer'),
    part: facts.part,
    transferredBy: facts.transferredBy?.party ?? null,
    transferredTo: released?.to.party ?? null,
    returned: handover?.returned ? { from: handover.to.party, reason: handover.returned } : null,
    continuesAs: released?.into ?? null,
    movingTo: movingTo?.deviceId ?? null,
  };
}

/** The last that somebody sees of a call that goes on without her. */
export const lastViewOf = (view: CallView, reason: EndReason, transferredTo: Side | null): CallView => ({
  ...view,
  state: 'ended',
  endedAt: new Date().toISOString(),
  reason,
  transferredTo: transferredTo?.party ?? null,
  movingTo: null,
});

function placeOf(leg: Leg | null): CallView['mine'] {
  if (leg === null || leg.kind === 'service') return null;
  return {
    kind: leg.kind,
    connectionId: leg.kind === 'page' ? (leg as WebLeg).connectionId : null,
    deviceId: leg.deviceId ?? null,
  };
}

/** A call as administrators see it: its legs and how its sound goes, never what is said. */
export function inspectionOf(facts: CallFacts, path: CallInspection['path']): CallInspection {
  const { state, callerLeg, winner, ringing, held } = facts;
  const legs = [
    { role: 'caller' as const, leg: callerLeg },
    ...(winner ? [{ role: 'callee' as const, leg: winner }] : []),
    ...ringing.map((leg) => ({ role: 'rings' as const, leg })),
  ];
  return {
    state,
    path,
    legs: legs.map(({ role, leg }) => ({
      id: leg.id,
      role,
      kind: leg.kind,
      personId: leg.personId,
      held: held.has(leg),
    })),
  };
}
