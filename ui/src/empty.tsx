import type { ReactNode } from 'react';
import classes from './empty.module.css';

/** Nothing here yet: what is, why, and the next step. The broken wire is its picture. */
export function Empty({
  title,
  children,
  actions,
  isPage = false,
}: {
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  /** It is all that the page has. */
  isPage?: boolean;
}) {
  const Title = isPage ? 'h1' : 'h2';
  return (
    <div className={classes.empty}>
      <svg width="220" height="72" viewBox="0 0 220 72" fill="none" aria-hidden="true">
        <path d="M40 36h58M122 36h58" stroke="var(--border-field)" strokeWidth="2" />
        <circle cx="28" cy="36" r="12" fill="var(--accent)" />
        <circle cx="192" cy="36" r="11" stroke="var(--border-field)" strokeWidth="2" />
      </svg>
      <Title>{title}</Title>
      {children ? <div className={classes.why}>{children}</div> : null}
      {actions ? <div className={classes.actions}>{actions}</div> : null}
    </div>
  );
}
