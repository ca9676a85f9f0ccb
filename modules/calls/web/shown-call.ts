import type { CallView } from '../contract/index.ts';
import type { CallsState } from './calls-state.ts';

/** Rings for this person, anywhere, and was not taken yet. */
export const ringsForMe = (call: CallView): boolean =>
  call.direction === 'incoming' && call.state === 'ringing';

/** The call that the line shows: the one that is talked in here, else what rings, else what goes on elsewhere. */
export function shownCall({ calls, here }: Pick<CallsState, 'calls' | 'here'>): CallView | null {
  return here ?? calls.find(ringsForMe) ?? calls.at(-1) ?? null;
}

/** The call that the dossier opens for: it rings, and nobody here has answered it yet. */
export const ringingCall = ({ calls, here }: Pick<CallsState, 'calls' | 'here'>): CallView | null =>
  calls.find((call) => ringsForMe(call) && call !== here) ?? null;

/** Where a call is while it is not on this page. */
export const placeOf = (call: CallView): 'page' | 'telephone' | 'nowhere' =>
  call.mine === null ? 'nowhere' : call.mine.kind === 'telephone' ? 'telephone' : 'page';

/** Somebody rings while this person talks, here or on a telephone of hers. */
export const isWaiting = (ringing: CallView, { calls }: Pick<CallsState, 'calls'>): boolean =>
  calls.some((call) => call !== ringing && call.state === 'connected');
