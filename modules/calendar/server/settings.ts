import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { personalSpaceOf } from '@liaison/core/spaces';
import { type CalendarSettings, firstDays, settingsChanged } from '../contract/index.ts';
import type { Needs } from './actions/needs.ts';

export async function readSettings(tx: Tx, { personId }: PersonActor): Promise<CalendarSettings> {
  const [row] = await tx.query<{ first_day: number | null }>(
    'select first_day from calendar.setting where person_id = $1',
    [personId],
  );
  return { firstDay: firstDays.find((day) => day === row?.first_day) ?? null };
}

/** Her other pages hear of it. */
export async function writeSettings(
  tx: Tx,
  { emit }: Pick<Needs, 'emit'>,
  { personId }: PersonActor,
  { firstDay }: CalendarSettings,
): Promise<void> {
  await tx.query(
    `insert into calendar.setting (person_id, org_id, first_day) values ($1, $2, $3)
     on conflict (person_id) do update set first_day = excluded.first_day`,
    [personId, tx.orgId, firstDay],
  );
  const spaceId = await personalSpaceOf(tx, personId);
  if (spaceId !== null) emit(tx, settingsChanged, { spaceId, personId });
}
