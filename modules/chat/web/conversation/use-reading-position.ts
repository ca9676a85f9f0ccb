import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

/** Nearer to the end than this is the end. */
const endPx = 48;
/** So many rows are known by where they stand: should the first of them go away, the next one holds the place. */
const maxHeldRows = 8;

interface Held {
  readonly key: string;
  /** Of its bottom edge, from the top of the view: what grows or shrinks in a row that is half above it moves nothing. */
  readonly offsetPx: number;
}
/** At the end; or by rows from the first one on screen, the reader's eye, downwards. */
type Anchor = { readonly at: 'end' } | { readonly at: 'rows'; readonly rows: readonly Held[] };

export interface ReadingPosition {
  readonly atEnd: boolean;
  readonly toEnd: () => void;
  /** Brings a row into view, `share` of the height from the top; false when it is not there. */
  readonly toRow: (key: string, share: number) => boolean;
  /** For `HoldPlace`: measured before rows change, set right after, before they are painted. */
  readonly before: () => void;
  readonly after: () => void;
}

/**
 * Keeps what is being read where it is, whatever is added, removed or grows above or below it; at the end it stays at the
 * end. Rows are the children of `content` and carry `data-key`.
 *
 * Rows change in two ways. By a commit of the list: there the place is measured just before and set just after, so
 * nothing has to be guessed. By themselves (a picture, a name that arrives): the browser tells after it has laid them
 * out and before it paints; what the reader scrolled meanwhile is what the view moved since it was looked at.
 */
export function useReadingPosition(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  onScrolled: () => void,
  /** More will be added at the end by paging: standing there is not following it. */
  openEnd: boolean,
): ReadingPosition {
  const anchor = useRef<Anchor>({ at: 'end' });
  /** Where the view stood when the anchor was taken. */
  const lookedAt = useRef(0);
  const isOpen = useRef(openEnd);
  const [atEnd, setAtEnd] = useState(true);
  const scrolled = useRef(onScrolled);
  useEffect(() => {
    scrolled.current = onScrolled;
  });

  /** Takes the anchor from what is on screen; true at the end. */
  const take = useCallback((): boolean => {
    const view = scroller.current;
    if (!view || !content.current || view.clientHeight === 0) return false;
    const end = view.scrollHeight - view.scrollTop - view.clientHeight < endPx;
    lookedAt.current = view.scrollTop;
    if (end && !isOpen.current) anchor.current = { at: 'end' };
    else {
      const rows = rowsOnScreen(content.current, view);
      if (rows.length > 0) anchor.current = { at: 'rows', rows };
    }
    return end;
  }, [scroller, content]);
  const look = useCallback(() => {
    if (scroller.current && scroller.current.clientHeight > 0) setAtEnd(take());
  }, [scroller, take]);

  /** Puts what is held where it was; `byReaderPx` the reader has scrolled since it was measured. */
  const hold = useCallback(
    (byReaderPx: number) => {
      const view = scroller.current;
      if (!view || !content.current || view.clientHeight === 0) return;
      const held = anchor.current;
      if (held.at === 'end') view.scrollTop = view.scrollHeight;
      else {
        for (const { key, offsetPx } of held.rows) {
          const row = rowOf(content.current, key);
          if (!row) continue;
          const top = view.getBoundingClientRect().top;
          const movedPx = row.getBoundingClientRect().bottom - top - offsetPx + byReaderPx;
          if (Math.abs(movedPx) >= 1) view.scrollTop += movedPx;
          break;
        }
        if (byReaderPx !== 0) {
          const rows = held.rows.map((row) => ({ ...row, offsetPx: row.offsetPx - byReaderPx }));
          anchor.current = { at: 'rows', rows };
        }
      }
      lookedAt.current = view.scrollTop;
    },
    [scroller, content],
  );

  /** Rows changed by themselves, and are laid out already. */
  const settle = useCallback(() => {
    const view = scroller.current;
    if (!view) return;
    // A view that had to move because less is left to scroll was not scrolled by the reader.
    const furthest = view.scrollHeight - view.clientHeight;
    const byReaderPx = lookedAt.current > furthest ? 0 : view.scrollTop - lookedAt.current;
    // Whoever has just left the end is not taken back to it.
    if (anchor.current.at === 'end' && byReaderPx < 0) take();
    else hold(byReaderPx);
  }, [scroller, hold, take]);

  const before = useCallback(() => {
    // What was scrolled since, and is not told yet, is the reader's will; what grew since is not.
    settle();
    take();
  }, [settle, take]);
  const after = useCallback(() => {
    isOpen.current = openEnd;
    hold(0);
    look();
    scrolled.current();
  }, [openEnd, hold, look]);

  useEffect(() => {
    const view = scroller.current;
    const inside = content.current;
    if (!view || !inside) return;
    const onScroll = (): void => {
      look();
      scrolled.current();
    };
    const grown = new ResizeObserver(settle);
    grown.observe(inside);
    grown.observe(view);
    view.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      grown.disconnect();
      view.removeEventListener('scroll', onScroll);
    };
  }, [scroller, content, look, settle]);

  const toEnd = useCallback(() => {
    anchor.current = { at: 'end' };
    hold(0);
    look();
  }, [hold, look]);
  const toRow = useCallback(
    (key: string, share: number) => {
      const view = scroller.current;
      const row = content.current && rowOf(content.current, key);
      if (!view || !row) return false;
      anchor.current = {
        at: 'rows',
        rows: [{ key, offsetPx: view.clientHeight * share + row.offsetHeight }],
      };
      hold(0);
      look();
      return true;
    },
    [scroller, content, hold, look],
  );
  return { atEnd, toEnd, toRow, before, after };
}

const rowOf = (content: HTMLElement, key: string): HTMLElement | null =>
  content.querySelector<HTMLElement>(`:scope > [data-key="${CSS.escape(key)}"]`);

/** The first rows of which something is on screen; rows follow each other, so halving finds where they begin. */
function rowsOnScreen(content: HTMLElement, view: HTMLElement): readonly Held[] {
  const top = view.getBoundingClientRect().top;
  const rows = content.children;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.getBoundingClientRect().bottom <= top) low = middle + 1;
    else high = middle;
  }
  const held: Held[] = [];
  for (let at = low; at < rows.length && held.length < maxHeldRows; at += 1) {
    const row = rows[at] as HTMLElement;
    const { key } = row.dataset;
    if (key !== undefined) held.push({ key, offsetPx: row.getBoundingClientRect().bottom - top });
  }
  return held;
}
