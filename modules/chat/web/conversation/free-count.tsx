import { useReachability, useSession } from '@liaison/core/web';
import { useCallback, useEffect, useRef } from 'react';

/** Counts who of the members is free: each tells by itself, because states change one by one. */
export function FreeCount({
  ids,
  onCount,
}: {
  ids: readonly string[];
  onCount: (freeIds: readonly string[]) => void;
}) {
  const me = useSession().personId;
  const free = useRef(new Set<string>());
  const tell = useCallback(
    (id: string, isFree: boolean) => {
      const before = free.current.has(id);
      if (before === isFree) return;
      if (isFree) free.current.add(id);
      else free.current.delete(id);
      onCount([...free.current]);
    },
    [onCount],
  );
  return ids.filter((id) => id !== me).map((id) => <FreeProbe key={id} id={id} tell={tell} />);
}

function FreeProbe({ id, tell }: { id: string; tell: (id: string, isFree: boolean) => void }): null {
  const { reach } = useReachability(id);
  const isFree = reach?.state === 'free';
  useEffect(() => {
    tell(id, isFree);
    return () => tell(id, false);
  }, [id, isFree, tell]);
  return null;
}
