import type { Db } from '@liaison/core/db';
import { z } from 'zod';
import type { StatusPart } from '../../contract/installation.ts';

/** What a process says of itself, beyond what has a column; read back as carefully as from a stranger: versions differ. */
export const figuresSchema = z.object({
  draining: z.boolean().catch(false),
  calls: z.number().int().catch(0),
  pages: z.number().int().catch(0),
  requests: z.number().int().catch(0),
  memoryBytes: z.number().catch(0),
  disk: z.object({ freeBytes: z.number(), totalBytes: z.number() }).nullable().catch(null),
  certificateUntil: z.iso.datetime().nullable().catch(null),
  clockFault: z.string().nullable().catch(null),
  hears: z.number().int().catch(0),
});
export type Figures = z.infer<typeof figuresSchema>;

export interface ProcessRow {
  readonly id: string;
  readonly node: string;
  readonly pid: number;
  readonly duties: readonly string[];
  readonly version: string;
  readonly startedAt: Date;
  readonly beatAt: Date;
  readonly alive: boolean;
  readonly figures: Figures;
}

/** Processes serve every organisation, and so do these rows: none of them is about people. */
export function createSiteRows(db: Db) {
  return {
    async beat(
      process: Pick<ProcessRow, 'id' | 'node' | 'pid' | 'duties' | 'version' | 'startedAt' | 'figures'>,
    ) {
      await db.systemQuery(
        `insert into sites.process (process_id, node, pid, duties, version, started_at, figures)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (process_id) do update set beat_at = clock_timestamp(), figures = excluded.figures`,
        [
          process.id,
          process.node,
          process.pid,
          [...process.duties],
          process.version,
          process.startedAt,
          JSON.stringify(process.figures),
        ],
      );
    },
    /** A process that ended in order is no loss, and leaves nothing. */
    async forget(processIds: readonly string[]) {
      await db.systemQuery('delete from sites.process where process_id = any($1)', [[...processIds]]);
    },
    /** Of processes that live, and of those that went without a word in the last hour. */
    async processes(): Promise<ProcessRow[]> {
      const rows = await db.systemQuery<{
        process_id: string;
        node: string;
        pid: number;
        duties: string[];
        version: string;
        started_at: Date;
        beat_at: Date;
        alive: boolean;
        figures: unknown;
      }>(
        `select process_id, node, pid, duties, version, started_at, beat_at, core.alive(process_id) as alive, figures
         from sites.process where core.alive(process_id) or beat_at > clock_timestamp() - interval '1 hour'
         order by node, started_at limit 500`,
      );
      return rows.map((row) => ({
        id: row.process_id,
        node: row.node,
        pid: row.pid,
        duties: row.duties,
        version: row.version,
        startedAt: row.started_at,
        beatAt: row.beat_at,
        alive: row.alive,
        figures: figuresSchema.parse(row.figures ?? {}),
      }));
    },
    async forgetOld() {
      await db.systemQuery(
        "delete from sites.process where not core.alive(process_id) and beat_at < clock_timestamp() - interval '1 hour'",
      );
    },
    async database(): Promise<{ version: string; bytes: number }> {
      const [row] = await db.systemQuery<{ version: string; bytes: number }>(
        "select current_setting('server_version') as version, pg_database_size(current_database()) as bytes",
      );
      return row ?? { version: '', bytes: 0 };
    },
    /** The organisation that set this installation up. */
    async firstOrganisation(): Promise<string | null> {
      const [row] = await db.systemQuery<{ org_id: string }>(
        "select org_id from core.space where kind = 'organisation' order by id limit 1",
      );
      return row?.org_id ?? null;
    },
    async note(name: string, found: unknown) {
      await db.systemQuery(
        `insert into sites.look (name, found) values ($1, $2)
         on conflict (name) do update set at = clock_timestamp(), found = excluded.found`,
        [name, JSON.stringify(found)],
      );
    },
    async noted(): Promise<Map<string, { at: Date; found: unknown }>> {
      const rows = await db.systemQuery<{ name: string; at: Date; found: unknown }>(
        'select name, at, found from sites.look limit 100',
      );
      return new Map(rows.map(({ name, at, found }) => [name, { at, found }]));
    },
    /**
     * Counts the minute that has just passed, once for all processes, as `up` says. Those before it, in which nobody watched, are
     * counted as nothing: whether a part was there then is not known.
     */
    async count(parts: readonly { part: StatusPart; up: boolean }[]) {
      await db.systemQuery(
        `with now as (select date_trunc('minute', clock_timestamp()) as minute),
         moved as (
           update sites.watched w set until = now.minute from now where w.until < now.minute returning now.minute
         )
         insert into sites.part_day as d (part, day, up_minutes, down_minutes)
         select p.part, ((moved.minute - interval '1 minute') at time zone 'UTC')::date, p.up::int, (not p.up)::int
         from moved, unnest($1::text[], $2::boolean[]) as p(part, up)
         on conflict (part, day) do update
           set up_minutes = d.up_minutes + excluded.up_minutes, down_minutes = d.down_minutes + excluded.down_minutes`,
        [parts.map(({ part }) => part), parts.map(({ up }) => up)],
      );
    },
    async forgetOldDays() {
      await db.systemQuery(
        "delete from sites.part_day where day < (clock_timestamp() at time zone 'UTC')::date - 90",
      );
    },
    async days(): Promise<{ part: string; day: string; up: number; down: number }[]> {
      return db.systemQuery(
        `select part, day::text as day, up_minutes as up, down_minutes as down from sites.part_day
         where day > (clock_timestamp() at time zone 'UTC')::date - 90 order by day limit 1000`,
      );
    },
  };
}
export type SiteRows = ReturnType<typeof createSiteRows>;
