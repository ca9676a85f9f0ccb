import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { isLanguage, type Language } from './language.ts';
import { useMaybeSession } from './session.tsx';

/** Whose habits a time or number is written in. */
export interface FormatFor {
  /** BCP 47: the reader's language with their region. */
  readonly locale: string;
  /** IANA zone of the reader. */
  readonly timeZone: string;
}

type When = Date | string | number;

const defaultLocale: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR', es: 'es-ES', pt: 'pt-PT' };

/** The language with the browser's own region where the two agree: `en` with a browser in `en-US` gives `en-US`. */
export function localeFor(language: string, browser: readonly string[] = navigator.languages): string {
  const own = browser.find((tag) => tag.toLowerCase().startsWith(`${language}-`));
  return own ?? (isLanguage(language) ? defaultLocale[language] : language);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Formatters are slow to make and are asked for on every row. */
function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) {
    if (formats.size > 200) formats.clear();
    format = new Intl.DateTimeFormat(locale, options);
    formats.set(key, format);
  }
  return format;
}

const asDate = (when: When): Date => (when instanceof Date ? when : new Date(when));

/** The calendar day as `YYYY-MM-DD` in a zone. */
export const dayOf = (when: When, timeZone: string): string =>
  dateFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(asDate(when));

/** "13:41". */
export const formatTime = (when: When, { locale, timeZone }: FormatFor): string =>
  dateFormat(locale, { timeZone, hour: '2-digit', minute: '2-digit' }).format(asDate(when));

/** "Thursday 14 May"; with the year where it is not this one. */
export function formatDay(when: When, { locale, timeZone }: FormatFor, now: When = Date.now()): string {
  const sameYear = dayOf(when, timeZone).slice(0, 4) === dayOf(now, timeZone).slice(0, 4);
  return dateFormat(locale, {
    timeZone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(asDate(when));
}

/** Where a day or month stands as a title: languages that write them small begin it large all the same, "Lunes, 23 de noviembre". */
export function formatTitle(text: string, { locale }: Pick<FormatFor, 'locale'>): string {
  const [first = ''] = text;
  return first.toLocaleUpperCase(locale) + text.slice(first.length);
}

/** "14 May 2026, 13:41". */
export const formatDateTime = (when: When, { locale, timeZone }: FormatFor): string =>
  dateFormat(locale, {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(asDate(when));

/** For rows: the hour today, the weekday within the last six days, else the date. */
export function formatRow(when: When, format: FormatFor, now: When = Date.now()): string {
  const { locale, timeZone } = format;
  const day = dayOf(when, timeZone);
  const today = dayOf(now, timeZone);
  if (day === today) return formatTime(when, format);
  const daysAgo = Math.round((Date.parse(today) - Date.parse(day)) / 86_400_000);
  if (daysAgo > 0 && daysAgo < 7)
    return dateFormat(locale, { timeZone, weekday: 'short' }).format(asDate(when));
  return dateFormat(locale, {
    timeZone,
    day: 'numeric',
    month: 'short',
    ...(day.slice(0, 4) === today.slice(0, 4) ? {} : { year: 'numeric' }),
  }).format(asDate(when));
}

/** A running or past length: "0:06", "12:48", "1:02:09". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** "12.4 kB": decimal steps, as file managers count. */
export function formatBytes(bytes: number, { locale }: Pick<FormatFor, 'locale'>): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[step]!,
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step === 0 ? 0 : 1,
  }).format(bytes / 1000 ** step);
}

/** "Lisbon and Dakar": names joined as the language joins them. */
export const formatList = (items: readonly string[], { locale }: Pick<FormatFor, 'locale'>): string =>
  new Intl.ListFormat(locale, { type: 'conjunction' }).format(items);

/** How far a zone's clock is ahead of UTC at a moment, in minutes. */
function offsetMinutes(when: Date, timeZone: string): number {
  const parts = dateFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(when);
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value ?? 0);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return Math.round((local - Math.floor(when.getTime() / 60_000) * 60_000) / 60_000);
}

/**
 * The hour where somebody is: "15:41". Null where their clock shows the same as ours, or their zone is not known, so
 * that it is said only where it tells something.
 */
export function formatClockOf(
  theirZone: string | null | undefined,
  format: FormatFor,
  now: When = Date.now(),
): string | null {
  if (!theirZone) return null;
  try {
    const when = asDate(now);
    if (offsetMinutes(when, theirZone) === offsetMinutes(when, format.timeZone)) return null;
    return formatTime(when, { locale: format.locale, timeZone: theirZone });
  } catch {
    // A zone that this browser does not know.
    return null;
  }
}

export interface Format extends FormatFor {
  readonly language: Language;
  time(when: When): string;
  day(when: When): string;
  /** A day as a title. */
  dayTitle(when: When): string;
  dateTime(when: When): string;
  row(when: When): string;
  duration(ms: number): string;
  bytes(bytes: number): string;
  list(items: readonly string[]): string;
  number(value: number): string;
  /** "15:41", or null where it is ours too. */
  clockOf(timeZone: string | null | undefined): string | null;
}

/** Times and numbers in the reader's language, region and zone. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  const language = isLanguage(i18n.language) ? i18n.language : 'en';
  const zone = useMaybeSession()?.timeZone;
  return useMemo(() => {
    const where: FormatFor = {
      locale: localeFor(language),
      timeZone: zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    };
    const numbers = new Intl.NumberFormat(where.locale);
    return {
      ...where,
      language,
      time: (when) => formatTime(when, where),
      day: (when) => formatDay(when, where),
      dayTitle: (when) => formatTitle(formatDay(when, where), where),
      dateTime: (when) => formatDateTime(when, where),
      row: (when) => formatRow(when, where),
      duration: formatDuration,
      bytes: (bytes) => formatBytes(bytes, where),
      list: (items) => formatList(items, where),
      number: (value) => numbers.format(value),
      clockOf: (timeZone) => formatClockOf(timeZone, where),
    };
  }, [language, zone]);
}
