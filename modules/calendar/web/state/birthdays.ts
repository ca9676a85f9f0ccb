import { nextBirthdays } from '@liaison/contacts';
import { useApi } from '@liaison/core/web';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Occurrence } from '../../contract/appointment.ts';

/** In the place of a calendar's id: those of my address books, which I may see and nobody changes here. */
export const birthdayCalendar = 'birthdays';

const dayMs = 86_400_000;
const none: readonly Occurrence[] = [];

/** The birthdays of contacts on these days, as whole days that take no time; none while they are not shown. */
export function useBirthdays(isShown: boolean, days: readonly string[]): readonly Occurrence[] {
  const { t } = useTranslation('calendar');
  const [from] = days;
  const { data } = useApi(
    nextBirthdays,
    isShown && from !== undefined ? { query: { from, days: days.length } } : null,
    { keepLast: true },
  );
  return useMemo(
    () =>
      isShown && data
        ? data.rows.map(({ contactId, name, date, turns }) => ({
            eventId: contactId,
            meetingId: contactId,
            calendarId: birthdayCalendar,
            at: `${date}T00:00:00.000Z`,
            startsAt: `${date}T00:00:00.000Z`,
            endsAt: new Date(Date.parse(`${date}T00:00:00Z`) + dayMs).toISOString(),
            isAllDay: true,
            isSeries: false,
            isBusy: false,
            title: turns === null ? t('birthdays.of', { name }) : t('birthdays.turns', { name, age: turns }),
            place: '',
            timeZone: null,
            colour: null,
            answer: null,
            people: 0,
          }))
        : none,
    [isShown, data, t],
  );
}
