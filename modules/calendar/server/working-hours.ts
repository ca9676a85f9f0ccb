import type { Tx } from '@liaison/core/db';
import type { People } from '@liaison/people';
import type { HoursSpan, WorkingHours } from '../contract/index.ts';

/** When somebody works. */
export interface Hours {
  readonly timeZone: string;
  readonly spans: readonly HoursSpan[];
}

interface SameEachDay {
  readonly days: readonly number[];
  readonly fromMinute: number;
  readonly toMinute: number;
}

const spansOf = ({ days, fromMinute, toMinute }: SameEachDay): HoursSpan[] =>
  days.map((day) => ({ day, fromMinute, toMinute }));

const usual: SameEachDay = { days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1050 };

/** When people work, by the clock of their profile's zone; what nobody said is what is usual. */
export async function readHours(
  tx: Tx,
  people: Pick<People, 'findMany'>,
  personIds: readonly string[],
): Promise<Map<string, Hours>> {
  const persons = await people.findMany(tx, personIds);
  const rows = await tx.query<{
    person_id: string;
    days: number[];
    from_minute: number;
    to_minute: number;
    spans: HoursSpan[] | null;
  }>(
    `select person_id, days, from_minute, to_minute, spans from calendar.working_hours
     where person_id = any($1::uuid[])`,
    [personIds],
  );
  const said = new Map(
    rows.map((row) => [
      row.person_id,
      row.spans ?? spansOf({ days: row.days, fromMinute: row.from_minute, toMinute: row.to_minute }),
    ]),
  );
  return new Map(
    personIds.map((id): [string, Hours] => [
      id,
      { timeZone: persons.get(id)?.timeZone ?? 'UTC', spans: said.get(id) ?? spansOf(usual) },
    ]),
  );
}

/** Writes when somebody works, in the columns of the program before as well: the days, from the earliest to the latest of them. */
export async function writeHours(
  tx: Tx,
  personId: string,
  given: { readonly spans: readonly HoursSpan[] } | SameEachDay,
): Promise<void> {
  const spans =
    'spans' in given ? sorted(given.spans) : sorted(spansOf({ ...given, days: [...new Set(given.days)] }));
  const { days, fromMinute, toMinute } = around(spans);
  await tx.query(
    `insert into calendar.working_hours (person_id, org_id, days, from_minute, to_minute, spans)
     values ($1, $2, $3::smallint[], $4, $5, $6::jsonb)
     on conflict (person_id) do update set days = excluded.days, from_minute = excluded.from_minute,
       to_minute = excluded.to_minute, spans = excluded.spans`,
    [personId, tx.orgId, days, fromMinute, toMinute, JSON.stringify(spans)],
  );
}

const sorted = (spans: readonly HoursSpan[]): HoursSpan[] =>
  spans
    .map(({ day, fromMinute, toMinute }) => ({ day, fromMinute, toMinute }))
    .sort((a, b) => a.day - b.day || a.fromMinute - b.fromMinute);

function around(spans: readonly HoursSpan[]): SameEachDay {
  if (spans.length === 0) return { ...usual, days: [] };
  const ends = spans.map(({ toMinute }) => Math.min(toMinute, 1440));
  return {
    days: [...new Set(spans.map(({ day }) => day))].sort(),
    fromMinute: Math.min(...spans.map(({ fromMinute }) => fromMinute)),
    toMinute: Math.max(...ends),
  };
}

export const presentHours = ({ timeZone, spans }: Hours): WorkingHours => {
  const { days, ...minutes } = around(spans);
  return { timeZone, spans: sorted(spans), days: [...days], ...minutes };
};
