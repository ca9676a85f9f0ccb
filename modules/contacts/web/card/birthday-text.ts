import type { Birthday } from '../../contract/index.ts';

/** A day of the year, with the year where it is known. */
export function birthdayText({ year, month, day }: Birthday, locale: string): string {
  // A leap year, so that every birthday is a day of it.
  const date = new Date(Date.UTC(year ?? 2000, month - 1, day));
  if (year !== null && year < 100) date.setUTCFullYear(year);
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'long',
    ...(year === null ? {} : { year: 'numeric' }),
    timeZone: 'UTC',
  }).format(date);
}
