import { conflict, notFound } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import { personalSpaceOf } from '@liaison/core/spaces';
import {
  mostPlacePreferences,
  type PlacePreference,
  preferencesChanged,
  type Times,
  timesSchema,
  usualTimes,
  type When,
} from '../../contract/index.ts';

/** What somebody chooses holds from the next news on; what was told stays. */
interface Choice {
  readonly spaceId: string | null;
  readonly containerId: string | null;
  readonly kind: string | null;
  readonly when: When | null;
}

/**
 * Null takes a choice back.
 *
 * @throws Problem 404 for a place that she may not read, 409 when there are too many choices.
 */
export async function choose(tx: Tx, emit: Emit, personId: string, choice: Choice): Promise<void> {
  const { spaceId, containerId, kind, when } = choice;
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('notify.choose ' || $1, 0))`, [personId]);
  if (when === null) {
    await tx.query(
      `delete from notify.preference where person_id = $1 and space_id is not distinct from $2
         and container_id is not distinct from $3 and kind is not distinct from $4`,
      [personId, spaceId, containerId, kind],
    );
  } else {
    if (spaceId !== null) {
      const [row] = await tx.query<{ level: number }>(
        'select core.right_of($1, s.id, $3, null) as level from core.space s where s.id = $2',
        [personId, spaceId, containerId],
      );
      if (!row || row.level < 2) throw notFound('This place');
    }
    const [count] = await tx.query<{ many: number }>(
      'select count(*) as many from notify.preference where person_id = $1 and space_id is not null',
      [personId],
    );
    if (spaceId !== null && (count?.many ?? 0) >= mostPlacePreferences) {
      throw conflict('too-many', 'There are too many places with a choice of their own.');
    }
    await tx.query(
      `insert into notify.preference (org_id, person_id, space_id, container_id, kind, chosen)
       values ($1, $2, $3, $4, $5, $6)
       on conflict (person_id, space_id, container_id, kind) do update set chosen = excluded.chosen`,
      [tx.orgId, personId, spaceId, containerId, kind, when],
    );
  }
  await tellChosen(tx, emit, personId);
}

export async function setTimes(tx: Tx, emit: Emit, personId: string, times: Times): Promise<Times> {
  await tx.query(
    `insert into notify.times (person_id, org_id, chosen) values ($1, $2, $3)
     on conflict (person_id) do update set chosen = excluded.chosen`,
    [personId, tx.orgId, JSON.stringify(times)],
  );
  await tellChosen(tx, emit, personId);
  return times;
}

export async function timesOf(tx: Tx, personId: string): Promise<Times> {
  const [row] = await tx.query<{ chosen: unknown }>('select chosen from notify.times where person_id = $1', [
    personId,
  ]);
  // Of a program that knew other times: what is usual holds.
  const parsed = timesSchema.safeParse(row?.chosen);
  return parsed.success ? parsed.data : usualTimes;
}

/** What she chose, kinds and places; places that she may not read any more are left out. */
export async function readChoices(
  tx: Tx,
  personId: string,
): Promise<{ kinds: Map<string, When>; places: PlacePreference[] }> {
  const rows = await tx.query<{
    space_id: string | null;
    container_id: string | null;
    kind: string | null;
    chosen: When;
    name: string | null;
  }>(
    `select p.space_id, p.container_id, p.kind, p.chosen, s.name from notify.preference p
       left join core.space s on s.id = p.space_id
     where p.person_id = $1 and (p.space_id is null or core.right_of($1, p.space_id, p.container_id, null) >= 2)
     order by s.name, p.container_id, p.kind limit 1000`,
    [personId],
  );
  const kinds = new Map<string, When>();
  const places: PlacePreference[] = [];
  for (const row of rows) {
    if (row.space_id === null) {
      if (row.kind !== null) kinds.set(row.kind, row.chosen);
      continue;
    }
    if (places.length < mostPlacePreferences) {
      places.push({
        spaceId: row.space_id,
        containerId: row.container_id,
        kind: row.kind,
        when: row.chosen,
        name: row.name ?? '',
      });
    }
  }
  return { kinds, places };
}

async function tellChosen(tx: Tx, emit: Emit, personId: string): Promise<void> {
  const spaceId = await personalSpaceOf(tx, personId);
  if (spaceId) emit(tx, preferencesChanged, { spaceId, personId });
}
