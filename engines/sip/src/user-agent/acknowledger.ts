import type { Dialog } from '../dialog/dialog.ts';
import type { SipRequest } from '../message/message.ts';
import type { Flow } from '../transport/types.ts';
import type { AgentContext } from './context.ts';

/** The ACKs for the 2xx of our INVITEs in one dialog (RFC 3261 §13.2.2.4). */
export interface Acknowledger {
  acknowledge(sequence: number, sdp?: string): void;
  /** The same ACK again, for a 2xx that came again; false when there was none yet. */
  reacknowledge(sequence: number): boolean;
}

export function createAcknowledger(
  context: Pick<AgentContext, 'sendAck'>,
  dialog: Dialog,
  flow: () => Flow,
): Acknowledger {
  /** Only the last 2xx can still come again. */
  let last: { sequence: number; ack: SipRequest } | undefined;
  return {
    acknowledge(sequence, sdp) {
      const ack = dialog.createRequest('ACK', {
        sequence,
        ...(sdp !== undefined && { headers: [['content-type', 'application/sdp'] as const], body: sdp }),
      });
      last = { sequence, ack };
      context.sendAck(ack, flow());
    },
    reacknowledge(sequence) {
      if (last?.sequence !== sequence) return false;
      context.sendAck(last.ack, flow());
      return true;
    },
  };
}
