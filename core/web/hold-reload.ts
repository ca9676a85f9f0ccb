import { useEffect, useSyncExternalStore } from 'react';

let holds = 0;
const listeners = new Set<() => void>();
const tell = (): void => {
  for (const listener of listeners) listener();
};

/** While `held`, the page is never offered a reload: a call is running, words are not sent. */
export function useHoldReload(held: boolean): void {
  useEffect(() => {
    if (!held) return;
    holds += 1;
    tell();
    return () => {
      holds -= 1;
      tell();
    };
  }, [held]);
}

/** True while something on the page would suffer from a reload. */
export const useReloadHeld = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => holds > 0,
  );
