import { useCallback, useState } from 'react';

/** A list of words that this browser remembers. */
export function useKept(name: string): [readonly string[], (value: readonly string[]) => void] {
  const [value, setValue] = useState<readonly string[]>(() => {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(`liaison.${name}`) ?? '[]');
      return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string').slice(0, 200) : [];
    } catch {
      return [];
    }
  });
  const keep = useCallback(
    (next: readonly string[]) => {
      setValue(next);
      try {
        localStorage.setItem(`liaison.${name}`, JSON.stringify(next));
      } catch {
        // A browser that keeps nothing shows it until the page is closed.
      }
    },
    [name],
  );
  return [value, keep];
}
