import { useMemo, useState } from 'react';
import { type ContactRow, maxAtOnce } from '../../contract/index.ts';

/** Cards that are chosen for a verb, also those that the list does not show just now. */
export interface Selection {
  /** Null while nothing is being chosen. */
  readonly rows: ReadonlyMap<string, ContactRow> | null;
  start(): void;
  end(): void;
  toggle(row: ContactRow): void;
  /** All of these, as many as may be; none of them where all are chosen already. */
  toggleAll(rows: readonly ContactRow[]): void;
  /** All between the one that was touched last and this one. */
  reach(row: ContactRow, shown: readonly ContactRow[]): void;
}

export function useSelection(): Selection {
  const [state, setState] = useState<{
    rows: ReadonlyMap<string, ContactRow> | null;
    lastId: string | null;
  }>({ rows: null, lastId: null });
  return useMemo(() => {
    const { rows, lastId } = state;
    const add = (more: readonly ContactRow[], last: string | null): void => {
      const next = new Map(rows ?? []);
      for (const row of more) if (next.size < maxAtOnce || next.has(row.id)) next.set(row.id, row);
      setState({ rows: next, lastId: last });
    };
    const toggle = (row: ContactRow): void => {
      const next = new Map(rows ?? []);
      if (next.delete(row.id)) setState({ rows: next, lastId: row.id });
      else add([row], row.id);
    };
    return {
      rows,
      start: () => setState({ rows: new Map(), lastId: null }),
      end: () => setState({ rows: null, lastId: null }),
      toggle,
      toggleAll(shown) {
        if (!shown.every(({ id }) => rows?.has(id))) return add(shown, lastId);
        const next = new Map(rows ?? []);
        for (const { id } of shown) next.delete(id);
        setState({ rows: next, lastId });
      },
      reach(row, shown) {
        const [from, to] = [shown.findIndex(({ id }) => id === lastId), shown.indexOf(row)];
        if (from < 0 || to < 0) return toggle(row);
        add(shown.slice(Math.min(from, to), Math.max(from, to) + 1), row.id);
      },
    };
  }, [state]);
}
