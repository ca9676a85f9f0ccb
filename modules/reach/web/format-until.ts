import { dayOf, type Format } from '@liaison/core/web';

/** "14:30" today, with its day on any other. */
export function formatUntil(until: string, format: Format, now: number = Date.now()): string {
  const time = format.time(until);
  if (dayOf(until, format.timeZone) === dayOf(now, format.timeZone)) return time;
  const day = new Intl.DateTimeFormat(format.locale, {
    timeZone: format.timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
  }).format(new Date(until));
  return `${day}, ${time}`;
}
