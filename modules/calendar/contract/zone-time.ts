/**
 * Clocks of zones with nothing but `Intl`, for pages: the server counts with Temporal, and a page that places blocks needs
 * no calendar arithmetic beyond this.
 */
const formats = new Map<string, Intl.DateTimeFormat>();

function clockFormat(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    if (formats.size > 100) formats.clear();
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** What a zone's clock shows at a moment, as if it were UTC, in milliseconds; seconds are dropped. */
export function wallOf(instantMs: number, timeZone: string): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of clockFormat(timeZone).formatToParts(instantMs)) parts[type] = Number(value);
  return Date.UTC(
    parts.year ?? 0,
    (parts.month ?? 1) - 1,
    parts.day ?? 1,
    parts.hour ?? 0,
    parts.minute ?? 0,
  );
}

/** How far a zone's clock is ahead of UTC at a moment, in minutes. */
export const offsetMinutesAt = (instantMs: number, timeZone: string): number =>
  Math.round((wallOf(instantMs, timeZone) - Math.floor(instantMs / 60_000) * 60_000) / 60_000);

/**
 * The moment at which a zone's clock shows this. A time that is twice there is the first of the two; one that is not there
 * is as much later as the clock was put forward (RFC 5545 §3.3.5).
 */
export function instantOf(wallMs: number, timeZone: string): number {
  const dayMs = 86_400_000;
  const before = offsetMinutesAt(wallMs - dayMs, timeZone) * 60_000;
  const after = offsetMinutesAt(wallMs + dayMs, timeZone) * 60_000;
  const early = wallMs - before;
  if (before === after || wallOf(early, timeZone) === wallMs) return early;
  const late = wallMs - after;
  return wallOf(late, timeZone) === wallMs ? late : early;
}

/** `2026-05-14T10:00` as milliseconds of a clock that shows it; a day alone is its midnight. */
export const wallFromLocal = (local: string): number =>
  Date.parse(local.length === 10 ? `${local}T00:00Z` : `${local}Z`);

/** The other way: `2026-05-14T10:00`. */
export const localFromWall = (wallMs: number): string => new Date(wallMs).toISOString().slice(0, 16);

/** `2026-05-14`. */
export const dayFromWall = (wallMs: number): string => new Date(wallMs).toISOString().slice(0, 10);
