import { cityName, formatTitle, useFormat } from '@liaison/core/web';
import {
  Button,
  Checkbox,
  IconButton,
  ListPane,
  NativeSelect,
  SectionTitle,
  useLabels,
  useNarrow,
} from '@liaison/ui';
import { IconArrowsExchange, IconChevronLeft, IconChevronRight, IconPlus, IconX } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarView } from '../contract/calendar.ts';
import { firstDays } from '../contract/settings.ts';
import { wallFromLocal } from '../contract/zone-time.ts';
import classes from './calendar.module.css';
import { calendarName } from './calendar-name.ts';
import { ColleaguesSection } from './colleagues-section.tsx';
import { addMonths, daysOf, firstDayOf } from './state/days.ts';
import type { Colleagues } from './state/use-colleagues.ts';
import type { Weeks } from './state/use-first-day.ts';
import { zoneOptions } from './zones.ts';

const CalendarDialog = lazy(() => import('./editor/calendar-dialog.tsx'));
const FilesDialog = lazy(() => import('./files/files-dialog.tsx'));

/** A small month to jump by, the calendars that lie over each other, rooms, and clocks of elsewhere. */
export function SideList({
  calendars,
  day,
  today,
  days,
  weeks,
  hidden,
  onHidden,
  zones,
  onZones,
  hasBirthdays,
  onBirthdays,
  overlays,
  onOverlays,
  colleagues,
  onDay,
  onClose,
}: {
  calendars: readonly CalendarView[] | undefined;
  day: string;
  today: string;
  days: readonly string[];
  /** On which day they begin. */
  weeks: Weeks;
  hidden: readonly string[];
  onHidden: (ids: readonly string[]) => void;
  zones: readonly string[];
  onZones: (zones: readonly string[]) => void;
  hasBirthdays: boolean;
  onBirthdays: (on: boolean) => void;
  overlays: readonly string[];
  onOverlays: (ids: readonly string[]) => void;
  colleagues: Colleagues;
  onDay: (day: string) => void;
  /** Back to the days, where it stands in their place. */
  onClose?: (() => void) | undefined;
}) {
  const { t } = useTranslation('calendar');
  const labels = useLabels();
  const narrow = useNarrow();
  const { locale, timeZone, language } = useFormat();
  const [month, setMonth] = useState<string | null>(null);
  const [opened, setOpened] = useState<CalendarView | 'new' | null>(null);
  const [hasFiles, setFiles] = useState(false);
  const at = month ?? day;
  const monthName = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' });
  const dayName = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: 'UTC' });
  const narrowName = new Intl.DateTimeFormat(locale, { weekday: 'narrow', timeZone: 'UTC' });
  const monthDays = daysOf('month', at, weeks.firstDay);
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' });
  // The first of January 2024 was a Monday.
  const nameOf = (first: number) =>
    formatTitle(weekday.format(wallFromLocal(`2024-01-0${first}`)), { locale });
  const own = calendars?.filter(({ kind }) => kind === 'personal' || kind === 'team') ?? [];
  const things =
    calendars?.filter(({ kind, isRetired }) => (kind === 'room' || kind === 'equipment') && !isRetired) ?? [];
  const toggled = (list: readonly string[], id: string) =>
    list.includes(id) ? list.filter((each) => each !== id) : [...list, id];
  return (
    <ListPane
      title={t('title')}
      actions={
        onClose && narrow ? (
          <IconButton aria-label={labels.close} onClick={onClose}>
            <IconX size={20} />
          </IconButton>
        ) : null
      }
    >
      <div className={classes.mini}>
        <div className={classes.miniHead}>
          <b>{formatTitle(monthName.format(wallFromLocal(at)), { locale })}</b>
          <IconButton aria-label={t('monthBefore')} onClick={() => setMonth(addMonths(at, -1))}>
            <IconChevronLeft size={18} />
          </IconButton>
          <IconButton aria-label={t('monthAfter')} onClick={() => setMonth(addMonths(at, 1))}>
            <IconChevronRight size={18} />
          </IconButton>
        </div>
        <div className={classes.miniDays}>
          {monthDays.slice(0, 7).map((each) => (
            <span key={each} aria-hidden="true">
              {narrowName.format(wallFromLocal(each))}
            </span>
          ))}
          {monthDays.map((each) => (
            <button
              key={each}
              type="button"
              aria-label={dayName.format(wallFromLocal(each))}
              aria-current={each === today ? 'date' : undefined}
              data-shown={days.includes(each) || undefined}
              data-other={each.slice(0, 7) !== at.slice(0, 7) || undefined}
              onClick={() => {
                setMonth(null);
                onDay(each);
              }}
            >
              {Number(each.slice(8))}
            </button>
          ))}
        </div>
      </div>
      <SectionTitle>{t('calendars')}</SectionTitle>
      <ul className={classes.calendars}>
        {own.map((calendar) => (
          <li key={calendar.id}>
            <span className={classes.swatch} data-colour={calendar.colour} />
            <Checkbox
              label={calendarName(calendar, t('mine'))}
              checked={!hidden.includes(calendar.id)}
              onChange={() => onHidden(toggled(hidden, calendar.id))}
            />
            {calendar.right === 'manage' || calendar.right === 'write' ? (
              <button type="button" className={classes.link} onClick={() => setOpened(calendar)}>
                {t('settings')}
                <span className={classes.hidden}> {calendarName(calendar, t('mine'))}</span>
              </button>
            ) : null}
          </li>
        ))}
        <li>
          <span className={classes.swatch} data-colour={7} />
          <Checkbox
            label={t('birthdays.title')}
            checked={hasBirthdays}
            onChange={() => onBirthdays(!hasBirthdays)}
          />
        </li>
      </ul>
      <div className={classes.foot}>
        <Button variant="subtle" leftSection={<IconPlus size={16} />} onClick={() => setOpened('new')}>
          {t('addCalendar')}
        </Button>
        {own.length > 0 ? (
          <Button
            variant="subtle"
            leftSection={<IconArrowsExchange size={16} />}
            onClick={() => setFiles(true)}
          >
            {t('files.title')}
          </Button>
        ) : null}
      </div>
      {things.length > 0 ? (
        <>
          <SectionTitle>{t('things')}</SectionTitle>
          <ul className={classes.calendars}>
            {things.map((thing) => (
              <li key={thing.id}>
                <span className={classes.swatch} data-colour={thing.colour} />
                <Checkbox
                  label={
                    thing.capacity === null
                      ? thing.name
                      : t('seats', { name: thing.name, count: thing.capacity })
                  }
                  checked={overlays.includes(thing.id)}
                  onChange={() => onOverlays(toggled(overlays, thing.id))}
                />
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <ColleaguesSection colleagues={colleagues} />
      <SectionTitle>{t('clocks')}</SectionTitle>
      <ul className={classes.calendars}>
        {zones.map((zone) => (
          <li key={zone}>
            <span className={classes.clockName}>{cityName(zone, language)}</span>
            <IconButton
              aria-label={t('removeClock', { city: cityName(zone, language) })}
              onClick={() => onZones(zones.filter((each) => each !== zone))}
            >
              <IconX size={16} />
            </IconButton>
          </li>
        ))}
      </ul>
      {zones.length < 3 ? (
        <div className={classes.foot}>
          <NativeSelect
            label={t('addClock')}
            value=""
            options={[
              { value: '', label: t('chooseClock') },
              ...zoneOptions(timeZone, language).filter(
                ({ value }) => value !== timeZone && !zones.includes(value),
              ),
            ]}
            onChange={(zone) => zone && onZones([...zones, zone])}
          />
        </div>
      ) : null}
      <SectionTitle>{t('weeks.title')}</SectionTitle>
      <div className={classes.foot}>
        <NativeSelect
          label={t('weeks.begin')}
          value={weeks.chosen === null ? '' : String(weeks.chosen)}
          options={[
            { value: '', label: t('weeks.asUsual', { day: nameOf(firstDayOf(locale)) }) },
            ...firstDays.map((first) => ({ value: String(first), label: nameOf(first) })),
          ]}
          onChange={(chosen) => weeks.choose(firstDays.find((first) => String(first) === chosen) ?? null)}
        />
      </div>
      <Suspense fallback={null}>
        {opened ? (
          <CalendarDialog calendar={opened === 'new' ? null : opened} onClose={() => setOpened(null)} />
        ) : null}
        {hasFiles ? <FilesDialog calendars={own} onClose={() => setFiles(false)} /> : null}
      </Suspense>
    </ListPane>
  );
}
