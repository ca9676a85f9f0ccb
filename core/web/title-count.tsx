import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';

interface Counts {
  set(source: symbol, count: number): void;
  total(): number;
  onChange(listener: () => void): () => void;
  titles: string[];
}

function createCounts(): Counts {
  const counts = new Map<symbol, number>();
  const listeners = new Set<() => void>();
  return {
    titles: [],
    set(source, count) {
      if (count > 0) counts.set(source, count);
      else counts.delete(source);
      for (const listener of [...listeners]) listener();
    },
    total: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const CountsContext = createContext<Counts | null>(null);

/** Gathers what is unread for the page's title and icon. */
export function TitleProvider({ children }: { children: ReactNode }) {
  const [counts] = useState(createCounts);
  return <CountsContext value={counts}>{children}</CountsContext>;
}

function useCounts(): Counts {
  const counts = useContext(CountsContext);
  if (!counts) throw new Error('titles need a TitleProvider');
  return counts;
}

/** Adds to what the page's title and icon show: unread messages, missed calls. */
export function useTitleCount(count: number): void {
  const counts = useCounts();
  const source = useRef(Symbol('count'));
  useEffect(() => {
    counts.set(source.current, count);
  }, [counts, count]);
  useEffect(() => {
    const mine = source.current;
    return () => counts.set(mine, 0);
  }, [counts]);
}

/** All of it, for the app. */
export function useTotalCount(): number {
  const counts = useCounts();
  return useSyncExternalStore(counts.onChange, counts.total);
}

/** Names the page: "Port study, Leixal · Liaison". The innermost that stands wins. */
export function usePageTitle(title: string | undefined): void {
  const total = useTotalCount();
  useEffect(() => {
    document.title = `${total > 0 ? `(${total > 99 ? '99+' : total}) ` : ''}${title ? `${title} · ` : ''}Liaison`;
  }, [title, total]);
}
