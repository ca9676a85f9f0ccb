import type { Tx } from '@liaison/core/db';
import type { PersonalData } from '@liaison/core/personal-data';
import { traceDays } from '../../contract/watch.ts';
import { readTraceLines } from './trace-lines.ts';

/** What is kept of signalling, and how it goes. */
export const watchRetention: PersonalData['retention'] = [
  {
    what: 'signalling of calls, without contents and keys',
    days: traceDays,
    why: 'Administrators look why a call did not work.',
    async purge(tx, olderThan) {
      const rows = await tx.query(
        'delete from calls.trace where id in (select id from calls.trace where at < $1 limit 5000) returning id',
        [olderThan],
      );
      return rows.length;
    },
  },
  {
    what: 'captures of signalling',
    days: traceDays,
    why: 'Administrators look why a telephone did not work.',
    async purge(tx, olderThan) {
      const rows = await tx.query(
        `delete from calls.capture where id in (
           select id from calls.capture where started_at < $1 limit 50) returning id`,
        [olderThan],
      );
      return rows.length;
    },
  },
];

/** What was said about her calls, by the lines of their ladders. */
export async function exportTraces(tx: Tx, personId: string): Promise<string> {
  const hers =
    't.call_id in (select id from calls.call where caller_person_id = $1 or callee_person_id = $1)';
  const lines = await readTraceLines(
    tx,
    { where: hers, parameters: [personId] },
    { limit: 20_000, withBodies: false },
  );
  const rows = lines.map(({ callId, at, kind, direction, title }) => ({
    call_id: callId,
    at,
    kind,
    direction,
    title,
  }));
  return JSON.stringify(rows, null, 2);
}

/** Before her calls lose her name. */
export async function eraseTraces(tx: Tx, personId: string): Promise<void> {
  await tx.query(
    `delete from calls.trace t using calls.call c
     where c.id = t.call_id and (c.caller_person_id = $1 or c.callee_person_id = $1)`,
    [personId],
  );
  // What is captured of devices and calls has other people in it too, and none of their names: it goes with its week.
  await tx.query("delete from calls.capture where target_kind = 'person' and target_id = $1", [personId]);
}
