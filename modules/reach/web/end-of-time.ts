/**
 * The next moment at which the clock of a zone shows `HH:MM`: today, or tomorrow where that has passed.
 *
 * @returns null for anything that is no time.
 */
export function endOfTime(time: string, timeZone: string, now: number = Date.now()): Date | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time);
  if (!match) return null;
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(now);
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value ?? 0);
  const wanted = Number(match[1]) * 60 + Number(match[2]);
  const ahead = (wanted - (part('hour') * 60 + part('minute')) + 24 * 60) % (24 * 60) || 24 * 60;
  return new Date(Math.floor(now / 60_000) * 60_000 + ahead * 60_000);
}
