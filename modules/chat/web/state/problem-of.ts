import { RequestProblem } from '@liaison/core/web';

/** A problem of which only the code was kept, for the sentence that is said about it. */
export const problemOf = (code: string): RequestProblem => new RequestProblem(0, code, code);
