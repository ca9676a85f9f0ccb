import { conflict } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { FarTelephones } from '../far/far-telephones.ts';
import { type FarLineAddress, flowsOf } from '../far/messages.ts';
import type { Leg } from '../leg.ts';
import type { SipLeg } from '../sip-leg.ts';
import type { Telephones } from '../telephones.ts';

interface CallName {
  readonly id: string;
  readonly orgId: string;
}

/**
 * A telephone's dialog stays where its flow is, and the call that hears of it changes: `far/line-driver.ts` drives it for
 * whichever process owns that call.
 */
export interface LineMoves extends Pick<FarTelephones, 'expect' | 'follow'> {
  /**
   * Gives a telephone that talks in a call of this process to one of another process, as the leg `as` there.
   *
   * @throws Problem 409 `call-gone` when its dialog is over, or nobody drives it.
   */
  give(leg: Leg, call: CallName, as: string): Promise<FarLineAddress>;
  /** Hangs up what was given, and is not wanted there. */
  hangUp(line: FarLineAddress, as: string): Promise<void>;
}

export function createLineMoves({
  owned,
  far,
  telephones,
}: {
  owned: Core['owned'];
  far: FarTelephones;
  telephones: () => Telephones;
}): LineMoves {
  return {
    expect: far.expect,
    follow: far.follow,
    async give(leg, call, as) {
      const { dialog, deviceId, personId } = leg as SipLeg;
      const sessions = telephones().userAgent?.sessions.values() ?? [];
      const session = [...sessions].find((each) => each === dialog);
      const flow = session?.flow;
      if (session && flow && session.state === 'confirmed' && personId !== null) {
        const isDriven = telephones().drive(session, {
          legId: as,
          call,
          personId,
          deviceId,
          isExpected: true,
        });
        if (isDriven) return { processId: owned.processId, flow: { ...flow } };
      }
      const at = session ? null : await far.give(dialog, call, as);
      if (!at) throw conflict('call-gone', 'This call has ended.');
      return at;
    },
    async hangUp({ processId }, legId) {
      await owned.send(flowsOf(processId), 'line', { order: 'bye', legId });
    },
  };
}
