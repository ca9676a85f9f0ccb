import { useDeferredValue, useState } from 'react';

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

export function useListFilter(): ListFilter {
  const [typed, setTyped] = useState('');
  const [scope, setScope] = useState<Scope>('all');
  const [label, setLabel] = useState<string | null>(null);
  const text = useDeferredValue(typed.trim().slice(0, 100));
  return { typed, setTyped, text, scope, setScope, label, setLabel };
}
