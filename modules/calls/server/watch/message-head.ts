export interface MessageHead {
  readonly callId: string;
  /** Of the CSeq: that of a request, or of the request that a response answers. */
  readonly method: string;
  /** `INVITE` or `180 Ringing`. */
  readonly title: string;
}

const maxHeadBytes = 8192;

/** The three things of a SIP message that tell where it belongs, read fast and without judging it; undefined: no message. */
export function readHead(bytes: Buffer): MessageHead | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.toString('latin1', 0, Math.min(end < 0 ? bytes.length : end, maxHeadBytes));
  const line = /^(?:([A-Z]{1,32}) \S+ SIP\/2\.0|SIP\/2\.0 ([1-6]\d\d)(?: ([^\r\n]{0,60}))?)/.exec(head);
  // RFC 3261 §7.3.3: `i` is the compact form; a name may be followed by spaces (§7.3.1).
  const callId = /^(?:call-id|i)[ \t]*:[ \t]*([^\s]{1,300})/im.exec(head)?.[1];
  const method = /^cseq[ \t]*:[ \t]*\d{1,10}[ \t]+([A-Z]{1,32})/im.exec(head)?.[1];
  if (!line || callId === undefined || method === undefined) return undefined;
  return { callId, method, title: line[1] ?? `${line[2]} ${line[3] ?? ''}`.trim() };
}
