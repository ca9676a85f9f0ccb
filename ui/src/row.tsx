import type { ReactNode } from 'react';
import { Badge } from './badge.tsx';
import { useLabels } from './labels.tsx';
import { Link } from './link.tsx';
import classes from './row.module.css';

export interface RowProps {
  name: ReactNode;
  /** A `Face`, or an icon of 18 px. */
  face?: ReactNode;
  /** At the end of the first line: a time. */
  meta?: ReactNode;
  second?: ReactNode;
  /** An icon before the second line: which way a call went. */
  secondIcon?: ReactNode;
  /** How many are new; `true` when it is new without a count. */
  unread?: number | boolean;
  selected?: boolean;
  /** A missed call: the name in red, and the word for screen readers. */
  missed?: boolean;
  /** 36 high, one line: trees and menus in a list. */
  compact?: boolean;
  /** At the end of the row: a verb. Not inside the link. */
  action?: ReactNode;
  href?: string;
  onClick?: () => void;
}

/** One row of a list: never more than two lines. */
export function Row(props: RowProps) {
  const { name, face, meta, second, secondIcon, unread, selected, missed, compact, action, href, onClick } =
    props;
  const labels = useLabels();
  const inside = (
    <>
      {face}
      <span className={classes.words}>
        <span className={classes.first}>
          <span className={classes.name}>
            {name}
            {missed ? <span className={classes.hidden}>, {labels.missed}</span> : null}
          </span>
          {meta ? <span className={classes.meta}>{meta}</span> : null}
          {compact && typeof unread === 'number' ? (
            <Badge count={unread} label={labels.unread(unread)} />
          ) : null}
        </span>
        {second !== undefined && !compact ? (
          <span className={classes.second}>
            {secondIcon}
            <span className={classes.clip}>{second}</span>
            {typeof unread === 'number' && unread > 0 ? (
              <Badge count={unread} label={labels.unread(unread)} />
            ) : null}
          </span>
        ) : null}
      </span>
    </>
  );
  const shared = { className: classes.link, 'aria-current': selected ? ('true' as const) : undefined };
  return (
    <div
      className={classes.row}
      data-state={missed ? 'missed' : unread ? 'unread' : undefined}
      data-selected={selected || undefined}
      data-size={compact ? 'compact' : undefined}
    >
      {href !== undefined ? (
        <Link href={href} onClick={onClick} {...shared}>
          {inside}
        </Link>
      ) : onClick ? (
        <button type="button" onClick={onClick} {...shared}>
          {inside}
        </button>
      ) : (
        <div className={classes.link}>{inside}</div>
      )}
      {action}
    </div>
  );
}

/** Rows under each other. */
export function Rows({ children, label }: { children: ReactNode; label?: string }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as a form
    <div className={classes.rows} role="group" aria-label={label}>
      {children}
    </div>
  );
}
