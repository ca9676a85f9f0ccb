import type { Db } from '../db/index.ts';
import { backoffMs, type Reaction, triesBeforeParking } from './reaction.ts';
import { eventColumns, type OutboxRow, toEvent, unsynced } from './rows.ts';
import { workTogether } from './work-together.ts';

type Log = {
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
};

interface Position {
  readonly tx: string;
  readonly stream_id: string;
  readonly seq: number;
}

interface Found extends Position {
  readonly org_id: string;
  readonly name: string;
}

const start: Position = { tx: '0', stream_id: '00000000-0000-0000-0000-000000000000', seq: 0 };

/**
 * One turn of these reactions: finds streams with news, then works each stream in its own order.
 *
 * States of a (reaction, stream): *level* (cursor at what was found) → *working* → level; a failure → *waiting*
 * (tries, next_try_at) → working again when due; ten failures → *parked* until an administrator retries or skips.
 *
 * The search is apart from the work on purpose. It goes through the outbox by writing transaction and stops at the
 * oldest one still in flight, so it cannot pass over anything; but transaction numbers are not commit order within a
 * stream. The work goes by `seq`, which is dense and in commit order, so it cannot misorder anything.
 *
 * Reactions that have come equally far, usually all of them, share one search.
 *
 * @returns true when there may be more at once.
 */
export async function turn(db: Db, reactions: readonly Reaction[], log: Log, batch = 500): Promise<boolean> {
  const names = reactions.map((reaction) => reaction.name);
  const rows = await db.systemQuery<
    { reaction: string; stream_id: string } & (
      | { tx: string; seq: number; org_id: null }
      | { tx: null; seq: null; org_id: string }
    )
  >(
    `select reaction, stream_id, tx::text as tx, seq, null::uuid as org_id
     from core.reaction_scan where reaction = any($1)
     union all
     (select reaction, stream_id, null, null, org_id from core.reaction_cursor
      where reaction = any($1) and tries > 0 and parked_at is null and next_try_at <= now() limit 1000)`,
    [names],
  );
  const scans = rows.filter((row) => row.tx !== null);
  /** Streams in which one failed, and is to be tried again now. */
  const due = rows.filter((row) => row.org_id !== null);
  const scanOf = new Map(scans.map((scan) => [scan.reaction, scan]));
  const together = new Map<string, { from: Position; reactions: Reaction[] }>();
  for (const reaction of reactions) {
    // Written once: a turn that finds nothing must not cost a transaction number.
    if (!scanOf.has(reaction.name)) {
      await db.systemQuery(
        `insert into core.reaction_scan (reaction, tx, stream_id, seq)
         values ($1, $2::xid8, $3, $4) on conflict do nothing`,
        [reaction.name, start.tx, start.stream_id, start.seq],
      );
    }
    const from = scanOf.get(reaction.name) ?? start;
    const key = `${from.tx} ${from.stream_id} ${from.seq}`;
    const group = together.get(key) ?? { from, reactions: [] };
    group.reactions.push(reaction);
    together.set(key, group);
  }
  let more = false;
  for (const { from, reactions: group } of together.values()) {
    const found = await db.systemQuery<{ [Key in keyof Found]: Found[Key] }>(
      `select tx::text as tx, stream_id, org_id, seq, name from core.outbox
       where (tx, stream_id, seq) > ($1::xid8, $2::uuid, $3::bigint)
         and tx < pg_snapshot_xmin(pg_current_snapshot())
       order by core.outbox.tx, stream_id, seq limit $4`,
      [from.tx, from.stream_id, from.seq, batch],
    );
    for (const reaction of group) {
      await workFound(
        db,
        reaction,
        found,
        due.filter((row) => row.reaction === reaction.name),
        log,
      );
    }
    const last = found.at(-1);
    if (!last) continue;
    await db.systemQuery(
      `update core.reaction_scan set tx = $2::xid8, stream_id = $3, seq = $4 from ${unsynced} where reaction = any($1)`,
      [group.map((reaction) => reaction.name), last.tx, last.stream_id, last.seq],
    );
    more ||= found.length === batch;
  }
  return more;
}

/** Works the streams in which something was found that this reaction wants, and those whose next try is due. */
async function workFound(
  db: Db,
  reaction: Reaction,
  found: readonly Found[],
  due: readonly { stream_id: string; org_id: string }[],
  log: Log,
): Promise<void> {
  // A stream with news of other kinds only is nobody's work; the search has seen it all the same.
  const wanted = found.filter((row) => reaction.events.includes(row.name));
  const streams = new Map<string, string>();
  for (const row of [...wanted, ...due]) streams.set(row.stream_id, row.org_id);
  const firstSeen = new Map<string, number>();
  for (const row of wanted) {
    firstSeen.set(row.stream_id, Math.min(row.seq, firstSeen.get(row.stream_id) ?? Number.POSITIVE_INFINITY));
  }
  const firstIn = (streamId: string) => firstSeen.get(streamId) ?? 1;
  for (const [orgId, all] of Map.groupBy(streams.keys(), (streamId) => streams.get(streamId)!)) {
    const alone =
      all.length > 1 && reaction.handleMany
        ? await workTogether(db, reaction, orgId, new Map(all.map((id) => [id, firstIn(id)])))
        : all;
    for (const streamId of alone) await workStream(db, reaction, streamId, orgId, firstIn(streamId), log);
  }
}

async function workStream(
  db: Db,
  reaction: Reaction,
  streamId: string,
  orgId: string,
  firstSeen: number,
  log: Log,
): Promise<void> {
  const read = () =>
    db.systemQuery<{ seq: number; tries: number; waiting: boolean }>(
      `select seq, tries, (parked_at is not null or coalesce(next_try_at > now(), false)) as waiting
       from core.reaction_cursor where reaction = $1 and stream_id = $2`,
      [reaction.name, streamId],
    );
  let [cursor] = await read();
  if (!cursor) {
    // A stream met for the first time starts at its oldest kept event, not at the one that happened to be found first.
    await db.systemQuery(
      `insert into core.reaction_cursor (reaction, stream_id, org_id, seq)
       select $1, $2, $3, coalesce((select min(seq) from core.outbox where stream_id = $2), $4::bigint) - 1
       on conflict do nothing`,
      [reaction.name, streamId, orgId, firstSeen],
    );
    [cursor] = await read();
    if (!cursor) throw new Error('a cursor that was just made is not there');
  }
  if (cursor.waiting) return;
  let { seq, tries } = cursor;
  const save = (fields: { tries: number; error: string | null; parked: boolean }) =>
    db.systemQuery(
      `update core.reaction_cursor set seq = $3, tries = $4::smallint, error = $5,
         next_try_at = case when $4::smallint > 0 then now() + make_interval(secs => $6) end,
         parked_at = case when $7 then now() end
       from ${unsynced} where reaction = $1 and stream_id = $2`,
      [
        reaction.name,
        streamId,
        seq,
        fields.tries,
        fields.error,
        backoffMs(fields.tries) / 1000,
        fields.parked,
      ],
    );
  for (;;) {
    const rows = await db.systemQuery<OutboxRow>(
      `select ${eventColumns} from core.outbox
       where stream_id = $1 and seq > $2 and name = any($3) order by seq limit 200`,
      [streamId, seq, reaction.events],
    );
    const last = rows.at(-1);
    const all = await handledTogether(reaction, rows);
    if (all && last) {
      seq = last.seq;
      tries = 0;
    }
    for (const row of all ? [] : rows) {
      try {
        await reaction.handle(toEvent(row));
      } catch (error) {
        tries += 1;
        const parked = tries >= triesBeforeParking;
        const fields = { reaction: reaction.name, streamId, seq: row.seq, tries, err: error };
        if (parked) log.error(fields, 'a reaction was parked');
        else log.warn(fields, 'a reaction failed and will be tried again');
        // The next try begins right at it, whatever of other kinds lies between.
        seq = row.seq - 1;
        await save({ tries, error: (error as Error).message.slice(0, 500), parked });
        return;
      }
      seq = row.seq;
      tries = 0;
    }
    if (rows.length > 0) await save({ tries: 0, error: null, parked: false });
    else if (cursor.tries > 0) await save({ tries: 0, error: null, parked: false });
    if (rows.length < 200) return;
  }
}

/** Whether all of them were handled in one go; false leaves each to be handled alone. */
async function handledTogether(reaction: Reaction, rows: readonly OutboxRow[]): Promise<boolean> {
  if (!reaction.handleMany || rows.length < 2) return false;
  try {
    await reaction.handleMany(rows.map(toEvent));
    return true;
  } catch {
    // One by one then: that says which, and why.
    return false;
  }
}
