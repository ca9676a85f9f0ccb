import type { TFunction } from 'i18next';

/** The rules that the editor makes; others are kept as they came and said in general words. */
export const kinds = [
  'never',
  'daily',
  'workdays',
  'weekly',
  'biweekly',
  'monthly',
  'monthlyDay',
  'yearly',
  'other',
] as const;
export type RuleKind = (typeof kinds)[number];

const letters = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

const partsOf = (rule: string): Map<string, string> =>
  new Map(rule.split(';').map((part) => part.split('=') as [string, string]));

/** Which kind a rule is, beginning on a day. */
export function kindOf(rule: string | null, day: string): RuleKind {
  if (rule === null) return 'never';
  const bare = withImplied(withoutEnd(rule), day);
  return (
    kinds.find((kind) => kind !== 'never' && kind !== 'other' && sameRule(ruleOf(kind, day), bare)) ?? 'other'
  );
}

/** Weeks and months that name no day mean that of the beginning (RFC 5545 §3.3.10). */
function withImplied(rule: string, day: string): string {
  const parts = partsOf(rule);
  if ([...parts.keys()].some((name) => name.startsWith('BY'))) return rule;
  const at = new Date(`${day}T00:00Z`);
  if (parts.get('FREQ') === 'WEEKLY') return `${rule};BYDAY=${letters[at.getUTCDay()]}`;
  return parts.get('FREQ') === 'MONTHLY' ? `${rule};BYMONTHDAY=${at.getUTCDate()}` : rule;
}

const sameRule = (one: string | null, other: string): boolean => {
  if (one === null) return false;
  const sorted = (rule: string) =>
    [...partsOf(rule)]
      .filter(([name]) => name !== 'WKST')
      .map(String)
      .sort()
      .join();
  return sorted(one) === sorted(other);
};

const withoutEnd = (rule: string): string =>
  [...partsOf(rule)]
    .filter(
      ([name, value]) => name !== 'COUNT' && name !== 'UNTIL' && !(name === 'INTERVAL' && value === '1'),
    )
    .map((part) => part.join('='))
    .join(';');

/** A rule of a kind that begins on a day; null for none. */
export function ruleOf(kind: RuleKind, day: string): string | null {
  const at = new Date(`${day}T00:00Z`);
  const letter = letters[at.getUTCDay()] ?? 'MO';
  const nth = Math.ceil(at.getUTCDate() / 7);
  switch (kind) {
    case 'daily':
      return 'FREQ=DAILY';
    case 'workdays':
      return 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR';
    case 'weekly':
      return `FREQ=WEEKLY;BYDAY=${letter}`;
    case 'biweekly':
      return `FREQ=WEEKLY;INTERVAL=2;BYDAY=${letter}`;
    case 'monthly':
      return `FREQ=MONTHLY;BYMONTHDAY=${at.getUTCDate()}`;
    case 'monthlyDay':
      return `FREQ=MONTHLY;BYDAY=${nth > 4 ? -1 : nth}${letter}`;
    case 'yearly':
      return 'FREQ=YEARLY';
    default:
      return null;
  }
}

/** The last day of a rule, or null; a number of times counts as none here. */
export function untilOf(rule: string | null): string | null {
  const until = rule === null ? undefined : partsOf(rule).get('UNTIL');
  return until ? `${until.slice(0, 4)}-${until.slice(4, 6)}-${until.slice(6, 8)}` : null;
}

/** The same rule with another last day. */
export const endingOn = (rule: string | null, day: string | null): string | null => {
  if (rule === null) return null;
  const bare = withoutEnd(rule);
  return day === null ? bare : `${bare};UNTIL=${day.replaceAll('-', '')}`;
};

/** A rule in words. */
export function sayRule(rule: string, day: string, locale: string, t: TFunction<'calendar'>): string {
  const at = new Date(`${day}T00:00Z`);
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options }).format(at);
  const nth = Math.ceil(at.getUTCDate() / 7);
  const words = t(`rule.${kindOf(rule, day)}`, {
    weekday: format({ weekday: 'long' }),
    date: format({ day: 'numeric' }),
    yearDay: format({ day: 'numeric', month: 'long' }),
    nth: t(`nth.${nth > 4 ? 'last' : nth}`),
  });
  const count = partsOf(rule).get('COUNT');
  const until = untilOf(rule);
  if (count !== undefined) return t('rule.times', { rule: words, count: Number(count) });
  if (until === null) return words;
  const end = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(
    new Date(`${until}T00:00Z`),
  );
  return t('rule.until', { rule: words, day: end });
}
