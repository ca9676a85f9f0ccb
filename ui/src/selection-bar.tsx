import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useLabels } from './labels.tsx';
import classes from './selection-bar.module.css';

/** The ink bar at the bottom of a list in which something is selected: how much, its verbs, and the way out. */
export function SelectionBar({
  count,
  children,
  onClear,
}: {
  count: number;
  /** `SelectionVerb`s. */
  children: ReactNode;
  onClear: () => void;
}) {
  const labels = useLabels();
  return (
    <div className={classes.bar} role="toolbar" aria-label={labels.selected(count)}>
      <b>{labels.selected(count)}</b>
      {children}
      <button type="button" className={classes.verb} aria-label={labels.clearSelection} onClick={onClear}>
        <IconX size={17} />
      </button>
    </div>
  );
}

/** A verb in the selection bar. */
export function SelectionVerb({
  icon,
  children,
  onClick,
}: {
  icon?: ReactNode;
  children: ReactNode;
  onClick: () => void;
}) {
  return (
    <button type="button" className={classes.verb} onClick={onClick}>
      {icon}
      {children}
    </button>
  );
}
