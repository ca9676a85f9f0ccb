export type MediaErrorCode =
  /** The two sides share no codec, or the offer has none of ours: SIP 488. */
  | 'no-common-codec'
  /** Not SDP, too large, or without what the operation needs: SIP 488 (or 400). */
  | 'bad-sdp'
  /** The range LIAISON_RTP_PORTS is used up: SIP 503. */
  | 'no-port-free'
  /** No end of that name, or one of the other kind. */
  | 'unknown-end'
  | 'bad-request'
  /** The relay was closed. */
  | 'closed'
  /** The media process died, or cannot be started. */
  | 'lost'
  | 'timeout'
  /** Something unforeseen in the media process; the message says what. */
  | 'internal';

export class MediaError extends Error {
  override readonly name = 'MediaError';
  readonly code: MediaErrorCode;
  constructor(code: MediaErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
