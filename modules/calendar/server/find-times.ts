import { type HoursSpan, offsetMinutesAt } from '../contract/index.ts';
import type { Span } from './busy.ts';
import type { Hours } from './working-hours.ts';

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

const dayMs = 86_400_000;

/** Whether all of it lies in hours that follow each other without a gap, over midnight too. */
function isWithin({ timeZone, spans }: Hours, startMs: number, endMs: number): boolean {
  const end = endMs + offsetMinutesAt(endMs, timeZone) * minuteMs;
  let reached = startMs + offsetMinutesAt(startMs, timeZone) * minuteMs;
  while (reached < end) {
    const until = lastsUntil(spans, reached);
    if (until === null) return false;
    reached = until;
  }
  return true;
}

/** When the hours that hold at a moment of the clock end; null where none do. */
function lastsUntil(spans: readonly HoursSpan[], wallMs: number): number | null {
  const today = Math.floor(wallMs / dayMs);
  let until: number | null = null;
  for (const day of [today - 1, today]) {
    // The first day of 1970 was a Thursday.
    const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
    for (const span of spans) {
      if (span.day !== weekday) continue;
      const from = day * dayMs + span.fromMinute * minuteMs;
      const to = day * dayMs + span.toMinute * minuteMs;
      if (from <= wallMs && wallMs < to) until = Math.max(until ?? 0, to);
    }
  }
  return until;
}
