import {
  dayOf,
  formatTitle,
  invalidate,
  Trouble,
  useApi,
  useFormat,
  useKeys,
  useLiveEvent,
  usePageTitle,
} from '@liaison/core/web';
import { Button, IconButton, PageHeader, Panes, Progress, Segments, useNarrow } from '@liaison/ui';
import { IconCalendarDot, IconChevronLeft, IconChevronRight, IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  appointmentsChanged,
  getEvent,
  listCalendars,
  listOccurrences,
  type Occurrence,
  wallFromLocal,
  wallOf,
} from '../contract/index.ts';
import classes from './calendar.module.css';
import { calendarName } from './calendar-name.ts';
import type { Draft } from './editor/draft.ts';
import { EventPane } from './event-pane.tsx';
import { SideList } from './side-list.tsx';
import { birthdayCalendar, useBirthdays } from './state/birthdays.ts';
import { daysOf, step, windowOf } from './state/days.ts';
import { once } from './state/once.ts';
import { type CalendarSearch, readSearch, type View } from './state/search.ts';
import { useColleagues } from './state/use-colleagues.ts';
import { useFirstDay } from './state/use-first-day.ts';
import { useKept } from './state/use-kept.ts';
import { useMoves } from './state/use-moves.ts';
import { useRightsChanged } from './state/use-rights-changed.ts';
import { Agenda } from './views/agenda.tsx';
import { MonthDays } from './views/month-days.tsx';
import { MonthGrid } from './views/month-grid.tsx';
import { LaneKey } from './views/taken-lanes.tsx';
import { TimeGrid } from './views/time-grid.tsx';
import type { AlsoIn, Span, ViewProps } from './views/view-props.ts';

const EventDialog = lazy(() => import('./editor/event-dialog.tsx'));
const ScopeDialog = lazy(() => import('./editor/scope-dialog.tsx'));

/** Days, weeks and months of several calendars, one over the other. */
export function CalendarPage() {
  const { t } = useTranslation('calendar');
  const format = useFormat();
  const { timeZone, locale } = format;
  const narrow = useNarrow();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { history } = useRouter();
  const given = useSearch({ strict: false });
  // The router hands on what the route's own reader has refused.
  const search = useMemo(() => readSearch(given), [given]);
  const now = useNow();
  const today = dayOf(now, timeZone);
  const view = search.view ?? (narrow ? 'day' : 'week');
  const day = search.day ?? today;
  const weeks = useFirstDay(locale);
  const { firstDay } = weeks;
  const days = useMemo(() => daysOf(view, day, firstDay), [view, day, firstDay]);
  const [hidden, setHidden] = useKept('calendar.hidden');
  const [also, setAlso] = useKept('calendar.also');
  const [zones, setZones] = useKept('calendar.zones');
  const [overlays, setOverlays] = useState<readonly string[]>([]);
  const [draft, setDraft] = useState<Draft | null>(null);
  /** What was made just now, until it has been shown. */
  const [made, setMade] = useState<string | null>(null);
  const onShown = useCallback(() => setMade(null), []);
  const [moving, setMoving] = useState<{ occurrence: Occurrence; span: Span } | null>(null);
  usePageTitle(t('title'));

  const calendars = useApi(listCalendars);
  const shown = useMemo(
    () => [
      ...(calendars.data?.rows ?? [])
        .filter(({ id, kind }) => (kind === 'personal' || kind === 'team') && !hidden.includes(id))
        .map(({ id }) => id),
      ...overlays,
    ],
    [calendars.data, hidden, overlays],
  );
  const window = useMemo(() => windowOf(days, timeZone), [days, timeZone]);
  const occurrences = useApi(
    listOccurrences,
    shown.length > 0 ? { query: { ...window, calendars: shown.slice(0, 100).join(',') } } : null,
    { keepLast: true },
  );
  const colleagues = useColleagues(view === 'day' || view === 'week' ? window : null);
  const birthdays = useBirthdays(also.includes(birthdayCalendar), days);
  const { move, placed } = useMoves(timeZone);
  const { rows: all, others } = useMemo(() => {
    // The last answer stands until the next one comes: not with what is hidden or closed to her by now.
    const rows = (occurrences.data?.rows ?? []).filter(({ calendarId }) => shown.includes(calendarId));
    return once([...placed(rows), ...birthdays]);
  }, [placed, occurrences.data, shown, birthdays]);
  useRightsChanged(() => void invalidate(client, [listCalendars, listOccurrences, getEvent]));
  useLiveEvent(appointmentsChanged, ({ data }) => {
    void invalidate(
      client,
      data.eventIds.length === 0 ? [listOccurrences, listCalendars, getEvent] : [listOccurrences, getEvent],
    );
  });

  const go = useCallback(
    (to: CalendarSearch) => void navigate({ to: '/calendar', search: { ...search, ...to } as never }),
    [navigate, search],
  );
  const close = () => void navigate({ to: '/calendar', search: { view, day } as never });
  const byId = useMemo(
    () => new Map((calendars.data?.rows ?? []).map((each) => [each.id, each])),
    [calendars.data],
  );
  const colourOf = (occurrence: Occurrence) =>
    occurrence.colour ?? byId.get(occurrence.calendarId)?.colour ?? 7;
  const inCalendars = (occurrences: readonly Occurrence[]): AlsoIn[] =>
    occurrences.flatMap(({ eventId, calendarId }) => {
      const calendar = byId.get(calendarId);
      return calendar
        ? { calendarId, eventId, name: calendarName(calendar, t('mine')), colour: calendar.colour }
        : [];
    });
  // An invitation is moved where it was written, for whom that lies in one of her calendars.
  const movable = (occurrence: Occurrence): Occurrence | undefined =>
    [occurrence, ...others(occurrence)].find(({ calendarId, answer }) => {
      const right = byId.get(calendarId)?.right;
      return (right === 'write' || right === 'manage') && answer === null;
    });
  const create = (span: Span & { isAllDay?: boolean }) => setDraft({ ...span, calendarId: null, timeZone });
  const createSoon = () => {
    const at = wallFromLocal(`${day}T09:00`);
    const soon = day === today ? Math.ceil(wallOf(now, timeZone) / 1_800_000) * 1_800_000 : at;
    create({
      startMs: soon - (wallOf(now, timeZone) - now),
      endMs: soon - (wallOf(now, timeZone) - now) + 1_800_000,
    });
  };

  const open = (event: string, at: string | undefined) =>
    void navigate({ to: '/calendar', search: { view, day, event, ...(at ? { at } : {}) } as never });
  // Whichever of a meeting's calendars it is open in.
  const opened = all.find((shown) =>
    [shown, ...others(shown)].some(({ eventId, at }) => eventId === search.event && (search.at ?? at) === at),
  );

  useKeys([
    { keys: 'N', label: t('new'), group: t('title'), run: createSoon },
    { keys: 'T', label: t('today'), group: t('title'), run: () => go({ day: today }) },
  ]);

  const props: ViewProps = {
    days,
    day,
    occurrences: all,
    zones,
    today,
    now,
    colleagues: colleagues.shown,
    current: opened?.eventId,
    colourOf,
    alsoIn: (occurrence) => inCalendars(others(occurrence)),
    canMove: (occurrence) => movable(occurrence) !== undefined,
    onOpen: (occurrence) => {
      if (occurrence.calendarId === birthdayCalendar) {
        history.push(`/contacts/${occurrence.eventId}`);
        return;
      }
      if (occurrence.title === '' && !occurrence.isSeries && !byId.has(occurrence.calendarId)) return;
      open(occurrence.eventId, occurrence.isSeries ? occurrence.at : undefined);
    },
    onCreate: create,
    onMove: (shown, span) => {
      const occurrence = movable(shown);
      if (!occurrence) return;
      if (occurrence.isSeries) setMoving({ occurrence, span });
      else void move(occurrence, span, 'all');
    },
    onDay: (to) => go({ view: 'day', day: to }),
  };
  const failed = calendars.error ?? occurrences.error;
  return (
    <Panes
      listWidth={304}
      view={search.event ? 'side' : search.list ? 'list' : 'page'}
      onShowList={() => go({ list: true })}
      onCloseSide={close}
      list={
        <SideList
          calendars={calendars.data?.rows}
          day={day}
          today={today}
          days={days}
          weeks={weeks}
          hidden={hidden}
          onHidden={setHidden}
          zones={zones}
          onZones={setZones}
          hasBirthdays={also.includes(birthdayCalendar)}
          onBirthdays={(on) => setAlso(on ? [birthdayCalendar] : [])}
          overlays={overlays}
          onOverlays={setOverlays}
          colleagues={colleagues}
          onDay={(to) => go({ day: to, list: undefined })}
          onClose={search.list ? () => go({ list: undefined }) : undefined}
        />
      }
      side={
        search.event ? (
          <EventPane
            key={`${search.event}${search.at ?? ''}`}
            eventId={search.event}
            at={search.at ?? null}
            calendars={calendars.data?.rows ?? []}
            also={
              opened
                ? inCalendars([opened, ...others(opened)]).filter(({ eventId }) => eventId !== search.event)
                : []
            }
            onAlso={(eventId) => open(eventId, search.at)}
            onEdit={setDraft}
            onGone={close}
          />
        ) : undefined
      }
    >
      <PageHeader
        title={formatTitle(titleOf(view, days, day, locale, narrow), { locale })}
        actions={
          <>
            {narrow ? (
              <IconButton aria-label={t('today')} data-keep onClick={() => go({ day: today })}>
                <IconCalendarDot size={20} />
              </IconButton>
            ) : (
              <Button variant="default" onClick={() => go({ day: today })}>
                {t('today')}
              </Button>
            )}
            <IconButton aria-label={t('earlier')} data-keep onClick={() => go({ day: step(view, day, -1) })}>
              <IconChevronLeft size={20} />
            </IconButton>
            <IconButton aria-label={t('later')} data-keep onClick={() => go({ day: step(view, day, 1) })}>
              <IconChevronRight size={20} />
            </IconButton>
            {narrow ? (
              <IconButton aria-label={t('new')} onClick={createSoon}>
                <IconPlus size={22} />
              </IconButton>
            ) : (
              <Button leftSection={<IconPlus size={18} />} onClick={createSoon}>
                {t('new')}
              </Button>
            )}
          </>
        }
      />
      <div className={classes.tools}>
        <Segments<View>
          label={t('view.label')}
          value={view}
          onChange={(to) => go({ view: to })}
          items={[
            { id: 'day', label: t('view.day') },
            { id: 'week', label: t('view.week') },
            { id: 'month', label: t('view.month') },
            { id: 'agenda', label: t('view.agenda') },
          ]}
        />
        {view === 'day' || view === 'week' ? <LaneKey colleagues={colleagues.shown} /> : null}
        {occurrences.data?.isCut ? <span className={classes.quiet}>{t('isCut')}</span> : null}
      </div>
      <Trouble error={failed} />
      {calendars.data ? null : <Progress bare label={t('loading')} />}
      <div className={classes.view}>
        {view === 'month' && narrow ? (
          <MonthDays {...props} onChoose={(to) => go({ day: to })} />
        ) : view === 'month' ? (
          <MonthGrid {...props} />
        ) : view === 'agenda' ? (
          <Agenda {...props} onNew={createSoon} />
        ) : (
          <TimeGrid {...props} made={made} onShown={onShown} />
        )}
      </div>
      <Suspense fallback={null}>
        {draft && calendars.data ? (
          <EventDialog
            draft={draft}
            calendars={calendars.data.rows}
            onMade={setMade}
            onClose={() => setDraft(null)}
          />
        ) : null}
        {moving ? (
          <ScopeDialog
            title={t('scope.move')}
            verb={t('scope.moveVerb')}
            onClose={() => setMoving(null)}
            onChoose={(scope) => {
              setMoving(null);
              void move(moving.occurrence, moving.span, scope);
            }}
          />
        ) : null}
      </Suspense>
    </Panes>
  );
}

function titleOf(view: View, days: readonly string[], day: string, locale: string, isShort: boolean): string {
  const ms = (each: string) => wallFromLocal(each) + 43_200_000;
  if (view === 'month') {
    return new Intl.DateTimeFormat(locale, {
      month: isShort ? 'short' : 'long',
      year: 'numeric',
      timeZone: 'UTC',
    }).format(ms(day));
  }
  const dayFormat = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: isShort ? 'short' : 'long',
    ...(isShort ? {} : { year: 'numeric' as const }),
    timeZone: 'UTC',
    ...(view === 'day' ? { weekday: 'short' as const } : {}),
  });
  return view === 'day' ? dayFormat.format(ms(day)) : dayFormat.formatRange(ms(days[0]!), ms(days.at(-1)!));
}

/** This minute; the page is drawn again when it changes. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
