import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './sort-button.module.css';

/** The title of a column that sorts; the head of the column says `aria-sort`. */
export function SortButton({
  sorted,
  onClick,
  children,
}: {
  sorted: 'ascending' | 'descending' | undefined;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button type="button" className={classes.sort} onClick={onClick}>
      {children}
      {sorted === 'ascending' ? <IconChevronUp size={14} aria-hidden="true" /> : null}
      {sorted === 'descending' ? <IconChevronDown size={14} aria-hidden="true" /> : null}
    </button>
  );
}
