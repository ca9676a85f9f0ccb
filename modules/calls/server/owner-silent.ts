import { Problem } from '@liaison/core/contract';
import type { OutcomeUnknown } from '@liaison/core/owned';

/** The process of a call did not answer: it is dying, or the way to it is cut for a moment. */
export const ownerSilent = (cause: OutcomeUnknown) =>
  new Problem(
    503,
    'outcome-unknown',
    'The server that holds this call does not answer; try again in a moment.',
    {
      retryAfterSeconds: 2,
      cause,
    },
  );
