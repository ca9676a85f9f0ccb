import { IconPhone } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './call-record.module.css';
import { Link } from './link.tsx';

/** A call in a conversation: who called whom, how long, and what came of it. */
export function CallRecord({
  title,
  detail,
  icon = <IconPhone size={17} />,
  action,
  href,
}: {
  title: string;
  detail?: ReactNode;
  icon?: ReactNode;
  /** The word at the end: "Open". */
  action?: string;
  href?: string;
}) {
  const inside = (
    <>
      {icon}
      <span className={classes.words}>
        <b>{title}</b>
        {detail ? <span> · {detail}</span> : null}
      </span>
      {action ? <span className={classes.action}>{action}</span> : null}
    </>
  );
  return href ? (
    <Link className={classes.record} href={href}>
      {inside}
    </Link>
  ) : (
    <div className={classes.record}>{inside}</div>
  );
}
