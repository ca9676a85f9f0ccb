import { ErrorNote } from '@liaison/ui';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../contract/problem.ts';
import { formatDuration, useFormat } from './format.ts';
import { useProblemText } from './problem-text.ts';

/**
 * What went wrong, in words, where it went wrong; nothing while nothing did. After too many tries it counts down to the next.
 * `title` and `text` take the place of what is said otherwise; `actions` are what would help.
 */
export function Trouble({
  error,
  title,
  text,
  actions,
}: {
  error: unknown;
  title?: string;
  text?: string;
  actions?: ReactNode;
}) {
  const { t } = useTranslation('core');
  const problemText = useProblemText();
  const wait = useWaitText(error);
  if (!error) return null;
  const { text: usual, reference, code } = problemText(error);
  // The reference helps with faults only; a refusal explains itself.
  const isFault = code === 'unexpected' || code === 'unreadable';
  return (
    <ErrorNote
      title={title ?? t('trouble')}
      {...(isFault && reference ? { reference } : {})}
      {...(actions ? { actions } : {})}
    >
      {text ?? wait ?? usual}
    </ErrorNote>
  );
}

/** After too many tries: when to try again, counting down; null for every other error. */
function useWaitText(error: unknown): string | null {
  const { t } = useTranslation('core');
  const { time } = useFormat();
  const seconds = error instanceof Problem && error.status === 429 ? error.retryAfterSeconds : undefined;
  const [until, setUntil] = useState<number | null>(null);
  const [now, setNow] = useState(Date.now);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each refusal starts the wait anew, also one of the same length
  useEffect(() => {
    if (seconds === undefined) return setUntil(null);
    setNow(Date.now());
    setUntil(Date.now() + seconds * 1000);
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [error, seconds]);
  if (seconds === undefined || until === null) return null;
  if (until <= now) return t('wait.over');
  return t('wait.until', { in: formatDuration(until - now), at: time(until) });
}
