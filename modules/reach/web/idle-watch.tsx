import { useLive } from '@liaison/core/web';
import { useEffect } from 'react';
import { setIdle } from '../contract/index.ts';
import { watchIdle } from './watch-idle.ts';

/** Tells the server when nobody touches this page any more, and when somebody does again. */
export function IdleWatch() {
  const live = useLive();
  useEffect(
    () =>
      watchIdle({
        target: window,
        page: document,
        onWelcome: (listener) => live.on('welcome', listener),
        // A lost connection has no idle page; the next welcome is told again.
        tell: (idle) => void live.command(setIdle, { idle }).catch(() => {}),
      }),
    [live],
  );
  return null;
}
