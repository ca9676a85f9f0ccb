import { wallFromLocal } from '../../contract/zone-time.ts';
import classes from '../calendar.module.css';

/** The day of the week at the head of a column: its first letter where the column is narrow, spoken whole. */
export function WeekdayName({ day, locale }: { day: string; locale: string }) {
  const name = (weekday: 'long' | 'short' | 'narrow') =>
    new Intl.DateTimeFormat(locale, { weekday, timeZone: 'UTC' }).format(wallFromLocal(day));
  return (
    <span className={classes.weekday}>
      <span className={classes.hidden}>{name('long')}</span>
      <span aria-hidden="true" data-short>
        {name('short')}
      </span>
      <span aria-hidden="true" data-narrow>
        {name('narrow')}
      </span>
    </span>
  );
}
