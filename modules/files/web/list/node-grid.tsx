// biome-ignore-all lint/a11y/useSemanticElements: a table cannot draw only the rows that are on screen
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names its cell as active
import { useFormat } from '@liaison/core/web';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef, useState } from 'react';
import type { ListedNode } from '../../contract/index.ts';
import { Thumbnail } from '../preview/thumbnail.tsx';
import { gridKeys } from './grid-keys.ts';
import { NodeCheck } from './node-check.tsx';
import classes from './node-grid.module.css';
import type { NodeListProps } from './node-list.tsx';
import { NodeMenu } from './node-menu.tsx';
import { type PressHandlers, SelectionActions, useSelection } from './selection.tsx';

const gap = 12;
/** Without its place for a picture, which is as wide as the card. */
const wordsHeight = 52;
const nearEnd = 10;

const columnsOf = (width: number): number => Math.max(2, Math.floor((width + gap) / (176 + gap)));

/** A folder as pictures; only those on screen are drawn. One stop of the Tab key: see `gridKeys`. */
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
  const selection = useSelection(rows);
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

  const onKeyDown = gridKeys({
    rows,
    activeId,
    onActive: (id, at) => {
      setActiveId(id);
      virtual.scrollToIndex(Math.floor(at / columns));
    },
    selection,
    mayWrite,
    stepsFrom: (at) => ({
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at + columns,
      ArrowUp: at - columns,
    }),
    onOpen,
    onMenu: setMenuOf,
    onVerb,
  });
  return (
    <>
      <div
        ref={scroller}
        className={classes.grid}
        data-selecting={selection.chosen.length > 0 || undefined}
        role="grid"
        aria-label={label}
        aria-rowcount={isWhole ? lines : -1}
        aria-multiselectable="true"
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
                  isSelected={selection.has(node.id)}
                  onToggle={() => selection.toggle(node.id)}
                  press={selection.handlersOf(node.id)}
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
      <SelectionActions selection={selection} mayWrite={mayWrite} onVerb={onVerb} />
    </>
  );
}

function Card({
  id,
  node,
  isActive,
  isSelected,
  onToggle,
  press,
  isMenuOpened,
  mayWrite,
  onOpen,
  onMenu,
  onVerb,
}: {
  id: string;
  node: ListedNode;
  isActive: boolean;
  isSelected: boolean;
  onToggle: () => void;
  press: PressHandlers;
  isMenuOpened: boolean;
  mayWrite: boolean;
  onOpen: () => void;
  onMenu: (opened: boolean) => void;
  onVerb: Parameters<typeof NodeMenu>[0]['onVerb'];
}) {
  const format = useFormat();
  const facts = [node.kind === 'file' ? format.bytes(node.bytes) : '', format.row(node.changedAt)];
  return (
    <div
      id={id}
      role="gridcell"
      className={classes.card}
      aria-selected={isSelected}
      data-active={isActive || undefined}
      data-selected={isSelected || undefined}
      {...press}
    >
      <span className={classes.check} data-own-press>
        <NodeCheck node={node} isSelected={isSelected} onToggle={onToggle} />
      </span>
      <button type="button" tabIndex={-1} className={classes.open} onClick={onOpen}>
        <span className={classes.picture} data-kind={node.kind}>
          <Thumbnail node={node} />
        </span>
        <span className={classes.name}>{node.name}</span>
        <span className={classes.facts}>{facts.filter(Boolean).join(' · ')}</span>
      </button>
      <span className={classes.more} data-own-press>
        <NodeMenu node={node} mayWrite={mayWrite} isOpened={isMenuOpened} onOpened={onMenu} onVerb={onVerb} />
      </span>
    </div>
  );
}
