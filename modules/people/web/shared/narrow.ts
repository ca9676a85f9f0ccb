import { useSyncExternalStore } from 'react';

const query = '(max-width: 700px)';

const subscribe = (listener: () => void): (() => void) => {
  const narrow = window.matchMedia(query);
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
};

/** Whether list and page are shown one at a time, as on a telephone (`Panes` of `@liaison/ui`). */
export const useNarrow = (): boolean =>
  useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
