/** Throw it from a handler to choose the answer; any other error is logged and answered 500. */
export class SipRefusal extends Error {
  override readonly name = 'SipRefusal';
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];

  constructor(status: number, reason: string, headers: readonly (readonly [string, string])[] = []) {
    // Each challenge is one: where it was thrown tells nobody anything, and to note that costs more than the answer.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(reason);
    Error.stackTraceLimit = stackTraceLimit;
    this.status = status;
    this.headers = headers;
  }
}
