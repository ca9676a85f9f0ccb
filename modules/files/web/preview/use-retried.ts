import { useEffect, useRef, useState } from 'react';

const mostAttempts = 8;
const usualWaitMs = 10_000;
/** Those that were refused together come back apart. */
const spreadMs = 3000;

/** How long until a picture that did not come may be asked for again; null for one that there is not. */
async function waitOf(address: string): Promise<number | null> {
  const answer = await fetch(address, { credentials: 'same-origin' }).catch(() => null);
  void answer?.body?.cancel().catch(() => {});
  if (answer?.ok) return 0;
  if (answer && answer.status !== 503) return null;
  const seconds = Number(answer?.headers.get('retry-after') ?? Number.NaN);
  return (Number.isFinite(seconds) ? seconds * 1000 : usualWaitMs) + Math.random() * spreadMs;
}

/**
 * An `<img>` that may be refused for a while: give it `attempt` as its key. One that the server is too busy to draw is asked for
 * again by itself; one that it cannot draw has failed.
 */
export function useRetried(
  address: string,
  onFail: () => void,
): { readonly attempt: number; readonly onError: () => void } {
  const [attempt, setAttempt] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isGone = useRef(false);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
      clearTimeout(timer.current);
    };
  }, []);
  const onError = async (): Promise<void> => {
    // An image does not say why it failed.
    const waitMs = attempt < mostAttempts ? await waitOf(address) : null;
    if (isGone.current) return;
    if (waitMs === null || (waitMs === 0 && attempt > 0)) onFail();
    else timer.current = setTimeout(() => setAttempt(attempt + 1), waitMs);
  };
  return { attempt, onError: () => void onError() };
}
