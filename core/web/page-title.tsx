import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';

/** What the page's title says: the name of what is on screen, and how much is unread anywhere. */
export interface PageTitle {
  readonly name: string | undefined;
  readonly count: number;
}

interface Titles {
  setName(source: symbol, name: string | undefined): void;
  setCount(source: symbol, count: number): void;
  now(): PageTitle;
  onChange(listener: () => void): () => void;
}

function createTitles(): Titles {
  const names = new Map<symbol, string>();
  const counts = new Map<symbol, number>();
  const listeners = new Set<() => void>();
  let current: PageTitle = { name: undefined, count: 0 };
  const changed = (): void => {
    current = {
      name: [...names.values()].at(-1),
      count: [...counts.values()].reduce((sum, count) => sum + count, 0),
    };
    for (const listener of [...listeners]) listener();
  };
  return {
    setName(source, name) {
      names.delete(source);
      if (name !== undefined) names.set(source, name);
      changed();
    },
    setCount(source, count) {
      counts.delete(source);
      if (count > 0) counts.set(source, count);
      changed();
    },
    now: () => current,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const TitlesContext = createContext<Titles | null>(null);

/** Gathers what the page's title and icon show. */
export function TitleProvider({ children }: { children: ReactNode }) {
  const [titles] = useState(createTitles);
  return <TitlesContext value={titles}>{children}</TitlesContext>;
}

function useTitles(): Titles {
  const titles = useContext(TitlesContext);
  if (!titles) throw new Error('titles need a TitleProvider');
  return titles;
}

/** Adds to the count in the page's title and on its icon: unread messages, missed calls. */
export function useTitleCount(count: number): void {
  const titles = useTitles();
  const source = useRef(Symbol('count'));
  useEffect(() => {
    const mine = source.current;
    titles.setCount(mine, count);
    return () => titles.setCount(mine, 0);
  }, [titles, count]);
}

/** Names what is on screen: "Port study, Leixal". The latest that stands is shown before "Liaison". */
export function usePageTitle(name: string | undefined): void {
  const titles = useTitles();
  const source = useRef(Symbol('name'));
  useEffect(() => {
    const mine = source.current;
    titles.setName(mine, name);
    return () => titles.setName(mine, undefined);
  }, [titles, name]);
}

/** The title as it stands now; for the app, which writes it. */
export function useTitle(): PageTitle {
  const titles = useTitles();
  return useSyncExternalStore(titles.onChange, titles.now);
}
