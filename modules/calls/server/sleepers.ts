import type { ClosedPages } from '@liaison/notify';
import type { Reachability } from '@liaison/reach';
import { type Call, type CallTimes, defaultTimes } from './call-model.ts';

/** Pages of people that are closed, and are woken by a call as a telephone is. */
export interface Sleepers {
  mayWake(orgId: string, personId: string): Promise<boolean>;
  /** Whether nobody looks at any page of hers: none is open, or all have been left alone, and she is in no other call. */
  isAsleep(state: Reachability | undefined): boolean;
  wake(call: Call, personId: string): void;
  stop(call: Call): void;
}

export function createSleepers(
  closedPages: ClosedPages | undefined,
  { ringMs }: Pick<CallTimes, 'ringMs'> = defaultTimes,
): Sleepers {
  const woken = new Map<string, string>();
  return {
    mayWake: async (orgId, personId) => (await closedPages?.mayRing(orgId, personId)) ?? false,
    isAsleep(state) {
      if (!state) return true;
      if (state.state === 'dnd' || state.state === 'call' || state.state === 'ringing') return false;
      return !state.page || state.state === 'away';
    },
    wake(call, personId) {
      woken.set(call.id, personId);
      closedPages?.ring({
        orgId: call.orgId,
        personId,
        callId: call.id,
        from: call.caller.party.name,
        until: new Date(Date.now() + ringMs),
      });
    },
    stop(call) {
      const personId = woken.get(call.id);
      if (personId === undefined) return;
      woken.delete(call.id);
      closedPages?.stopRinging({ orgId: call.orgId, personId, callId: call.id });
    },
  };
}
