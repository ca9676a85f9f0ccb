import { Problem } from '@liaison/core/contract';

/** What a recurrence may cost: more is refused with the reason, never computed. */
export const limits = {
  /** RDATE and EXDATE of a series together. */
  dates: 1000,
  /** Changed ones of a series. */
  exceptions: 500,
  /** Times that stand in the database for one series at once. */
  occurrences: 2000,
  /** Periods that are looked at in one expansion. */
  iterations: 4000,
  /** Candidates that are looked at in one expansion. */
  candidates: 20_000,
} as const;

const refuse = (why: string): never => {
  throw new Problem(400, 'calendar-rule', why);
};

const days = '(?:[+-]?\\d{1,2})?(?:MO|TU|WE|TH|FR|SA|SU)';
const numbers = '[+-]?\\d{1,3}(?:,[+-]?\\d{1,3}){0,99}';
const parts: Readonly<Record<string, RegExp>> = {
  INTERVAL: /^[1-9]\d{0,2}$/,
  COUNT: /^[1-9]\d{0,3}$/,
  UNTIL: /^\d{8}(?:T\d{6}Z?)?$/,
  WKST: /^(?:MO|TU|WE|TH|FR|SA|SU)$/,
  BYDAY: new RegExp(`^${days}(?:,${days}){0,49}$`),
  BYMONTHDAY: new RegExp(`^${numbers}$`),
  BYYEARDAY: new RegExp(`^${numbers}$`),
  BYWEEKNO: new RegExp(`^${numbers}$`),
  BYMONTH: new RegExp(`^${numbers}$`),
  BYSETPOS: new RegExp(`^${numbers}$`),
  BYHOUR: /^\d{1,2}(?:,\d{1,2}){0,23}$/,
  BYMINUTE: /^\d{1,2}(?:,\d{1,2}){0,3}$/,
};

/**
 * A rule's parts by their names, after it was looked at (RFC 5545 §3.3.10).
 *
 * Departs from RFC 5545 §3.3.10: what comes more often than daily (SECONDLY, MINUTELY, HOURLY, BYSECOND) is refused, since
 * nobody can keep such appointments and anybody could fill the database with one line.
 */
export function readRule(rule: string): Map<string, string> {
  if (rule.length > 500) refuse('This repeats by a rule that is too long.');
  const found = new Map<string, string>();
  for (const part of rule.toUpperCase().split(';')) {
    const [name = '', value = '', more] = part.split('=');
    if (more !== undefined || found.has(name)) refuse('This rule cannot be read.');
    if (name === 'FREQ') {
      if (!/^(?:DAILY|WEEKLY|MONTHLY|YEARLY)$/.test(value)) {
        refuse('What repeats more often than daily is not taken: daily is the most.');
      }
    } else if (!parts[name]?.test(value)) {
      refuse(`This rule cannot be read at “${name.slice(0, 20)}”.`);
    }
    found.set(name, value);
  }
  if (!found.has('FREQ')) refuse('This rule does not say how often.');
  if (found.has('COUNT') && found.has('UNTIL')) refuse('A rule ends after a number or on a day, not both.');
  const each = (name: string) => found.get(name)?.split(',').length ?? 1;
  if (each('BYHOUR') * each('BYMINUTE') > 24) refuse('This repeats too often in a day.');
  return found;
}

export const writeRule = (parts: ReadonlyMap<string, string>): string =>
  [...parts].map(([name, value]) => `${name}=${value}`).join(';');

/** A rule as jCal has it: an object with lists (RFC 7265 §3.6.10). */
export function ruleFromJCal(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return refuse('This rule cannot be read.');
  return Object.entries(value as Record<string, unknown>)
    .map(([name, given]) => {
      const text = Array.isArray(given) ? given.map(String).join(',') : String(given);
      return `${name.toUpperCase()}=${name === 'until' ? text.replace(/[-:]/g, '') : text}`;
    })
    .join(';');
}

const isList = new Set([
  'BYDAY',
  'BYMONTHDAY',
  'BYYEARDAY',
  'BYWEEKNO',
  'BYMONTH',
  'BYSETPOS',
  'BYHOUR',
  'BYMINUTE',
]);
const isText = new Set(['BYDAY', 'WKST', 'FREQ', 'UNTIL']);

export function ruleToJCal(rule: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of readRule(rule)) {
    const read = (one: string): string | number => (isText.has(name) ? one : Number(one));
    if (name === 'UNTIL') result.until = untilToJCal(value);
    // Its writer takes week days by their letters here, as RFC 5545 has them.
    else result[name.toLowerCase()] = isList.has(name) ? value.split(',').map(read) : read(value);
  }
  return result;
}

/** `20260514T235959Z` as `2026-05-14T23:59:59Z`. */
export const untilToJCal = (until: string): string =>
  until.replace(/^(\d{4})(\d\d)(\d\d)/, '$1-$2-$3').replace(/T(\d\d)(\d\d)(\d\d)/, 'T$1:$2:$3');
