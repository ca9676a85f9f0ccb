import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** Nearer to the end than this is the end. */
const endPx = 48;

type Anchor =
  | { readonly at: 'end' }
  | { readonly at: 'row'; readonly key: string; readonly offsetPx: number };

export interface ReadingPosition {
  readonly atEnd: boolean;
  readonly toEnd: () => void;
  /** Brings a row into view, `share` of the height from the top; false when it is not there. */
  readonly toRow: (key: string, share: number) => boolean;
}

/**
 * Keeps what is being read where it is, whatever is added, removed or grows above or below it; at the end it stays at the
 * end. Rows are the children of `content` and carry `data-key`.
 */
export function useReadingPosition(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  /** Changes with the rows. */
  rows: unknown,
  onScrolled: () => void,
  /** More will be added at the end by paging: standing there is not following it. */
  openEnd: boolean,
): ReadingPosition {
  const anchor = useRef<Anchor>({ at: 'end' });
  /** Where the view stood when the anchor was taken: what differs now was scrolled by the reader since. */
  const lookedAt = useRef(0);
  const isOpen = useRef(openEnd);
  isOpen.current = openEnd;
  const [atEnd, setAtEnd] = useState(true);
  const scrolled = useRef(onScrolled);
  useEffect(() => {
    scrolled.current = onScrolled;
  });

  const look = useCallback(() => {
    const view = scroller.current;
    if (!view || !content.current || view.clientHeight === 0) return;
    const end = view.scrollHeight - view.scrollTop - view.clientHeight < endPx;
    lookedAt.current = view.scrollTop;
    anchor.current =
      end && !isOpen.current ? { at: 'end' } : (firstVisible(content.current, view) ?? anchor.current);
    setAtEnd(end);
  }, [scroller, content]);

  const restore = useCallback(() => {
    const view = scroller.current;
    if (!view || !content.current || view.clientHeight === 0) return;
    const held = anchor.current;
    if (held.at === 'end') {
      view.scrollTop = view.scrollHeight;
      return;
    }
    const row = rowOf(content.current, held.key);
    if (row) {
      // The scroll event comes a frame later than the scrolling: that must not be taken back.
      // Nor may a view that had to move because less is left to scroll count as scrolled.
      const furthest = view.scrollHeight - view.clientHeight;
      const scrolled = lookedAt.current > furthest ? 0 : view.scrollTop - lookedAt.current;
      const moved =
        row.getBoundingClientRect().bottom - view.getBoundingClientRect().top - held.offsetPx + scrolled;
      if (Math.abs(moved) >= 1) view.scrollTop += moved;
      lookedAt.current = view.scrollTop;
      anchor.current = { ...held, offsetPx: held.offsetPx - scrolled };
    }
  }, [scroller, content]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: restored whenever the rows change, before they are painted
  useLayoutEffect(() => {
    restore();
    look();
    scrolled.current();
  }, [rows, restore, look]);

  useEffect(() => {
    const view = scroller.current;
    const inside = content.current;
    if (!view || !inside) return;
    const onScroll = (): void => {
      look();
      scrolled.current();
    };
    const grown = new ResizeObserver(restore);
    grown.observe(inside);
    grown.observe(view);
    view.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      grown.disconnect();
      view.removeEventListener('scroll', onScroll);
    };
  }, [scroller, content, look, restore]);

  const toEnd = useCallback(() => {
    anchor.current = { at: 'end' };
    restore();
    look();
  }, [restore, look]);
  const toRow = useCallback(
    (key: string, share: number) => {
      const view = scroller.current;
      const row = content.current && rowOf(content.current, key);
      if (!view || !row) return false;
      anchor.current = { at: 'row', key, offsetPx: view.clientHeight * share + row.offsetHeight };
      lookedAt.current = view.scrollTop;
      restore();
      look();
      return true;
    },
    [scroller, content, restore, look],
  );
  return { atEnd, toEnd, toRow };
}

const rowOf = (content: HTMLElement, key: string): HTMLElement | null =>
  content.querySelector<HTMLElement>(`:scope > [data-key="${CSS.escape(key)}"]`);

/** The first row of which something is on screen; rows follow each other, so halving finds it. */
function firstVisible(content: HTMLElement, view: HTMLElement): Anchor | undefined {
  const top = view.getBoundingClientRect().top;
  const rows = content.children;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.getBoundingClientRect().bottom <= top) low = middle + 1;
    else high = middle;
  }
  for (let at = low; at < rows.length; at += 1) {
    const row = rows[at] as HTMLElement;
    const { key } = row.dataset;
    if (key !== undefined) return { at: 'row', key, offsetPx: row.getBoundingClientRect().bottom - top };
  }
  return undefined;
}
