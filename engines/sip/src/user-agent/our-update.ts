import type { SipRequest, SipResponse } from '../message/message.ts';
import { SipRefusal } from '../refusal.ts';
import type { AgentContext } from './context.ts';
import { sdpOf } from './session-description.ts';
import type { SessionInterval } from './session-interval.ts';
import type { EndCause } from './types.ts';

/** UPDATE of ours (RFC 3311 §5.1): an offer, or without one a sign of life (RFC 4028 §7.4). */
export interface OurUpdate {
  /** Answers the answer to an offer; undefined without one. Throws SipRefusal. */
  send(sdp?: string): Promise<string | undefined>;
  /** An UPDATE with an offer is out. */
  readonly isOffering: boolean;
}

const reason408 = { protocol: 'SIP', cause: 408, text: 'Session refresh failed' };

export function createOurUpdate(
  context: AgentContext,
  options: {
    readonly contact: string;
    readonly interval: SessionInterval;
    send(method: string, headers: readonly (readonly [string, string])[], body: string): Promise<SipResponse>;
    refreshTarget(message: SipRequest | SipResponse): void;
    agreed(): void;
    hangUp(why: EndCause): void;
  },
): OurUpdate {
  const { interval } = options;
  let isOffering = false;

  async function attempt(sdp: string | undefined): Promise<SipResponse> {
    for (;;) {
      const response = await options.send(
        'UPDATE',
        [
          ['contact', options.contact],
          ['allow', context.capabilities.allow],
          ['supported', context.capabilities.supported],
          ...interval.offer(),
          ...(sdp === undefined ? [] : [['content-type', 'application/sdp'] as const]),
        ],
        sdp ?? '',
      );
      if (response.status !== 422 || !interval.raise(response)) return response;
    }
  }

  return {
    get isOffering() {
      return isOffering;
    },
    async send(sdp) {
      isOffering = sdp !== undefined;
      let response: SipResponse;
      try {
        response = await attempt(sdp);
      } finally {
        isOffering = false;
      }
      if (response.status >= 300) {
        // RFC 3311 §5.1, RFC 4028 §10: the other side is gone.
        if (response.status === 481) options.hangUp({ by: 'remote', reason: reason408 });
        if (response.status === 408) options.hangUp({ by: 'timeout', reason: reason408 });
        throw new SipRefusal(response.status, response.reasonPhrase);
      }
      options.refreshTarget(response);
      interval.answered(response);
      options.agreed();
      const answer = sdpOf(response);
      if (sdp !== undefined && answer === undefined) throw new SipRefusal(488, 'Answer Without SDP');
      return answer;
    },
  };
}
