import { useSession } from '@liaison/core/web';
import type { Reachability } from '@liaison/ui';
import type { ReactNode } from 'react';
import { usePersonReachability } from './reach-provider.tsx';

/** My own state for the face in the top bar. */
export function MyState({ children }: { children: (reach: Reachability | undefined) => ReactNode }) {
  const { personId } = useSession();
  return children(usePersonReachability(personId).reach);
}
