import type { SipRequest, SipResponse } from '../message/message.ts';
import { parseNumber } from '../message/typed-headers.ts';
import { requires } from './capabilities.ts';
import { sdpOf } from './session-description.ts';
import type { SessionDialog } from './session-dialog.ts';

/** One of the places that an INVITE of ours has reached (RFC 3261 §12.1.2: each has a tag of its own). */
export interface Fork {
  readonly inDialog: SessionDialog;
  /** The answer that came in a reliable provisional response: it holds (RFC 3262 §5). */
  answer: string | undefined;
  isAnswered: boolean;
  /** What its 2xx was acknowledged with. */
  ack: SipRequest | undefined;
}

export interface EarlyDialogs {
  get(tag: string): Fork | undefined;
  /** The last one that answered our offer reliably. */
  answering(): Fork | undefined;
  /** The fork that this response belongs to, opened when it is the first from there; undefined beyond the bound. */
  take(response: SipResponse): Fork | undefined;
  /**
   * Notes a reliable provisional response and acknowledges it (RFC 3262 §4). False: it came before, or too early, and
   * is to be ignored.
   */
  acknowledge(response: SipResponse, inviteSequence: number): boolean;
  /** Closes all that were not answered. */
  closeOthers(): void;
}

const maxForks = 32;

export function createEarlyDialogs(
  open: (response: SipResponse) => SessionDialog,
  prackFailed: (error: unknown) => void,
): EarlyDialogs {
  const forks = new Map<string, Fork & { lastRseq: number | undefined }>();

  function take(response: SipResponse) {
    const tag = response.toTag ?? '';
    const known = forks.get(tag);
    if (known) return known;
    if (forks.size >= maxForks) return undefined;
    const fork = {
      inDialog: open(response),
      answer: undefined,
      isAnswered: false,
      ack: undefined,
      lastRseq: undefined,
    };
    forks.set(tag, fork);
    return fork;
  }

  return {
    get: (tag) => forks.get(tag),
    answering: () => [...forks.values()].findLast((fork) => fork.answer !== undefined),
    take,
    acknowledge(response, inviteSequence) {
      const rseq = parseNumber(response.headers.get('rseq') ?? '', 2 ** 32 - 1);
      if (response.status === 100 || rseq === undefined || !requires(response, '100rel')) return true;
      if (response.toTag === undefined) return true;
      const fork = take(response);
      if (!fork) return false;
      // RFC 3262 §4: in order, and each once.
      if (fork.lastRseq !== undefined && rseq !== fork.lastRseq + 1) return false;
      fork.lastRseq = rseq;
      fork.answer ??= sdpOf(response);
      fork.inDialog.send('PRACK', [['rack', `${rseq} ${inviteSequence} INVITE`]]).catch(prackFailed);
      return true;
    },
    closeOthers() {
      for (const fork of forks.values()) if (!fork.isAnswered) fork.inDialog.close();
    },
  };
}
