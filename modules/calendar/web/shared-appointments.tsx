import {
  dayOf,
  type Format,
  invalidate,
  useApi,
  useApiPages,
  useFormat,
  useLiveEvent,
} from '@liaison/core/web';
import { DossierItem, DossierMore, DossierNote, DossierSection } from '@liaison/ui';
import { IconCalendar } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { appointmentsChanged, listOccurrencesWith, type Occurrence } from '../contract/index.ts';

function useFresh(): void {
  const client = useQueryClient();
  useLiveEvent(appointmentsChanged, () => void invalidate(client, [listOccurrencesWith]));
}

/** What comes next with somebody of the organisation who rings, and what was last. */
export function SharedAppointments({ personId }: { personId: string | null }) {
  return personId === null ? null : <NextAppointments personId={personId} />;
}

function NextAppointments({ personId }: { personId: string }) {
  const { t } = useTranslation('calendar-nav');
  useFresh();
  const asked = { params: { personId } };
  const coming = useApi(listOccurrencesWith, { ...asked, query: { limit: 2 } });
  const past = useApi(listOccurrencesWith, { ...asked, query: { when: 'past', limit: 1 } });
  const isComing = (coming.data?.rows.length ?? 0) > 0;
  const rows = isComing ? coming.data?.rows : past.data?.rows;
  if (!coming.data || !rows || rows.length === 0) return null;
  return (
    <DossierSection icon={<IconCalendar size={16} />} title={isComing ? t('with.next') : t('with.last')}>
      {rows.map((row) => (
        <Item key={`${row.eventId} ${row.at}`} row={row} />
      ))}
    </DossierSection>
  );
}

/** On a person's page: what comes, and what was, a few at a time. */
export function AppointmentsWith({ person }: { person: { id: string } }) {
  const { t } = useTranslation('calendar-nav');
  useFresh();
  return (
    <>
      <Pages personId={person.id} when="coming" title={t('with.coming')} none={t('with.none')} limit={4} />
      <Pages personId={person.id} when="past" title={t('with.past')} limit={3} />
    </>
  );
}

/** Without `none` nothing is drawn where there is nothing. */
function Pages({
  personId,
  when,
  title,
  none,
  limit,
}: {
  personId: string;
  when: 'coming' | 'past';
  title: string;
  none?: string;
  limit: number;
}) {
  const { t } = useTranslation('calendar-nav');
  const pages = useApiPages(listOccurrencesWith, { params: { personId }, query: { when, limit } });
  const isEmpty = pages.rows?.length === 0;
  if (isEmpty && none === undefined) return null;
  return (
    <DossierSection icon={<IconCalendar size={16} />} title={title}>
      {isEmpty ? <DossierNote>{none}</DossierNote> : null}
      {pages.rows?.map((row) => (
        <Item key={`${row.eventId} ${row.at}`} row={row} />
      ))}
      {pages.hasNextPage ? (
        <DossierMore loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('with.more')}
        </DossierMore>
      ) : null}
    </DossierSection>
  );
}

function Item({ row }: { row: Occurrence }) {
  const { t } = useTranslation('calendar-nav');
  const format = useFormat();
  const now = Date.now();
  const runs = !row.isAllDay && Date.parse(row.startsAt) <= now && now < Date.parse(row.endsAt);
  return (
    <DossierItem
      title={row.title || t('untitled')}
      second={[row.place, row.people > 1 ? t('with.people', { count: row.people }) : '']
        .filter(Boolean)
        .join(' · ')}
      time={runs ? t('with.now') : whenOf(row, format, now)}
      href={hrefOf(row, format)}
    />
  );
}

/** The hour today, else the day with its hour. */
function whenOf({ startsAt, isAllDay }: Occurrence, format: Format, now: number): string {
  const today = dayOf(now, format.timeZone);
  if (!isAllDay && dayOf(startsAt, format.timeZone) === today) return format.time(startsAt);
  return new Intl.DateTimeFormat(format.locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(startsAt.slice(0, 4) === today.slice(0, 4) ? {} : { year: 'numeric' }),
    ...(isAllDay ? { timeZone: 'UTC' } : { hour: '2-digit', minute: '2-digit', timeZone: format.timeZone }),
  }).format(Date.parse(startsAt));
}

function hrefOf({ eventId, at, startsAt, isAllDay, isSeries }: Occurrence, { timeZone }: Format): string {
  const query = new URLSearchParams({
    day: isAllDay ? startsAt.slice(0, 10) : dayOf(startsAt, timeZone),
    event: eventId,
    ...(isSeries ? { at } : {}),
  });
  return `/calendar?${query}`;
}
