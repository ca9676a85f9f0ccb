/** `bad-sdp`: malformed or beyond a bound. `no-common-codec`: fine, but nothing in it that we can take (SIP 488). */
export type SdpErrorCode = 'bad-sdp' | 'no-common-codec';

export class SdpError extends Error {
  override readonly name = 'SdpError';
  readonly code: SdpErrorCode;
  constructor(code: SdpErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
