import type { ReactNode } from 'react';
import classes from './dividers.module.css';
import { useLabels } from './labels.tsx';

/** Between two days: "Thursday 14 May". Also any other word between messages: "3 replies". */
export function DayDivider({ children }: { children: ReactNode }) {
  return (
    <div className={classes.divider}>
      <span>{children}</span>
    </div>
  );
}

/** Above the first message that is new. */
export function NewDivider({ since }: { since: string }) {
  const labels = useLabels();
  return (
    <div className={classes.divider} data-state="new">
      <span>{labels.newSince(since)}</span>
    </div>
  );
}
