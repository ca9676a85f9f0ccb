import { type StatusPart, statusParts } from '../../contract/installation.ts';
import type { ProcessRow } from './across-organisations.ts';

/** Which duties each part needs somebody for. */
const needs: Record<StatusPart, readonly string[]> = {
  'sign-in': ['api'],
  chat: ['api', 'live', 'worker'],
  calls: ['live', 'sip', 'media'],
  pages: ['api'],
};

/** Older than this and what is said is not heard of in a time that anybody would wait. */
const lateSeconds = 60;

/** Whether each part is there: somebody lives for each of its duties, and what is said is heard of. */
export function partsNow(
  processes: readonly Pick<ProcessRow, 'alive' | 'duties'>[],
  backlogSeconds: number,
): { part: StatusPart; up: boolean }[] {
  const duties = new Set(processes.filter(({ alive }) => alive).flatMap((each) => each.duties));
  return statusParts.map((part) => ({
    part,
    up: needs[part].every((duty) => duties.has(duty)) && !(part === 'chat' && backlogSeconds > lateSeconds),
  }));
}
