import type { TraceLine } from '../../contract/index.ts';

export const serverLane = 'server';

/**
 * The columns of a ladder, from the left: who called first, then the server, then everybody else in the order of their first
 * word. Lines without a column of their own stand at the server.
 */
export function lanesOf(lines: readonly Pick<TraceLine, 'lane'>[]): string[] {
  const others = [...new Set(lines.map((line) => line.lane))].filter((lane) => lane !== serverLane);
  return [...others.slice(0, 1), serverLane, ...others.slice(1)];
}

/** `telephone:<person>:<device>` and `page:<person>` taken apart. */
export function readLane(lane: string): { kind: 'telephone' | 'page' | 'server'; personId: string | null } {
  const [kind, personId = ''] = lane.split(':');
  if (kind !== 'telephone' && kind !== 'page') return { kind: 'server', personId: null };
  return { kind, personId: personId === '' ? null : personId };
}

/** From where to where an arrow goes, as columns; the same for what the server notes of itself. */
export function arrowOf(
  line: Pick<TraceLine, 'lane' | 'direction'>,
  lanes: readonly string[],
): { from: number; to: number } {
  const server = lanes.indexOf(serverLane);
  const other = Math.max(0, lanes.indexOf(line.lane));
  if (line.direction === 'none') return { from: server, to: server };
  return line.direction === 'in' ? { from: other, to: server } : { from: server, to: other };
}
