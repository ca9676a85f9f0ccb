import type { ReachState } from '@liaison/reach';
import { Temporal } from 'temporal-polyfill';
import type { Quiet, Times } from '../contract/index.ts';

/** What is known of a person when something could be pushed to her. */
export interface Situation {
  readonly times: Times;
  /** Her own zone, where she named no other. */
  readonly zone: string;
  readonly now: Date;
  /** She is in a call, in a meeting, or asks not to be disturbed. */
  readonly isBusy: boolean;
  /** She looks at a page of ours, or did a moment ago: it tells her itself. */
  readonly looks: boolean;
}

export const isBusy = (state: ReachState | undefined): boolean =>
  state === 'call' || state === 'meeting' || state === 'ringing' || state === 'dnd';

export function mayPushNews({ times, zone, now, isBusy, looks }: Situation): boolean {
  if (looks || isQuiet(times.quiet, zone, now)) return false;
  return !(isBusy && times.inCalls === 'calls-only');
}

export function mayRing({ times, zone, now }: Pick<Situation, 'times' | 'zone' | 'now'>): boolean {
  return times.quiet.calls === 'ring' || !isQuiet(times.quiet, zone, now);
}

/**
 * By the clock on the wall there: an hour that clocks pass over is not waited for, one that comes twice is quiet twice. Quiet
 * hours belong to the day on which they begin.
 */
export function isQuiet(quiet: Quiet, ownZone: string, now: Date): boolean {
  if (!quiet.on) return false;
  const local = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(
    quiet.zone ?? ownZone,
  );
  const clock = local.toPlainTime().toString().slice(0, 5);
  const isDay = (day: number) => quiet.days.includes(day);
  const yesterday = local.dayOfWeek === 1 ? 7 : local.dayOfWeek - 1;
  if (quiet.from < quiet.until) return isDay(local.dayOfWeek) && clock >= quiet.from && clock < quiet.until;
  return (isDay(local.dayOfWeek) && clock >= quiet.from) || (isDay(yesterday) && clock < quiet.until);
}

/** The last time the clock there showed this. */
export function lastTimeOf(clock: string, zone: string, now: Date): Date {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  const local = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone);
  const today = local.with({ hour, minute, second: 0, millisecond: 0, microsecond: 0, nanosecond: 0 });
  const last = Temporal.ZonedDateTime.compare(today, local) <= 0 ? today : today.subtract({ days: 1 });
  return new Date(last.epochMilliseconds);
}
