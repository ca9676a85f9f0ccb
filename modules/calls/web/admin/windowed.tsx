import { type ReactNode, useEffect, useRef, useState } from 'react';
import classes from './windowed.module.css';

export const windowSize = 100;

/**
 * A list of any length, of which only the windows near the screen are asked for and drawn. All rows have one height
 * (`--window-row` in `windowed.module.css`), so the place of each is known before it is there.
 */
export function Windowed({
  label,
  head,
  total,
  children,
}: {
  label: string;
  /** Titles of the columns: `Cell`s. */
  head: readonly string[];
  total: number;
  /** The rows of one window: `WindowRow`s. */
  children: (window: number) => ReactNode;
}) {
  const windows = Math.max(1, Math.ceil(total / windowSize));
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows that are not drawn make a table of the browser's collapse
    <div role="table" aria-label={label} aria-rowcount={total + 1} className={classes.table}>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div role="rowgroup" className={classes.head}>
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        {/* biome-ignore lint/a11y/useFocusableInteractive: a row of titles is not for focus */}
        <div role="row" aria-rowindex={1} className={classes.row}>
          {head.map((title) => (
            // biome-ignore lint/a11y/useSemanticElements: as above
            // biome-ignore lint/a11y/useFocusableInteractive: as above
            <div role="columnheader" key={title}>
              {title}
            </div>
          ))}
        </div>
      </div>
      {Array.from({ length: windows }, (_, at) => (
        <OneWindow
          // biome-ignore lint/suspicious/noArrayIndexKey: a window is its place
          key={at}
          rows={Math.min(windowSize, Math.max(0, total - at * windowSize))}
          first={at === 0}
        >
          {() => children(at)}
        </OneWindow>
      ))}
    </div>
  );
}

function OneWindow({ rows, first, children }: { rows: number; first: boolean; children: () => ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(first);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const observer = new IntersectionObserver(
      (entries) => setNear(entries.some((entry) => entry.isIntersecting)),
      { rootMargin: '500px 0px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: as above
    <div
      role="rowgroup"
      ref={place}
      className={classes.window}
      style={{ '--window-rows': rows } as React.CSSProperties}
    >
      {near || first ? children() : null}
    </div>
  );
}

/** One row; `cells` in the order of the head. On telephones the first stands above the others. */
export function WindowRow({ index, cells }: { index: number; cells: readonly ReactNode[] }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see Windowed
    // biome-ignore lint/a11y/useFocusableInteractive: its verbs take focus
    <div role="row" aria-rowindex={index + 2} className={classes.row}>
      {cells.map((cell, at) => (
        // biome-ignore lint/a11y/useSemanticElements: see Windowed
        // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
        <div role="cell" key={at}>
          {cell}
        </div>
      ))}
    </div>
  );
}
