/**
 * An error that says why and what would help, as RFC 9457 problem details.
 *
 * `code` is stable and is what screens translate (`problems:<code>`); `detail` is an English sentence for logs and
 * strangers' programs. Never put content or secrets in it.
 */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly requestId?: string;
  /** For invalid input: where and why, at most 20. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  /** When to try again, in seconds. */
  readonly retryAfterSeconds?: number;
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string | undefined;
  readonly errors: ProblemBody['errors'];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: string,
    title: string,
    more: {
      detail?: string;
      errors?: ProblemBody['errors'];
      retryAfterSeconds?: number;
      cause?: unknown;
    } = {},
  ) {
    super(title, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.detail = more.detail;
    this.errors = more.errors;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }

  body(requestId?: string): ProblemBody {
    return {
      type: `urn:liaison:problem:${this.code}`,
      title: this.message,
      status: this.status,
      code: this.code,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(this.errors === undefined ? {} : { errors: this.errors }),
      ...(this.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: this.retryAfterSeconds }),
    };
  }
}

/** What is not there and what may not be read answer alike, so that nobody learns that it exists. */
export const notFound = (what = 'This') =>
  new Problem(404, 'not-found', `${what} was not found, or you may not see it.`);

/** For `.catch` of what may be gone meanwhile: that is null, and whatever else went wrong goes on. */
export const nullIfMissing = (error: unknown): null => {
  if (error instanceof Problem && error.status === 404) return null;
  throw error;
};

export const forbidden = (detail?: string) =>
  new Problem(403, 'forbidden', 'You may not do this.', detail === undefined ? {} : { detail });

export const invalid = (title: string, errors?: ProblemBody['errors']) =>
  new Problem(400, 'invalid', title, errors === undefined ? {} : { errors });

export const conflict = (code: string, title: string) => new Problem(409, code, title);
