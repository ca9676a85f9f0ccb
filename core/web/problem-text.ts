import type { i18n as I18n } from 'i18next';
import { useTranslation } from 'react-i18next';
import { Problem } from '../contract/problem.ts';
import { RequestProblem } from './request-problem.ts';

export interface ProblemText {
  /** What is, why, and what would help: one to three short sentences in the reader's language. */
  readonly text: string;
  readonly code: string;
  /** What the server's log knows it by. */
  readonly reference: string | undefined;
}

/** Sentences for codes that nobody named, by status. */
const codeByStatus: Readonly<Record<number, string>> = {
  401: 'signed-out',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  413: 'too-large',
  429: 'too-many',
};

/**
 * What to tell somebody about an error. A module names its own codes under `problem` in its strings
 * (`"problem": { "handle-taken": "…" }`); common ones are in core's; a code that nobody named gets the sentence of its
 * status. Where the server said when to try again, `_wait` sentences get the seconds as `count`.
 */
export function problemText(i18n: I18n, error: unknown): ProblemText {
  const problem = error instanceof Problem ? error : null;
  const code = problem?.code ?? 'unexpected';
  const status = problem?.status ?? 500;
  const reference = error instanceof RequestProblem ? error.requestId : undefined;
  const seconds = problem?.retryAfterSeconds;
  const values = seconds ? { count: seconds, context: 'wait' } : {};
  const namespaces = ['core', ...(i18n.options.ns as string[])];
  const key = namespaces.map((namespace) => `${namespace}:problem.${code}`).find((each) => i18n.exists(each));
  const fallback = codeByStatus[status] ?? (status >= 400 && status < 500 ? 'invalid' : 'unexpected');
  return { text: i18n.t(key ?? `core:problem.${fallback}`, values), code, reference };
}

/** `problemText` in the reader's language. */
export function useProblemText(): (error: unknown) => ProblemText {
  const { i18n } = useTranslation('core');
  return (error) => problemText(i18n, error);
}
