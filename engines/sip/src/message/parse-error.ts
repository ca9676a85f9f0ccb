import type { SipRequest } from './message.ts';

/**
 * A message, or a part of one, that does not follow the grammar or exceeds a bound.
 * `status` is what a request with this fault is to be answered with; a faulty response is dropped.
 */
export class ParseError extends Error {
  override readonly name = 'ParseError';
  readonly status: number;
  /** The request as far as it could be read, so that it can be answered; absent when it cannot. */
  request?: SipRequest;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}
