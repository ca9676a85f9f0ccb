import { formatTitle, useFormat } from '@liaison/core/web';
import { Button, Empty } from '@liaison/ui';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { wallFromLocal } from '../../contract/zone-time.ts';
import classes from '../calendar.module.css';
import { keyOf, onDay } from '../state/placed.ts';
import { EventChip } from './event-chip.tsx';
import type { ViewProps } from './view-props.ts';

/** Thirty days as a list; days on which nothing is are not said. */
export function Agenda({
  days,
  occurrences,
  today,
  onOpen,
  colourOf,
  alsoIn,
  current,
  onNew,
}: ViewProps & { onNew: () => void }) {
  const { t } = useTranslation('calendar');
  const { locale, timeZone } = useFormat();
  const name = new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  });
  const titleOf = (day: string): string => formatTitle(name.format(wallFromLocal(day)), { locale });
  const filled = useMemo(
    () =>
      days
        .map((day) => ({ day, there: onDay(occurrences, day, timeZone) }))
        .filter(({ there }) => there.length > 0),
    [days, occurrences, timeZone],
  );
  if (filled.length === 0) {
    return (
      <Empty title={t('empty.title')} actions={<Button onClick={onNew}>{t('new')}</Button>}>
        {t('empty.hint')}
      </Empty>
    );
  }
  return (
    <div className={classes.agenda}>
      {filled.map(({ day, there }) => (
        <section key={day} aria-label={titleOf(day)}>
          <h2 data-today={day === today || undefined}>{titleOf(day)}</h2>
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
      ))}
    </div>
  );
}
