import { useSyncExternalStore } from 'react';

const query = '(max-width: 700px)';

const subscribe = (listener: () => void): (() => void) => {
  const narrow = window.matchMedia(query);
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
};

/** Whether list, page and side are shown one at a time, as `Panes` does on a telephone. */
export const useNarrow = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => window.matchMedia(query).matches,
    () => false,
  );
