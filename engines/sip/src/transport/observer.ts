import type { Flow } from './types.ts';

/** One message as it went over a flow; `bytes` belongs to the engine: copy it to keep it. */
export interface ObservedMessage {
  readonly direction: 'in' | 'out';
  readonly flow: Flow;
  readonly bytes: Buffer;
  readonly timeMs: number;
}

export type MessageObserver = (message: ObservedMessage) => void;

/** What a ladder diagram shows of a message: no bodies, no credentials. */
export interface MessageSummary {
  /** `INVITE` or `180 Ringing`. */
  readonly title: string;
  readonly isRequest: boolean;
  readonly callId: string;
  readonly cseq: string;
  readonly from: string;
  readonly to: string;
  /** Media type of the body, if there is one. */
  readonly contentType?: string;
  readonly length: number;
}

const maxValueLength = 256;

/** Reads the few lines that a diagram needs, without judging the message; undefined when it is none. */
export function summariseMessage(bytes: Buffer): MessageSummary | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.toString('utf8', 0, Math.min(end < 0 ? bytes.length : end, 16_384));
  const [startLine = '', ...lines] = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const request = /^([^ ]{1,32}) \S+ SIP\/2\.0$/.exec(startLine);
  const response = /^SIP\/2\.0 ([1-6][0-9]{2}.{0,128})$/.exec(startLine);
  if (!request && !response) return undefined;
  const value = (long: string, short: string): string => {
    const line = lines.find((one) => {
      const name = one.slice(0, one.indexOf(':')).trim().toLowerCase();
      return name === long || name === short;
    });
    return line === undefined
      ? ''
      : line
          .slice(line.indexOf(':') + 1)
          .trim()
          .slice(0, maxValueLength);
  };
  const contentType = value('content-type', 'c');
  return {
    title: request?.[1] ?? response?.[1]?.trim() ?? '',
    isRequest: request !== null,
    callId: value('call-id', 'i'),
    cseq: value('cseq', 'cseq'),
    from: value('from', 'f'),
    to: value('to', 't'),
    ...(contentType !== '' && { contentType }),
    length: bytes.length,
  };
}
