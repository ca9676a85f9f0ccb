import type { Occurrence } from '../../contract/appointment.ts';

/** A meeting that lies in several of my calendars is shown once; the others are at hand. */
export interface Once {
  readonly rows: readonly Occurrence[];
  /** The same meeting in other calendars that are shown. */
  others(of: Occurrence): readonly Occurrence[];
}

const none: readonly Occurrence[] = [];

/** Of one that I was asked to, the one that I answer. */
export function once(rows: readonly Occurrence[]): Once {
  const meetings = new Map<string, Occurrence[]>();
  for (const row of rows) {
    const key = `${row.meetingId} ${row.at}`;
    const there = meetings.get(key);
    if (!there) meetings.set(key, [row]);
    else if (there[0]?.answer === null && row.answer !== null) there.unshift(row);
    else there.push(row);
  }
  if (meetings.size === rows.length) return { rows, others: () => none };
  const others = new Map([...meetings.values()].map(([first, ...rest]) => [first, rest]));
  return { rows: rows.filter((row) => others.has(row)), others: (of) => others.get(of) ?? none };
}
