import { SelectionBar, SelectionVerb } from '@liaison/ui';
import { IconCopy, IconDownload, IconFolderSymlink, IconTrash } from '@tabler/icons-react';
import { type MouseEvent, type PointerEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ListedNode, maxAtOnce } from '../../contract/index.ts';
import type { NodeVerb } from './node-menu.tsx';

const longPressMs = 500;
/** A finger that moves further scrolls. */
const stillPixels = 10;

/** What a press means: Control chooses one more, Shift all up to it, and a finger that rests begins to choose. */
export interface PressHandlers {
  onPointerDown(event: PointerEvent): void;
  onPointerMove(event: PointerEvent): void;
  onPointerUp(): void;
  onPointerCancel(): void;
  onClickCapture(event: MouseEvent): void;
  onContextMenu(event: MouseEvent): void;
}

export interface Selection {
  /** In the order of the rows. */
  readonly chosen: readonly ListedNode[];
  has(id: string): boolean;
  toggle(id: string): void;
  /** All from the one that was chosen last to this one. */
  extendTo(id: string): void;
  all(): void;
  clear(): void;
  handlersOf(id: string): PressHandlers;
}

/** What is chosen of rows, `maxAtOnce` at most. What leaves the rows leaves it. */
export function useSelection(rows: readonly ListedNode[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const anchor = useRef<string | null>(null);
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | null>(null);
  /** The click that ends a long press opens nothing. */
  const swallows = useRef(false);
  const byTouch = useRef(false);
  const chosen = rows.filter(({ id }) => ids.has(id));

  const toggle = (id: string): void => {
    anchor.current = id;
    setIds((before) => {
      const next = new Set(before);
      if (!next.delete(id) && next.size < maxAtOnce) next.add(id);
      return next;
    });
  };
  const extendTo = (id: string): void => {
    const to = rows.findIndex((row) => row.id === id);
    const from = rows.findIndex((row) => row.id === anchor.current);
    if (to < 0) return;
    if (from < 0) {
      toggle(id);
      return;
    }
    const between = rows.slice(Math.min(from, to), Math.max(from, to) + 1);
    setIds(new Set(between.slice(0, maxAtOnce).map((row) => row.id)));
  };
  const endPress = (): void => {
    clearTimeout(press.current?.timer);
    press.current = null;
  };
  return {
    chosen,
    has: (id) => ids.has(id),
    toggle,
    extendTo,
    all: () => setIds(new Set(rows.slice(0, maxAtOnce).map(({ id }) => id))),
    clear: () => setIds(new Set()),
    handlersOf: (id) => ({
      onPointerDown(event) {
        swallows.current = false;
        byTouch.current = event.pointerType !== 'mouse';
        endPress();
        if (!byTouch.current) return;
        const timer = setTimeout(() => {
          swallows.current = true;
          press.current = null;
          toggle(id);
        }, longPressMs);
        press.current = { timer, x: event.clientX, y: event.clientY };
      },
      onPointerMove(event) {
        const begun = press.current;
        if (!begun) return;
        if (Math.hypot(event.clientX - begun.x, event.clientY - begun.y) > stillPixels) endPress();
      },
      onPointerUp: endPress,
      onPointerCancel: endPress,
      onClickCapture(event) {
        // Its box and its menu are pressed for themselves.
        if ((event.target as Element).closest('[data-own-press]')) return;
        if (swallows.current) swallows.current = false;
        else if (event.shiftKey) extendTo(id);
        else if (event.ctrlKey || event.metaKey || (byTouch.current && chosen.length > 0)) toggle(id);
        else return;
        event.preventDefault();
        event.stopPropagation();
      },
      onContextMenu(event) {
        // A long press means choosing here.
        if (byTouch.current) event.preventDefault();
      },
    }),
  };
}

/** What can be done with all that is chosen. */
export function SelectionActions({
  selection,
  mayWrite,
  onVerb,
}: {
  selection: Selection;
  mayWrite: boolean;
  onVerb: (verb: NodeVerb, nodes: readonly ListedNode[]) => void;
}) {
  const { t } = useTranslation('files');
  const { chosen, clear } = selection;
  if (chosen.length === 0) return null;
  const run = (verb: NodeVerb): void => {
    onVerb(verb, chosen);
    if (verb !== 'download') clear();
  };
  return (
    <SelectionBar count={chosen.length} onClear={clear}>
      <SelectionVerb icon={<IconDownload size={17} />} onClick={() => run('download')}>
        {t('verb.download')}
      </SelectionVerb>
      <SelectionVerb icon={<IconCopy size={17} />} onClick={() => run('copy')}>
        {t('verb.copy')}
      </SelectionVerb>
      {mayWrite ? (
        <>
          <SelectionVerb icon={<IconFolderSymlink size={17} />} onClick={() => run('move')}>
            {t('verb.move')}
          </SelectionVerb>
          <SelectionVerb icon={<IconTrash size={17} />} onClick={() => run('trash')}>
            {t('verb.trash')}
          </SelectionVerb>
        </>
      ) : null}
    </SelectionBar>
  );
}
