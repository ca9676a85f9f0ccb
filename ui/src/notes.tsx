import { IconAlertTriangle, IconLock, IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useLabels } from './labels.tsx';
import classes from './notes.module.css';

export interface RefusalProps {
  /** What is: "This page is for the board." */
  title: string;
  /** Why, in sentences. */
  children?: ReactNode;
  /** The next step: a person who can open it, a button. */
  actions?: ReactNode;
  /** The last way out: "Did you expect something else? Go back to …" */
  foot?: ReactNode;
  icon?: ReactNode;
  /** It is all that the page has: no header stands above. */
  isPage?: boolean;
}

/** A whole page that somebody may not see, or that is not there: says why, and who could help. */
export function Refusal({
  title,
  children,
  actions,
  foot,
  icon = <IconLock size={24} />,
  isPage = false,
}: RefusalProps) {
  const Title = isPage ? 'h1' : 'h2';
  return (
    <div className={classes.refusal}>
      <span className={classes.icon}>{icon}</span>
      <Title>{title}</Title>
      {children ? <div className={classes.why}>{children}</div> : null}
      {actions ? <div className={classes.card}>{actions}</div> : null}
      {foot ? <div className={classes.foot}>{foot}</div> : null}
    </div>
  );
}

export interface ErrorNoteProps {
  /** What is. */
  title: string;
  /** Why, and what stays safe. */
  children?: ReactNode;
  /** The next step. */
  actions?: ReactNode;
  /** What an administrator can look up; behind "Details". */
  reference?: string;
  tone?: 'danger' | 'warn' | 'plain';
}

/** Something went wrong, said where it went wrong. */
export function ErrorNote({ title, children, actions, reference, tone = 'danger' }: ErrorNoteProps) {
  const labels = useLabels();
  return (
    <div className={classes.note} data-tone={tone} role={tone === 'danger' ? 'alert' : 'status'}>
      <IconAlertTriangle size={18} />
      <div className={classes.words}>
        <b>{title}</b>
        {children ? <div className={classes.why}>{children}</div> : null}
        {reference ? (
          <details className={classes.details}>
            <summary>{labels.details}</summary>
            {labels.reference} <code>{reference}</code>
          </details>
        ) : null}
        {actions ? <div className={classes.actions}>{actions}</div> : null}
      </div>
    </div>
  );
}

/** A band over the page while something is wrong with all of it: the connection, an old page. */
export function Notice({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={classes.band} role="status">
      <IconPlugConnectedX size={18} />
      <span>
        <b>{title}</b> {children}
      </span>
      {action}
    </div>
  );
}
