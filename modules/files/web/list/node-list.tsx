// biome-ignore-all lint/a11y/useSemanticElements: a table cannot draw only the rows that are on screen
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names its row as active
// biome-ignore-all lint/a11y/useKeyWithClickEvents: keys are the grid's
import { useFormat, usePersonView } from '@liaison/core/web';
import { SortButton, useNarrow } from '@liaison/ui';
import { IconStarFilled } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedNode, Sort } from '../../contract/index.ts';
import { folderPath } from '../go.ts';
import { Thumbnail } from '../preview/thumbnail.tsx';
import type { Order } from '../state/use-folder.ts';
import { gridKeys } from './grid-keys.ts';
import { NodeCheck } from './node-check.tsx';
import classes from './node-list.module.css';
import { NodeMenu, type NodeVerb } from './node-menu.tsx';
import { type PressHandlers, SelectionActions, useSelection } from './selection.tsx';

export interface NodeListProps {
  readonly label: string;
  readonly rows: readonly ListedNode[];
  /** False while there are more behind them. */
  readonly isWhole: boolean;
  readonly onMore: () => void;
  readonly order: Order;
  readonly onOrder: (order: Order) => void;
  readonly mayWrite: boolean;
  readonly onOpen: (node: ListedNode) => void;
  readonly onVerb: (verb: NodeVerb, nodes: readonly ListedNode[]) => void;
}

/** How near the end of what is here the next page is asked for. */
const nearEnd = 60;

/** A folder's rows; only those on screen are drawn, so that 100,000 scroll as ten do. One stop of the Tab key: see `gridKeys`. */
export function NodeList(props: NodeListProps) {
  const { label, rows, isWhole, onMore, order, onOrder, mayWrite, onOpen, onVerb } = props;
  const { t } = useTranslation('files');
  const narrow = useNarrow();
  const listId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [activeId, setActiveId] = useState<string | null>(null);
  const [menuOf, setMenuOf] = useState<string | null>(null);
  const selection = useSelection(rows);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (narrow ? 60 : 50),
    getItemKey: (at) => rows[at]?.id ?? at,
    overscan: 12,
  });
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (!isWhole && last > rows.length - nearEnd) onMore();
  }, [isWhole, last, rows.length, onMore]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another width have another height
  useEffect(() => virtual.measure(), [narrow]);

  const onKeyDown = gridKeys({
    rows,
    activeId,
    onActive: (id, at) => {
      setActiveId(id);
      virtual.scrollToIndex(at);
    },
    selection,
    mayWrite,
    stepsFrom: (at) => {
      const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 500) / 50) - 1);
      return { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page };
    },
    onOpen,
    onMenu: setMenuOf,
    onVerb,
  });
  const sortBy = (sort: Sort): void =>
    onOrder({ sort, isDescending: order.sort === sort ? !order.isDescending : sort !== 'name' });
  const sorted = (sort: Sort) =>
    order.sort === sort ? (order.isDescending ? 'descending' : 'ascending') : undefined;
  const header = (sort: Sort) => (
    <SortButton sorted={sorted(sort)} onClick={() => sortBy(sort)}>
      {t(`column.${sort}`)}
    </SortButton>
  );
  return (
    <>
      <div
        ref={scroller}
        className={classes.list}
        role="grid"
        aria-label={label}
        aria-rowcount={isWhole ? rows.length + 1 : -1}
        aria-multiselectable="true"
        aria-activedescendant={activeId === null ? undefined : `${listId}-${activeId}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={() => {
          if (activeId === null) setActiveId(rows[0]?.id ?? null);
        }}
      >
        <div className={classes.head} role="row" aria-rowindex={1}>
          <span role="columnheader" aria-label={t('column.selected')} className={classes.check} />
          <span role="columnheader" aria-sort={sorted('name')} className={classes.name}>
            {header('name')}
          </span>
          <span role="columnheader" aria-sort={sorted('bytes')} className={classes.bytes}>
            {header('bytes')}
          </span>
          <span role="columnheader" aria-sort={sorted('changed')} className={classes.changed}>
            {header('changed')}
          </span>
          <span role="columnheader" aria-label={t('column.more')} className={classes.more} />
        </div>
        <div role="rowgroup" className={classes.rows} style={{ height: virtual.getTotalSize() }}>
          {drawn.map((item) => {
            const node = rows[item.index];
            if (!node) return null;
            return (
              <NodeRow
                key={item.key}
                id={`${listId}-${node.id}`}
                node={node}
                at={item.index}
                top={item.start}
                isActive={node.id === activeId}
                isSelected={selection.has(node.id)}
                isMenuOpened={menuOf === node.id}
                mayWrite={mayWrite}
                onOpen={() => onOpen(node)}
                onActive={() => setActiveId(node.id)}
                onToggle={() => selection.toggle(node.id)}
                press={selection.handlersOf(node.id)}
                onMenu={(opened) => setMenuOf(opened ? node.id : null)}
                onVerb={(verb) => onVerb(verb, [node])}
              />
            );
          })}
        </div>
      </div>
      <SelectionActions selection={selection} mayWrite={mayWrite} onVerb={onVerb} />
    </>
  );
}

function NodeRow({
  id,
  node,
  at,
  top,
  isActive,
  isSelected,
  isMenuOpened,
  mayWrite,
  onOpen,
  onActive,
  onToggle,
  press,
  onMenu,
  onVerb,
}: {
  id: string;
  node: ListedNode;
  at: number;
  top: number;
  isActive: boolean;
  isSelected: boolean;
  isMenuOpened: boolean;
  mayWrite: boolean;
  onOpen: () => void;
  onActive: () => void;
  onToggle: () => void;
  press: PressHandlers;
  onMenu: (opened: boolean) => void;
  onVerb: (verb: NodeVerb) => void;
}) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const by = usePersonView(node.changedById ?? '')?.name;
  const size = node.kind === 'file' ? format.bytes(node.bytes) : '';
  const changed = format.row(node.changedAt);
  const second = [size, changed].filter(Boolean).join(' · ');
  return (
    <div
      id={id}
      className={classes.row}
      role="row"
      aria-rowindex={at + 2}
      aria-selected={isSelected}
      data-active={isActive || undefined}
      data-selected={isSelected || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onActive}
      onDoubleClick={onOpen}
      {...press}
    >
      <span role="gridcell" className={classes.check} data-own-press>
        <NodeCheck node={node} isSelected={isSelected} onToggle={onToggle} />
      </span>
      <span role="gridcell" className={classes.name}>
        <span className={classes.icon} data-kind={node.kind}>
          <Thumbnail node={node} />
        </span>
        <span className={classes.words}>
          <span className={classes.first}>
            <NodeName node={node} onOpen={onOpen} />
            {node.starred ? (
              <IconStarFilled size={14} className={classes.star} role="img" aria-label={t('starred.mark')} />
            ) : null}
          </span>
          <span className={classes.second}>{second}</span>
        </span>
      </span>
      <span role="gridcell" className={classes.bytes}>
        {size}
      </span>
      <span role="gridcell" className={classes.changed}>
        <span>{changed}</span>
        {by ? <span className={classes.by}>{by}</span> : null}
      </span>
      <span role="gridcell" className={classes.more} data-own-press>
        <NodeMenu node={node} mayWrite={mayWrite} isOpened={isMenuOpened} onOpened={onMenu} onVerb={onVerb} />
      </span>
    </div>
  );
}

function NodeName({ node, onOpen }: { node: ListedNode; onOpen: () => void }) {
  if (node.kind === 'folder') {
    return (
      <a
        href={folderPath(node.id)}
        tabIndex={-1}
        className={classes.open}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          onOpen();
        }}
      >
        {node.name}
      </a>
    );
  }
  return (
    <button type="button" tabIndex={-1} className={classes.open} onClick={onOpen}>
      {node.name}
    </button>
  );
}
