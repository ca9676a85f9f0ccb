import { Problem } from '@liaison/core/contract';
import { formatDuration, useFormat } from '@liaison/core/web';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** After too many tries: when to try again, counting down; null for every other error. */
export function useWaitText(error: unknown): string | null {
  const { t } = useTranslation('people');
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
