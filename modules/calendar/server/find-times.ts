import { offsetMinutesAt } from '../contract/index.ts';
import type { Span } from './busy.ts';

/** When somebody works. */
export interface Hours {
  readonly timeZone: string;
  /** 1 Monday to 7 Sunday. */
  readonly days: readonly number[];
  readonly fromMinute: number;
  readonly toMinute: number;
}

export const usualHours = { days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1050 } as const;

export interface Slot {
  readonly startMs: number;
  readonly endMs: number;
  readonly outsideHours: readonly string[];
  readonly taken: readonly string[];
}

const minuteMs = 60_000;
const stepMs = 15 * minuteMs;
const proposals = 8;

/**
 * The best times for all of them: first those at which everybody is free in her own working hours, then with as few outside
 * theirs as can be, then with as few taken; the earlier the better, and not two that overlap. Begins at quarters of hours.
 */
export function findTimes({
  fromMs,
  toMs,
  minutes,
  busy,
  hours,
}: {
  fromMs: number;
  toMs: number;
  minutes: number;
  /** By person or thing, in order of time; who is missing is not asked for. */
  busy: ReadonlyMap<string, readonly Span[]>;
  /** Of people; things are there at any hour. */
  hours: ReadonlyMap<string, Hours>;
}): Slot[] {
  const lengthMs = minutes * minuteMs;
  const at = new Map([...busy.keys()].map((id) => [id, 0]));
  const candidates: (Slot & { cost: number })[] = [];
  for (let startMs = Math.ceil(fromMs / stepMs) * stepMs; startMs + lengthMs <= toMs; startMs += stepMs) {
    const endMs = startMs + lengthMs;
    const taken: string[] = [];
    for (const [id, spans] of busy) {
      let next = at.get(id) ?? 0;
      while (next < spans.length && (spans[next] as Span).endsAt.getTime() <= startMs) next += 1;
      at.set(id, next);
      const span = spans[next];
      if (span && span.startsAt.getTime() < endMs) taken.push(id);
    }
    const outsideHours = [...hours]
      .filter(([id, each]) => !taken.includes(id) && !isWithin(each, startMs, endMs))
      .map(([id]) => id);
    // A time at which half of them cannot come is no proposal.
    if (taken.length + outsideHours.length > busy.size / 2) continue;
    candidates.push({
      startMs,
      endMs,
      outsideHours,
      taken,
      cost: taken.length * 100 + outsideHours.length * 10,
    });
  }
  candidates.sort((a, b) => a.cost - b.cost || a.startMs - b.startMs);
  const best: Slot[] = [];
  for (const { cost: _cost, ...slot } of candidates) {
    if (best.some((each) => each.startMs < slot.endMs && slot.startMs < each.endMs)) continue;
    best.push(slot);
    if (best.length === proposals) break;
  }
  return best;
}

function isWithin({ timeZone, days, fromMinute, toMinute }: Hours, startMs: number, endMs: number): boolean {
  const start = startMs + offsetMinutesAt(startMs, timeZone) * minuteMs;
  const end = endMs + offsetMinutesAt(endMs, timeZone) * minuteMs;
  const day = Math.floor(start / 86_400_000);
  // The first day of 1970 was a Thursday.
  const weekday = ((day + 3) % 7) + 1;
  const midnight = day * 86_400_000;
  return (
    days.includes(weekday) &&
    start >= midnight + fromMinute * minuteMs &&
    end <= midnight + toMinute * minuteMs
  );
}
