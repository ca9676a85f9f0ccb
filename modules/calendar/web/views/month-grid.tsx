import { useFormat } from '@liaison/core/web';
import { type CSSProperties, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { instantOf, wallFromLocal } from '../../contract/zone-time.ts';
import classes from '../calendar.module.css';
import { keyOf, onDay } from '../state/placed.ts';
import { EventChip } from './event-chip.tsx';
import { monthKeys } from './month-keys.ts';
import type { ViewProps } from './view-props.ts';
import { WeekdayName } from './weekday-name.tsx';

/** So many fit into a day of a month; the rest is behind "and 3 more". */
const fits = 3;

/** Whole weeks of a month. Arrows move the day, Enter makes something on it. */
export function MonthGrid({
  days,
  day,
  occurrences,
  today,
  onOpen,
  onCreate,
  onDay: openDay,
  colourOf,
  alsoIn,
  current,
}: ViewProps) {
  const { t } = useTranslation('calendar');
  const format = useFormat();
  const { timeZone, locale } = format;
  const grid = useRef<HTMLDivElement>(null);
  const create = (on: string) =>
    onCreate({
      startMs: instantOf(wallFromLocal(on) + 9 * 3_600_000, timeZone),
      endMs: instantOf(wallFromLocal(on) + 10 * 3_600_000, timeZone),
    });
  return (
    <div className={classes.month} ref={grid} style={{ '--weeks': days.length / 7 } as CSSProperties}>
      {days.slice(0, 7).map((each) => (
        <div key={each} className={classes.monthHead}>
          <WeekdayName day={each} locale={locale} />
        </div>
      ))}
      {days.map((each) => {
        const there = onDay(occurrences, each, timeZone);
        const shown = there.length > fits + 1 ? there.slice(0, fits) : there;
        return (
          <div
            key={each}
            className={classes.monthDay}
            data-today={each === today || undefined}
            data-other={each.slice(0, 7) !== day.slice(0, 7) || undefined}
          >
            <button
              type="button"
              className={classes.monthNumber}
              data-day={each}
              aria-label={t('addOn', { day: format.day(wallFromLocal(each) + 43_200_000) })}
              onClick={() => create(each)}
              onKeyDown={(event) => monthKeys(event, each, grid.current)}
            >
              {Number(each.slice(8))}
            </button>
            {shown.map((occurrence) => (
              <EventChip
                key={keyOf(occurrence)}
                occurrence={occurrence}
                colour={colourOf(occurrence)}
                also={alsoIn(occurrence)}
                isCurrent={current === occurrence.eventId}
                onOpen={onOpen}
              />
            ))}
            {there.length > shown.length ? (
              <button type="button" className={classes.more} onClick={() => openDay(each)}>
                {t('more', { count: there.length - shown.length })}
              </button>
            ) : null}
          </div>
        );
      })}
    </div>
  );
}
