import { useFormat } from '@liaison/core/web';
import { IconButton } from '@liaison/ui';
import { IconPlus } from '@tabler/icons-react';
import { type KeyboardEvent, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { instantOf, wallFromLocal } from '../../contract/zone-time.ts';
import calendar from '../calendar.module.css';
import { addDays } from '../state/days.ts';
import { onDay } from '../state/placed.ts';
import { EventChip } from './event-chip.tsx';
import classes from './month-days.module.css';
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
  const said = name.format(wallFromLocal(chosen));
  function keys(event: KeyboardEvent, on: string): void {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    grid.current?.querySelector<HTMLElement>(`[data-day="${addDays(on, by)}"]`)?.focus();
  }
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
              onKeyDown={(event) => keys(event, each)}
            >
              <b>{Number(each.slice(8))}</b>
              <span className={classes.dots}>
                {on.slice(0, mostDots).map((occurrence) => (
                  <span key={`${occurrence.eventId}${occurrence.at}`} data-colour={colourOf(occurrence)} />
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
            key={`${occurrence.eventId}${occurrence.at}`}
            occurrence={occurrence}
            colour={colourOf(occurrence)}
            isCurrent={current === occurrence.eventId}
            onOpen={onOpen}
          />
        ))}
      </section>
    </div>
  );
}
