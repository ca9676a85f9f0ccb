import type { ReactNode } from 'react';
import classes from './tag.module.css';

/** A word about a thing: a role, a state of an account. Not a button. */
export function Tag({
  tone = 'plain',
  icon,
  children,
}: {
  tone?: 'plain' | 'accent' | 'danger' | 'warn' | 'free';
  icon?: ReactNode;
  children: ReactNode;
}) {
  return (
    <span className={classes.tag} data-tone={tone}>
      {icon}
      {children}
    </span>
  );
}
