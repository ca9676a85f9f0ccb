// biome-ignore-all lint/a11y/useSemanticElements: a table cannot draw only the rows that are on screen
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names its cell as active
import { useFormat } from '@liaison/core/web';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { ListedNode } from '../../contract/index.ts';
import { Thumbnail } from '../preview/thumbnail.tsx';
import classes from './node-grid.module.css';
import type { NodeListProps } from './node-list.tsx';
import { NodeMenu } from './node-menu.tsx';

const gap = 12;
/** Without its place for a picture, which is as wide as the card. */
const wordsHeight = 52;
const nearEnd = 10;

const columnsOf = (width: number): number => Math.max(2, Math.floor((width + gap) / (176 + gap)));

/**
 * A folder as pictures; only those on screen are drawn. One stop of the Tab key: arrows, Home and End move, Enter opens,
 * Shift+F10 opens the menu.
 */
export function NodeGrid({
  label,
  rows,
  isWhole,
  onMore,
  mayWrite,
  onOpen,
  onVerb,
}: Omit<NodeListProps, 'order' | 'onOrder'>) {
  const gridId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [activeId, setActiveId] = useState<string | null>(null);
  const [menuOf, setMenuOf] = useState<string | null>(null);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const seen = new ResizeObserver(() => {
      const { paddingInlineStart, paddingInlineEnd } = getComputedStyle(element);
      setWidth(
        element.clientWidth - Number.parseFloat(paddingInlineStart) - Number.parseFloat(paddingInlineEnd),
      );
    });
    seen.observe(element);
    return () => seen.disconnect();
  }, []);
  const columns = columnsOf(width);
  const card = Math.floor((width - gap * (columns - 1)) / columns);
  const lines = width > 0 ? Math.ceil(rows.length / columns) : 0;
  const virtual = useVirtualizer({
    count: lines,
    getScrollElement: () => scroller.current,
    estimateSize: () => Math.round(card * 0.75) + wordsHeight + gap,
    overscan: 2,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: cards of another width have another height
  useEffect(() => virtual.measure(), [card]);
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (!isWhole && lines > 0 && last > lines - nearEnd) onMore();
  }, [isWhole, last, lines, onMore]);

  const activeAt = rows.findIndex(({ id }) => id === activeId);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const node = rows[Math.max(0, activeAt)];
    if (!node) return;
    const steps: Record<string, number> = {
      ArrowRight: activeAt + 1,
      ArrowLeft: activeAt - 1,
      ArrowDown: activeAt + columns,
      ArrowUp: activeAt - columns,
      Home: 0,
      End: rows.length - 1,
    };
    const target = steps[event.key];
    if (target !== undefined) {
      const at = Math.max(0, Math.min(rows.length - 1, target));
      setActiveId(rows[at]?.id ?? null);
      virtual.scrollToIndex(Math.floor(at / columns));
    } else if (event.key === 'Enter') onOpen(node);
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) setMenuOf(node.id);
    else if (event.key === 'F2' && mayWrite) onVerb('rename', [node]);
    else if (event.key === 'Delete' && mayWrite) onVerb('trash', [node]);
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={scroller}
      className={classes.grid}
      role="grid"
      aria-label={label}
      aria-rowcount={isWhole ? lines : -1}
      aria-activedescendant={activeId === null ? undefined : `${gridId}-${activeId}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onFocus={() => {
        if (activeId === null) setActiveId(rows[0]?.id ?? null);
      }}
    >
      <div role="rowgroup" className={classes.lines} style={{ height: virtual.getTotalSize() }}>
        {drawn.map((line) => (
          <div
            key={line.key}
            role="row"
            aria-rowindex={line.index + 1}
            className={classes.line}
            style={{
              transform: `translateY(${line.start}px)`,
              gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
            }}
          >
            {rows.slice(line.index * columns, (line.index + 1) * columns).map((node) => (
              <Card
                key={node.id}
                id={`${gridId}-${node.id}`}
                node={node}
                isActive={node.id === activeId}
                isMenuOpened={menuOf === node.id}
                mayWrite={mayWrite}
                onOpen={() => {
                  setActiveId(node.id);
                  onOpen(node);
                }}
                onMenu={(opened) => setMenuOf(opened ? node.id : null)}
                onVerb={(verb) => onVerb(verb, [node])}
              />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function Card({
  id,
  node,
  isActive,
  isMenuOpened,
  mayWrite,
  onOpen,
  onMenu,
  onVerb,
}: {
  id: string;
  node: ListedNode;
  isActive: boolean;
  isMenuOpened: boolean;
  mayWrite: boolean;
  onOpen: () => void;
  onMenu: (opened: boolean) => void;
  onVerb: Parameters<typeof NodeMenu>[0]['onVerb'];
}) {
  const format = useFormat();
  const facts = [node.kind === 'file' ? format.bytes(node.bytes) : '', format.row(node.changedAt)];
  return (
    <div id={id} role="gridcell" className={classes.card} data-active={isActive || undefined}>
      <button type="button" tabIndex={-1} className={classes.open} onClick={onOpen}>
        <span className={classes.picture} data-kind={node.kind}>
          <Thumbnail node={node} pdf />
        </span>
        <span className={classes.name}>{node.name}</span>
        <span className={classes.facts}>{facts.filter(Boolean).join(' · ')}</span>
      </button>
      <span className={classes.more}>
        <NodeMenu node={node} mayWrite={mayWrite} isOpened={isMenuOpened} onOpened={onMenu} onVerb={onVerb} />
      </span>
    </div>
  );
}
