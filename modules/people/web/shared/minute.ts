import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** On the minute, so that all clocks on a page change together. */
function wait(): void {
  timer = setTimeout(
    () => {
      for (const listener of [...listeners]) listener();
      wait();
    },
    60_000 - (Date.now() % 60_000),
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) wait();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearTimeout(timer);
  };
}

/** The running minute since 1970; the component is drawn again when it changes. */
export const useMinute = (): number => useSyncExternalStore(subscribe, () => Math.floor(Date.now() / 60_000));
