import classes from './badge.module.css';

/** A count. `quiet` for what need not be looked at now. The words for screen readers belong to what carries it. */
export function Badge({ count, quiet, label }: { count: number; quiet?: boolean; label?: string }) {
  if (count <= 0) return null;
  return (
    <span className={classes.badge} data-state={quiet ? 'quiet' : 'new'}>
      <span aria-hidden={label ? true : undefined}>{count > 99 ? '99+' : count}</span>
      {label ? <span className={classes.words}> {label}</span> : null}
    </span>
  );
}
