import type { KeyboardEvent } from 'react';
import type { ListedNode } from '../../contract/index.ts';
import type { NodeVerb } from './node-menu.tsx';
import type { Selection } from './selection.tsx';

/**
 * What keys do in a folder, however it is drawn: those of movement move and with Shift select, Enter opens, Space selects,
 * Control+A selects all, F2 renames, Delete trashes, Shift+F10 opens the menu.
 */
export function gridKeys({
  rows,
  activeId,
  onActive,
  selection,
  mayWrite,
  stepsFrom,
  onOpen,
  onMenu,
  onVerb,
}: {
  rows: readonly ListedNode[];
  activeId: string | null;
  onActive: (id: string | null, at: number) => void;
  selection: Selection;
  mayWrite: boolean;
  /** Where each key of movement leads to from a place, which is -1 before the first; also beyond the ends. Home and End are here. */
  stepsFrom: (at: number) => Readonly<Record<string, number>>;
  onOpen: (node: ListedNode) => void;
  onMenu: (id: string) => void;
  onVerb: (verb: NodeVerb, nodes: readonly ListedNode[]) => void;
}): (event: KeyboardEvent) => void {
  const { chosen, toggle } = selection;
  const activeAt = rows.findIndex(({ id }) => id === activeId);
  const moveTo = (place: number, isExtending: boolean): void => {
    const at = Math.max(0, Math.min(rows.length - 1, place));
    const id = rows[at]?.id ?? null;
    if (isExtending && chosen.length === 0 && activeId !== null) toggle(activeId);
    onActive(id, at);
    if (isExtending && id !== null) selection.extendTo(id);
  };
  const actionOf = (key: string, shift: boolean, node: ListedNode): (() => void) | null => {
    switch (key) {
      case 'Enter':
        return () => onOpen(node);
      case ' ':
        return () => toggle(node.id);
      case 'Escape':
        return selection.clear;
      case 'ContextMenu':
        return () => onMenu(node.id);
      case 'F10':
        return shift ? () => onMenu(node.id) : null;
      case 'F2':
        return mayWrite ? () => onVerb('rename', [node]) : null;
      case 'Delete':
        return mayWrite ? () => onVerb('trash', chosen.length > 0 ? chosen : [node]) : null;
      default:
        return null;
    }
  };
  return (event) => {
    if (event.target !== event.currentTarget || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key !== 'a') return;
      event.preventDefault();
      selection.all();
      return;
    }
    const node = rows[Math.max(0, activeAt)];
    if (!node) return;
    const steps: Readonly<Record<string, number>> = {
      ...stepsFrom(activeAt),
      Home: 0,
      End: rows.length - 1,
    };
    const place = Object.hasOwn(steps, event.key) ? steps[event.key] : undefined;
    const run =
      place === undefined ? actionOf(event.key, event.shiftKey, node) : () => moveTo(place, event.shiftKey);
    if (!run) return;
    event.preventDefault();
    run();
  };
}
