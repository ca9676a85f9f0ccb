const twoDigits = (count: number): string => String(count).padStart(2, '0');

/** Minutes since midnight as a field for times shows them; the midnight that ends a day is `00:00` too. */
export const clockOf = (minute: number): string =>
  `${twoDigits(Math.floor(minute / 60) % 24)}:${twoDigits(minute % 60)}`;

/** `08:30` → 510; null for what is no time, as of a field that is empty. */
export function minuteOf(clock: string): number | null {
  const [, hours, minutes] = /^(\d\d):(\d\d)/.exec(clock) ?? [];
  return hours === undefined || minutes === undefined ? null : Number(hours) * 60 + Number(minutes);
}

/** When a day's work ends: midnight is the end of that day, not its beginning. */
export const endOf = (clock: string): number | null => (minuteOf(clock) === 0 ? 1440 : minuteOf(clock));
