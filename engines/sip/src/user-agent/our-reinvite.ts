import type { TimerHandle } from '../clock.ts';
import type { Dialog } from '../dialog/dialog.ts';
import type { ClientCredentials } from '../digest/client.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { SipRefusal } from '../refusal.ts';
import type { Flow } from '../transport/types.ts';
import type { AgentContext } from './context.ts';
import { tryAnswerChallenge } from './exchange.ts';
import { sdpOf } from './session-description.ts';
import type { SessionInterval } from './session-interval.ts';
import type { EndCause } from './types.ts';

/*
 * A re-INVITE of ours (RFC 3261 §14.1).
 *
 * idle      nothing under way.
 * inviting  the INVITE is out. 2xx: acknowledged → idle; 491 → waiting; 401, 407: signed in, once more;
 *           422: once more, with a longer interval; 481, 408, no answer: the session ends; any other refusal leaves it as it was → idle.
 * waiting   both sides tried at once; theirs may come now. When the time is up and theirs is done → inviting.
 */

export interface OurReinvite {
  /** Offers; answers the answer. Throws SipRefusal. */
  send(sdp: string): Promise<string>;
  /** An INVITE is out: one of theirs is glare. */
  readonly isInviting: boolean;
  /** The session is over: what waits is refused. */
  abandon(): void;
}

/** The ACKs for the 2xx of our INVITEs in one dialog. */
export interface Acknowledger {
  acknowledge(sequence: number): SipRequest;
  /** The same ACK again. */
  reacknowledge(ack: SipRequest): void;
}

export interface OurReinviteOptions {
  readonly dialog: Dialog;
  readonly contact: string;
  readonly auth: ClientCredentials | undefined;
  /** We sent the first INVITE. */
  readonly ownsCallId: boolean;
  readonly acknowledger: Acknowledger;
  readonly interval: SessionInterval;
  flow(): Flow;
  /** The session's interval was agreed on anew. */
  agreed(): void;
  /** Resolves when no INVITE of theirs is under way, or the session is over. */
  theirsDone(): Promise<void>;
  hangUp(why: EndCause): void;
}

const maxGlareRetries = 3;

export function createOurReinvite(context: AgentContext, options: OurReinviteOptions): OurReinvite {
  const { dialog, acknowledger, interval } = options;
  const { clock } = context;
  let isInviting = false;
  let isAbandoned = false;
  let glare: { timer: TimerHandle; resume: () => void } | undefined;

  /** The final response to one INVITE, after a 2xx was acknowledged; undefined when none will come. */
  function invite(
    sdp: string,
    attempt: number,
    auth: readonly (readonly [string, string])[],
  ): Promise<{ response: SipResponse; challengeAnswer: readonly [string, string] | undefined }> {
    return new Promise((resolve, reject) => {
      const request = dialog.createRequest('INVITE', {
        headers: [
          ['contact', options.contact],
          ['allow', context.capabilities.allow],
          ['supported', context.capabilities.supported],
          ...interval.offer(),
          ['content-type', 'application/sdp'],
          ...auth,
        ],
        body: sdp,
      });
      let ack: SipRequest | undefined;
      isInviting = true;
      context.request(request, options.flow(), {
        response(response) {
          if (response.status < 200) return;
          isInviting = false;
          if (response.status < 300) {
            if (ack) {
              acknowledger.reacknowledge(ack);
              return;
            }
            dialog.refreshTarget(response);
            ack = acknowledger.acknowledge(request.cseq.number);
            interval.answered(response);
            options.agreed();
          }
          resolve({
            response,
            challengeAnswer: tryAnswerChallenge(response, request, options.auth, attempt),
          });
        },
        failed(failure) {
          isInviting = false;
          reject(
            failure === 'timeout'
              ? new SipRefusal(408, 'Request Timeout')
              : new SipRefusal(503, 'Service Unavailable'),
          );
          options.hangUp({ by: failure }); // RFC 3261 §12.2.1.2
        },
      });
    });
  }

  /** RFC 3261 §14.1: whoever owns the Call-ID waits longer. */
  async function waitAfterGlare(): Promise<void> {
    const waitMs = options.ownsCallId ? 2100 + Math.random() * 1900 : Math.random() * 2000;
    await new Promise<void>((resolve) => {
      const resume = () => {
        glare = undefined;
        resolve();
      };
      glare = { timer: clock.setTimer(resume, waitMs), resume };
    });
    await options.theirsDone();
  }

  async function send(sdp: string): Promise<string> {
    let auth: readonly (readonly [string, string])[] = [];
    for (let attempt = 1; !isAbandoned; attempt++) {
      const { response, challengeAnswer } = await invite(sdp, attempt, auth);
      if (response.status < 300) {
        const answer = sdpOf(response);
        if (answer === undefined) throw new SipRefusal(488, 'Answer Without SDP');
        return answer;
      }
      if (response.status === 491 && attempt <= maxGlareRetries) {
        await waitAfterGlare();
      } else if (challengeAnswer) {
        auth = [challengeAnswer];
      } else if (response.status === 422 && interval.raise(response)) {
        auth = []; // RFC 4028 §7.3: again, with the interval that was asked for.
      } else {
        // RFC 3261 §12.2.1.2: the other side no longer knows this dialog.
        if (response.status === 481 || response.status === 408) options.hangUp({ by: 'remote' });
        throw new SipRefusal(response.status, response.reasonPhrase);
      }
    }
    throw new SipRefusal(487, 'Session Ended');
  }

  return {
    send,
    get isInviting() {
      return isInviting;
    },
    abandon() {
      isAbandoned = true;
      if (!glare) return;
      clock.clearTimer(glare.timer);
      glare.resume();
    },
  };
}
