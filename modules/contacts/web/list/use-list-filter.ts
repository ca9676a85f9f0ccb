import { useDeferredValue, useState } from 'react';
import type { Book } from '../../contract/index.ts';

/** Which lines are shown: everybody, colleagues alone, or a book's cards. */
export type Scope = 'all' | 'colleagues' | string;

export interface ListFilter {
  readonly typed: string;
  readonly setTyped: (text: string) => void;
  /** What is asked for: a moment behind what is typed. */
  readonly text: string;
  readonly scope: Scope;
  readonly setScope: (scope: Scope) => void;
  readonly label: string | null;
  readonly setLabel: (label: string | null) => void;
}

/** A book that is closed to its reader by now is everybody again. */
export function useListFilter(books: readonly Book[] | undefined): ListFilter {
  const [typed, setTyped] = useState('');
  const [chosen, setScope] = useState<Scope>('all');
  const isOpen =
    chosen === 'all' || chosen === 'colleagues' || books?.some(({ id }) => id === chosen) !== false;
  const scope = isOpen ? chosen : 'all';
  const [label, setLabel] = useState<string | null>(null);
  const text = useDeferredValue(typed.trim().slice(0, 100));
  return { typed, setTyped, text, scope, setScope, label, setLabel };
}
