import { cityName, codeOf, LiveText, Slot, Trouble, useAction, useApi, useFormat } from '@liaison/core/web';
import { IconButton, Progress, SidePane } from '@liaison/ui';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Appointment,
  type CalendarView,
  deleteEvent,
  getEvent,
  instantOf,
  listOccurrences,
  type Scope,
  wallFromLocal,
} from '../contract/index.ts';
import { appointmentMeeting } from '../contract/slots.ts';
import { MyAnswer, Participants } from './answers.tsx';
import classes from './calendar.module.css';
import { calendarName } from './calendar-name.ts';
import type { Draft } from './editor/draft.ts';
import { sayRule } from './editor/rule.ts';
import type { AlsoIn } from './views/view-props.ts';

const ScopeDialog = lazy(() => import('./editor/scope-dialog.tsx'));

/** One appointment: when here and there, with whom, where, and what I say to it. */
export function EventPane({
  eventId,
  at,
  calendars,
  also,
  onAlso,
  onEdit,
  onGone,
}: {
  eventId: string;
  at: string | null;
  calendars: readonly CalendarView[];
  /** Other calendars in which the meeting lies. */
  also: readonly AlsoIn[];
  onAlso: (eventId: string) => void;
  onEdit: (draft: Draft) => void;
  onGone: () => void;
}) {
  const { t } = useTranslation('calendar');
  const format = useFormat();
  const [asked, setAsked] = useState<'edit' | 'delete' | null>(null);
  const found = useApi(getEvent, { params: { eventId }, query: at === null ? {} : { at } });
  const remove = useAction(deleteEvent, { invalidates: [listOccurrences], onDone: onGone });
  const isGone = codeOf(found.error) === 'not-found';
  // What was shown before is not hers to see any more.
  const event = isGone ? undefined : found.data;
  if (!event) {
    return (
      <SidePane title={t('appointment')}>
        {found.error ? (
          <Trouble error={found.error} {...(isGone ? { text: t('gone') } : {})} />
        ) : (
          <Progress bare label={t('loading')} />
        )}
      </SidePane>
    );
  }
  const { fields } = event;
  const zone = fields.times.timeZone ?? 'UTC';
  const startMs = instantOf(wallFromLocal(fields.times.start), zone);
  const endMs = instantOf(wallFromLocal(fields.times.end), zone);
  const isSeries = fields.rule !== null || at !== null;
  const edit = (scope: Scope) => {
    setAsked(null);
    onEdit({
      calendarId: event.calendarId,
      timeZone: format.timeZone,
      startMs,
      endMs,
      change: { appointment: event, scope, at: isSeries ? at : null },
    });
  };
  const calendar = calendars.find(({ id }) => id === event.calendarId);
  return (
    <SidePane
      title={fields.title || t('untitled')}
      meta={calendar ? calendarName(calendar, t('mine')) : undefined}
      actions={
        event.canChange ? (
          <>
            <IconButton
              aria-label={t('edit')}
              data-keep
              onClick={() => (isSeries ? setAsked('edit') : edit('all'))}
            >
              <IconPencil size={18} />
            </IconButton>
            <IconButton
              aria-label={t('delete')}
              data-keep
              onClick={() =>
                isSeries
                  ? setAsked('delete')
                  : remove.mutate({ params: { eventId }, body: { scope: 'all', at: null } })
              }
            >
              <IconTrash size={18} />
            </IconButton>
          </>
        ) : undefined
      }
    >
      <div className={classes.pane}>
        <When event={event} startMs={startMs} endMs={endMs} />
        {also.map(({ calendarId, eventId: there, name, colour }) => (
          <p key={calendarId} className={classes.also}>
            <span className={classes.swatch} data-colour={colour} />
            <button type="button" className={classes.link} onClick={() => onAlso(there)}>
              {t('alsoIn', { names: name })}
            </button>
          </p>
        ))}
        {fields.rule === null ? null : (
          <p className={classes.quiet}>
            {sayRule(fields.rule, fields.times.start.slice(0, 10), format.locale, t)}
          </p>
        )}
        {fields.place ? (
          <p>
            <LiveText text={fields.place} writtenBy={event.organiserId} />
          </p>
        ) : null}
        {fields.note ? (
          <p className={classes.note}>
            <LiveText text={fields.note} writtenBy={event.organiserId} />
          </p>
        ) : null}
        <Slot
          slot={appointmentMeeting}
          meetingId={event.meetingId}
          eventId={event.id}
          title={fields.title}
          startsAt={new Date(startMs).toISOString()}
          canChange={event.canChange}
        />
        {event.answer === null ? null : <MyAnswer event={event} at={at} />}
        {event.participants.length > 0 || event.answer !== null ? <Participants event={event} /> : null}
        <Trouble error={remove.error} />
      </div>
      <Suspense fallback={null}>
        {asked ? (
          <ScopeDialog
            title={t(asked === 'edit' ? 'edit' : 'delete')}
            verb={t(asked === 'edit' ? 'scope.editVerb' : 'delete')}
            onClose={() => setAsked(null)}
            onChoose={(scope) => {
              if (asked === 'edit') edit(scope);
              else {
                setAsked(null);
                remove.mutate({ params: { eventId }, body: { scope, at } });
              }
            }}
          />
        ) : null}
      </Suspense>
    </SidePane>
  );
}

/** My clock first, then the appointment's own where it shows something else. */
function When({ event, startMs, endMs }: { event: Appointment; startMs: number; endMs: number }) {
  const { t } = useTranslation('calendar');
  const format = useFormat();
  const { times } = event.fields;
  if (times.isAllDay) {
    const days = new Intl.DateTimeFormat(format.locale, { dateStyle: 'full', timeZone: 'UTC' });
    return <p>{days.formatRange(startMs, endMs - 86_400_000)}</p>;
  }
  const there = new Intl.DateTimeFormat(format.locale, {
    timeZone: times.timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  const here = format.clockOf(times.timeZone) === null;
  return (
    <p>
      <b>{format.dayTitle(startMs)}</b>
      <br />
      {format.time(startMs)} – {format.time(endMs)}
      {here ? null : (
        <>
          <br />
          <span className={classes.quiet}>
            {t('there', {
              time: there.formatRange(startMs, endMs),
              city: cityName(times.timeZone, format.language),
            })}
          </span>
        </>
      )}
    </p>
  );
}
