import { Problem, type ProblemBody } from '../contract/problem.ts';

/** A problem that came from the server, or from not reaching it (`status` 0). */
export class RequestProblem extends Problem {
  /** What the server's log knows it by: shown behind "Details". */
  readonly requestId: string | undefined;

  constructor(
    status: number,
    code: string,
    title: string,
    more: ConstructorParameters<typeof Problem>[3] & { requestId?: string } = {},
  ) {
    super(status, code, title, more);
    this.name = 'RequestProblem';
    this.requestId = more.requestId;
  }

  /** From the body of an answer (RFC 9457). */
  static of(body: ProblemBody, requestId?: string): RequestProblem {
    return new RequestProblem(body.status, body.code, body.title, {
      ...(body.detail === undefined ? {} : { detail: body.detail }),
      ...(body.errors === undefined ? {} : { errors: body.errors }),
      ...(body.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: body.retryAfterSeconds }),
      ...((body.requestId ?? requestId) ? { requestId: body.requestId ?? requestId } : {}),
    });
  }
}

export function isProblemBody(value: unknown): value is ProblemBody {
  const body = value as ProblemBody | null | undefined;
  return (
    typeof body === 'object' &&
    body !== null &&
    typeof body.code === 'string' &&
    typeof body.status === 'number' &&
    typeof body.title === 'string'
  );
}

/** The code of whatever was thrown; what nobody foresaw is `unexpected`. */
export const codeOf = (error: unknown): string => (error instanceof Problem ? error.code : 'unexpected');

/** True when it may be better in a moment without anybody doing something. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Problem &&
  (['offline', 'timeout', 'unreadable'].includes(error.code) || error.status >= 502);
