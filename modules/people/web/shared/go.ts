import { useRouter } from '@tanstack/react-router';
import { useMemo } from 'react';

/** Goes to an address of ours, or puts one in place of this. */
export function useGo(): { readonly to: (path: string) => void; readonly instead: (path: string) => void } {
  const router = useRouter();
  return useMemo(
    () => ({
      to: (path) => router.history.push(path),
      instead: (path) => router.history.replace(path),
    }),
    [router],
  );
}
