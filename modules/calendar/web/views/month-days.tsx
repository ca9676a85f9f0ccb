import { formatTitle, useFormat } from '@liaison/core/web';
import { IconButton } from '@liaison/ui';
import { IconPlus } from '@tabler/icons-react';
import { useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { instantOf, wallFromLocal } from '../../contract/zone-time.ts';
import calendar from '../calendar.module.css';
import { keyOf, onDay } from '../state/placed.ts';
import { EventChip } from './event-chip.tsx';
import classes from './month-days.module.css';
import { monthKeys } from './month-keys.ts';
import type { ViewProps } from './view-props.ts';
import { WeekdayName } from './weekday-name.tsx';

const mostDots = 3;

/** A month on a telephone: a dot for what is on a day, and below it what the chosen day holds. */
export function MonthDays({
  days,
  day: chosen,
  occurrences,
  today,
  onOpen,
  onCreate,
  onChoose,
  colourOf,
  alsoIn,
  current,
}: ViewProps & { onChoose: (day: string) => void }) {
  const { t } = useTranslation('calendar');
  const { timeZone, locale } = useFormat();
  const grid = useRef<HTMLDivElement>(null);
  const name = new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  });
  const filled = useMemo(
    () => new Map(days.map((day) => [day, onDay(occurrences, day, timeZone)])),
    [days, occurrences, timeZone],
  );
  const there = filled.get(chosen) ?? [];
  const said = formatTitle(name.format(wallFromLocal(chosen)), { locale });
  return (
    <div className={classes.month}>
      {/* biome-ignore lint/a11y/useSemanticElements: no element is a month's days */}
      <div className={classes.days} ref={grid} role="group" aria-label={t('view.month')}>
        {days.slice(0, 7).map((each) => (
          <div key={each} className={classes.head}>
            <WeekdayName day={each} locale={locale} />
          </div>
        ))}
        {days.map((each) => {
          const on = filled.get(each) ?? [];
          const count = on.length === 0 ? t('month.nothing') : t('month.holds', { count: on.length });
          return (
            <button
              key={each}
              type="button"
              className={classes.day}
              data-day={each}
              data-other={each.slice(0, 7) !== chosen.slice(0, 7) || undefined}
              aria-current={each === today ? 'date' : undefined}
              aria-pressed={each === chosen}
              aria-label={`${name.format(wallFromLocal(each))}, ${count}`}
              tabIndex={each === chosen ? 0 : -1}
              onClick={() => onChoose(each)}
              onKeyDown={(event) => monthKeys(event, each, grid.current)}
            >
              <b>{Number(each.slice(8))}</b>
              <span className={classes.dots}>
                {on.slice(0, mostDots).map((occurrence) => (
                  <span key={keyOf(occurrence)} data-colour={colourOf(occurrence)} />
                ))}
              </span>
            </button>
          );
        })}
      </div>
      <section className={`${classes.there} ${calendar.lines}`} aria-label={said}>
        <div className={classes.name}>
          <h2>{said}</h2>
          <IconButton
            aria-label={t('addOn', { day: said })}
            onClick={() =>
              onCreate({
                startMs: instantOf(wallFromLocal(chosen) + 9 * 3_600_000, timeZone),
                endMs: instantOf(wallFromLocal(chosen) + 10 * 3_600_000, timeZone),
              })
            }
          >
            <IconPlus size={20} />
          </IconButton>
        </div>
        {there.length === 0 ? <p className={classes.nothing}>{t('month.nothing')}</p> : null}
        {there.map((occurrence) => (
          <EventChip
            key={keyOf(occurrence)}
            occurrence={occurrence}
            colour={colourOf(occurrence)}
            also={alsoIn(occurrence)}
            isCurrent={current === occurrence.eventId}
            onOpen={onOpen}
          />
        ))}
      </section>
    </div>
  );
}
