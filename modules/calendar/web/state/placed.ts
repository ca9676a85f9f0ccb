import type { Occurrence } from '../../contract/appointment.ts';
import { dayFromWall, wallFromLocal, wallOf } from '../../contract/zone-time.ts';
import { addDays } from './days.ts';

const dayMs = 86_400_000;

/** A part of an appointment on one day, in minutes of that day's clock. */
export interface Block {
  readonly occurrence: Occurrence;
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Where it stands beside others: which of how many. */
  lane: number;
  lanes: number;
}

/**
 * The same for as long as it is the same one. What is once keeps it where it is moved to; of a series, and of what only says that the
 * time is taken, each time is told by when the rule put it.
 */
export const keyOf = ({ eventId, isSeries, timeZone, at }: Occurrence): string =>
  isSeries || timeZone === null ? `${eventId} ${at}` : eventId;

interface Walls {
  readonly timeZone: string;
  readonly start: number;
  readonly end: number;
}
/** Clocks are asked once for each appointment: a month asks for each of its days. */
const known = new WeakMap<Occurrence, Walls>();

function wallsOf(occurrence: Occurrence, timeZone: string): Walls {
  const there = known.get(occurrence);
  if (there?.timeZone === timeZone) return there;
  const walls = {
    timeZone,
    start: wallOf(Date.parse(occurrence.startsAt), timeZone),
    end: wallOf(Date.parse(occurrence.endsAt), timeZone),
  };
  known.set(occurrence, walls);
  return walls;
}

/** The first and the last day of something, by the clock of a zone; whole days have no zone. */
export function daysTouched(occurrence: Occurrence, timeZone: string): { first: string; last: string } {
  const startMs = Date.parse(occurrence.startsAt);
  const endMs = Date.parse(occurrence.endsAt);
  if (occurrence.isAllDay) {
    return { first: dayFromWall(startMs), last: dayFromWall(Math.max(startMs, endMs - dayMs)) };
  }
  const { start, end } = wallsOf(occurrence, timeZone);
  // What ends at midnight does not touch the day that begins then.
  return { first: dayFromWall(start), last: dayFromWall(Math.max(start, end - 60_000)) };
}

export const isLong = (occurrence: Occurrence): boolean =>
  occurrence.isAllDay || Date.parse(occurrence.endsAt) - Date.parse(occurrence.startsAt) >= dayMs;

/** What stands in the hours of a day, side by side where it overlaps. */
export function blocksOf(occurrences: readonly Occurrence[], day: string, timeZone: string): Block[] {
  const midnight = wallFromLocal(day);
  const blocks: Block[] = [];
  for (const occurrence of occurrences) {
    if (isLong(occurrence)) continue;
    const { first, last } = daysTouched(occurrence, timeZone);
    if (first > day || last < day) continue;
    const { start } = wallsOf(occurrence, timeZone);
    // By the length and not by the clock at its end, so that an hour in which clocks change is an hour.
    const end = start + Date.parse(occurrence.endsAt) - Date.parse(occurrence.startsAt);
    const fromMinute = Math.max(0, (start - midnight) / 60_000);
    blocks.push({
      occurrence,
      fromMinute,
      toMinute: Math.min(1440, Math.max(fromMinute + 15, (end - midnight) / 60_000)),
      lane: 0,
      lanes: 1,
    });
  }
  return inLanes(blocks);
}

/** Gives each block a lane so that none covers another; those that touch each other, directly or not, share the width. */
export function inLanes(blocks: Block[]): Block[] {
  blocks.sort((a, b) => a.fromMinute - b.fromMinute || b.toMinute - a.toMinute);
  let group: Block[] = [];
  let groupEnd = 0;
  const close = () => {
    const lanes = Math.max(0, ...group.map(({ lane }) => lane + 1));
    for (const block of group) block.lanes = lanes;
    group = [];
  };
  const ends: number[] = [];
  for (const block of blocks) {
    if (block.fromMinute >= groupEnd) {
      close();
      ends.length = 0;
    }
    const free = ends.findIndex((end) => end <= block.fromMinute);
    block.lane = free < 0 ? ends.length : free;
    ends[block.lane] = block.toMinute;
    groupEnd = Math.max(groupEnd, block.toMinute);
    group.push(block);
  }
  close();
  return blocks;
}

/** What stands above the hours, or in a month's or list's day. */
export function onDay(occurrences: readonly Occurrence[], day: string, timeZone: string): Occurrence[] {
  return occurrences.filter((each) => {
    const { first, last } = daysTouched(each, timeZone);
    return first <= day && day <= last;
  });
}

export const isBetween = (day: string, from: string, days: number): boolean =>
  day >= from && day < addDays(from, days);
