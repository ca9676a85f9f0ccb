import classes from './progress.module.css';

/** Work that takes time. Without `value` we do not know how long. `bare`: only the bar, named for screen readers. */
export function Progress({
  label,
  value,
  detail,
  bare,
}: {
  label: string;
  value?: number;
  detail?: string;
  bare?: boolean;
}) {
  const percent = value === undefined ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div className={classes.progress} data-bare={bare || undefined}>
      {bare ? null : (
        <div className={classes.words}>
          <span>{label}</span>
          <span>{detail ?? (percent === undefined ? '' : `${percent} %`)}</span>
        </div>
      )}
      <div
        className={classes.track}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <div
          className={classes.bar}
          data-state={percent === undefined ? 'unknown' : undefined}
          style={percent === undefined ? undefined : { width: `${percent}%` }}
        />
      </div>
    </div>
  );
}
