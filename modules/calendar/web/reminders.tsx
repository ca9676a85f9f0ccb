import { useFormat, useLiveEvent, useSession } from '@liaison/core/web';
import { useToasts } from '@liaison/ui';
import { useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type ReminderView, reminderDue } from '../contract/events.ts';

/** Says that something begins soon, on whatever page. */
export function Reminders() {
  const { t } = useTranslation('calendar-nav');
  const { personalSpaceId } = useSession();
  const format = useFormat();
  const toasts = useToasts();
  const { history } = useRouter();
  useLiveEvent<ReminderView>(reminderDue.name, ({ data, space }) => {
    if (space !== personalSpaceId || !data.eventId) return;
    const day = data.startsAt.slice(0, 10);
    toasts.show({
      id: `calendar:${data.eventId}`,
      text: t('reminder', { title: data.title || t('untitled'), time: format.time(data.startsAt) }),
      durationMs: 60_000,
      action: {
        label: t('show'),
        onSelect: () => history.push(`/calendar?day=${day}&event=${data.eventId}`),
      },
    });
  });
  return null;
}
