import { dayFromWall, instantOf, wallFromLocal } from '../../contract/zone-time.ts';
import type { View } from './search.ts';

const dayMs = 86_400_000;

export const addDays = (day: string, days: number): string => dayFromWall(wallFromLocal(day) + days * dayMs);

export function addMonths(day: string, months: number): string {
  const at = new Date(wallFromLocal(day));
  const date = at.getUTCDate();
  at.setUTCDate(1);
  at.setUTCMonth(at.getUTCMonth() + months);
  const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
  at.setUTCDate(Math.min(date, last));
  return dayFromWall(at.getTime());
}

/** 1 Monday to 7 Sunday: on which day weeks begin where this language is at home. */
export function firstDayOf(locale: string): number {
  const where = new Intl.Locale(locale) as Intl.Locale & {
    getWeekInfo?: () => { firstDay: number };
    weekInfo?: { firstDay: number };
  };
  return where.getWeekInfo?.().firstDay ?? where.weekInfo?.firstDay ?? 1;
}

export function startOfWeek(day: string, firstDay: number): string {
  const weekday = new Date(wallFromLocal(day)).getUTCDay() || 7;
  return addDays(day, -((weekday - firstDay + 7) % 7));
}

/** The days that a view shows, in order. */
export function daysOf(view: View, day: string, firstDay: number): string[] {
  const from = (start: string, count: number) =>
    Array.from({ length: count }, (_, index) => addDays(start, index));
  if (view === 'day') return [day];
  if (view === 'week') return from(startOfWeek(day, firstDay), 7);
  if (view === 'agenda') return from(day, 30);
  const first = `${day.slice(0, 7)}-01`;
  const start = startOfWeek(first, firstDay);
  const end = addDays(startOfWeek(addDays(addMonths(first, 1), -1), firstDay), 7);
  return from(start, Math.round((wallFromLocal(end) - wallFromLocal(start)) / dayMs));
}

export const step = (view: View, day: string, by: 1 | -1): string =>
  view === 'month'
    ? addMonths(day, by)
    : addDays(day, by * (view === 'week' ? 7 : view === 'agenda' ? 30 : 1));

/** From the first midnight to the last in a zone; whole days stand in UTC, so half a day is added on both sides. */
export function windowOf(days: readonly string[], timeZone: string): { from: string; to: string } {
  const half = dayMs / 2;
  const from = instantOf(wallFromLocal(days[0]!), timeZone) - half;
  const to = instantOf(wallFromLocal(addDays(days.at(-1)!, 1)), timeZone) + half;
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
