import type { Tx } from '@liaison/core/db';
import type { People } from '@liaison/people';
import { type Hours, usualHours } from './find-times.ts';

/** When people work, by the clock of their profile's zone; what nobody said is what is usual. */
export async function readHours(
  tx: Tx,
  people: Pick<People, 'findMany'>,
  personIds: readonly string[],
): Promise<Map<string, Hours>> {
  const persons = await people.findMany(tx, personIds);
  const rows = await tx.query<{ person_id: string; days: number[]; from_minute: number; to_minute: number }>(
    'select person_id, days, from_minute, to_minute from calendar.working_hours where person_id = any($1::uuid[])',
    [personIds],
  );
  const said = new Map(rows.map((row) => [row.person_id, row]));
  return new Map(
    personIds.map((id): [string, Hours] => {
      const own = said.get(id);
      const timeZone = persons.get(id)?.timeZone ?? 'UTC';
      return [
        id,
        own
          ? { timeZone, days: own.days, fromMinute: own.from_minute, toMinute: own.to_minute }
          : { timeZone, ...usualHours },
      ];
    }),
  );
}
