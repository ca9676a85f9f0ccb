import { useSignal } from '@liaison/core/web';
import { useEffect, useState } from 'react';
import { keyPressed } from '../contract/index.ts';

/** How long keys are shown after the last of them, in milliseconds. */
const shownForMs = 6000;
const mostShown = 16;

/** What the other one of this call pressed on a telephone just now; empty when nothing. */
export function useHeardKeys(callId: string | null): string {
  const [heard, setHeard] = useState({ callId: '', keys: '', count: 0 });
  useSignal(keyPressed, ({ callId: from, key }) => {
    setHeard((before) => ({
      callId: from,
      keys: `${before.callId === from ? before.keys : ''}${key}`.slice(-mostShown),
      count: before.count + 1,
    }));
  });
  const { count } = heard;
  useEffect(() => {
    if (count === 0) return;
    const timer = setTimeout(() => setHeard((before) => ({ ...before, keys: '' })), shownForMs);
    return () => clearTimeout(timer);
  }, [count]);
  return callId !== null && heard.callId === callId ? heard.keys : '';
}
