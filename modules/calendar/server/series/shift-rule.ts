import { readRule, writeRule } from './rule.ts';
import type { Moment } from './times.ts';

const dayMs = 86_400_000;
const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

const wallOf = (moment: Moment): number =>
  Date.parse(moment.isAllDay ? `${moment.local}T00:00:00Z` : `${moment.local}Z`);

const compact = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

/**
 * A rule whose every time lies as much later by the clock as `to` does after `from`; null where no rule says so: by the days
 * of a month another day is not always as far.
 */
export function shiftedRule(rule: string, from: Moment, to: Moment): string | null {
  if (from.isAllDay !== to.isAllDay) return null;
  const parts = readRule(rule);
  const byMs = wallOf(to) - wallOf(from);
  const days = Math.floor(wallOf(to) / dayMs) - Math.floor(wallOf(from) / dayMs);
  if (byMs % dayMs !== 0 && (parts.has('BYHOUR') || parts.has('BYMINUTE'))) return null;
  if (days !== 0) {
    const frequency = parts.get('FREQ');
    if (frequency !== 'DAILY' && frequency !== 'WEEKLY') return null;
    for (const name of parts.keys()) {
      if (name.startsWith('BY') && !['BYDAY', 'BYHOUR', 'BYMINUTE'].includes(name)) return null;
    }
    const shiftedDay = (day: string): string =>
      weekdays[(((weekdays.indexOf(day) + days) % 7) + 7) % 7] as string;
    const byDay = parts.get('BYDAY')?.split(',');
    if (byDay?.some((each) => each.length !== 2)) return null;
    if (byDay) parts.set('BYDAY', byDay.map(shiftedDay).join(','));
    // Which days are of one week decides only where weeks are left out.
    if (frequency === 'WEEKLY') parts.set('WKST', shiftedDay(parts.get('WKST') ?? 'MO'));
  }
  const until = parts.get('UNTIL');
  if (until !== undefined) {
    const text = until.replace(
      /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z?)?$/,
      (_, year, month, day, hour = '00', minute = '00', second = '00') =>
        `${year}-${month}-${day}T${hour}:${minute}:${second}Z`,
    );
    const atMs = Date.parse(text);
    if (Number.isNaN(atMs)) return null;
    if (until.length === 8) parts.set('UNTIL', compact(atMs + days * dayMs).slice(0, 8));
    else {
      const laterMs = until.endsWith('Z') ? to.instantMs - from.instantMs : byMs;
      parts.set('UNTIL', compact(atMs + laterMs).slice(0, until.length));
    }
  }
  return writeRule(parts);
}
