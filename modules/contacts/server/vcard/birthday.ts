import { type Birthday, birthdaySchema } from '../../contract/index.ts';

const two = (value: number) => String(value).padStart(2, '0');

/**
 * A day with or without its year (RFC 6350 §6.2.5, §4.3.1; RFC 2426 §3.1.5); the time of day is left out.
 *
 * @param noYear the year that stands for none, where the writer says so.
 * @returns null for anything else, a month alone or a text among it.
 */
export function readBirthday(value: string, noYear?: string): Birthday | null {
  const found = /^(?:(\d{4})-?|--)(\d{2})-?(\d{2})(?:T.*)?$/.exec(value.trim());
  if (!found) return null;
  const [, year, month, day] = found;
  const read = birthdaySchema.safeParse({
    year: year === undefined || year === noYear ? null : Number(year),
    month: Number(month),
    day: Number(day),
  });
  return read.success ? read.data : null;
}

/** RFC 6350 §4.3.1: without hyphens. */
export const writeBirthday = ({ year, month, day }: Birthday): string =>
  `${year === null ? '--' : String(year).padStart(4, '0')}${two(month)}${two(day)}`;

/** As RFC 2426 §3.1.5 and tables have it; a year must be given. */
export const writeWholeDate = ({ year, month, day }: Birthday): string =>
  `${String(year ?? 1604).padStart(4, '0')}-${two(month)}-${two(day)}`;
