import type { OutboxEvent } from '../contract/index.ts';
import type { Db } from '../db/index.ts';
import { backoffMs, type Reaction, triesBeforeParking } from './reaction.ts';

interface OutboxRow extends Record<string, unknown> {
  id: string;
  org_id: string;
  stream_id: string;
  seq: number;
  name: string;
  version: number;
  payload: Record<string, unknown>;
  person_id: string | null;
  request_id: string | null;
  at: Date;
}

export const toEvent = (row: OutboxRow): OutboxEvent => ({
  id: row.id,
  orgId: row.org_id,
  streamId: row.stream_id,
  seq: row.seq,
  name: row.name,
  version: row.version,
  payload: row.payload,
  personId: row.person_id,
  requestId: row.request_id,
  at: row.at,
});

export const eventColumns = 'id, org_id, stream_id, seq, name, version, payload, person_id, request_id, at';

type Log = {
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
};

/**
 * One turn of one reaction: finds streams with news, then works each stream in its own order.
 *
 * States of a (reaction, stream): *level* (cursor at what was found) → *working* → level; a failure → *waiting*
 * (tries, next_try_at) → working again when due; ten failures → *parked* until an administrator retries or skips.
 *
 * The search is apart from the work on purpose. It goes through the outbox by writing transaction and stops at the
 * oldest one still in flight, so it cannot pass over anything; but transaction numbers are not commit order within a
 * stream. The work goes by `seq`, which is dense and in commit order, so it cannot misorder anything.
 *
 * @returns true when there may be more at once.
 */
export async function turn(db: Db, reaction: Reaction, log: Log, batch = 500): Promise<boolean> {
  const { found, due } = await db.system(async (tx) => {
    const [scan] = await tx.query('select from core.reaction_scan where reaction = $1', [reaction.name]);
    // Written once: a turn that finds nothing must not cost a transaction number.
    if (!scan) {
      await tx.query(
        `insert into core.reaction_scan (reaction, tx, stream_id, seq)
         values ($1, '0', '00000000-0000-0000-0000-000000000000', 0) on conflict do nothing`,
        [reaction.name],
      );
    }
    return {
      found: await tx.query<{ tx: string; stream_id: string; org_id: string; seq: number; name: string }>(
        `select o.tx::text as tx, o.stream_id, o.org_id, o.seq, o.name
         from core.outbox o, core.reaction_scan s
         where s.reaction = $1 and (o.tx, o.stream_id, o.seq) > (s.tx, s.stream_id, s.seq)
           and o.tx < pg_snapshot_xmin(pg_current_snapshot())
         order by o.tx, o.stream_id, o.seq limit $2`,
        [reaction.name, batch],
      ),
      due: await tx.query<{ stream_id: string; org_id: string }>(
        `select stream_id, org_id from core.reaction_cursor
         where reaction = $1 and tries > 0 and parked_at is null and next_try_at <= now() limit 100`,
        [reaction.name],
      ),
    };
  });
  // A stream with news of other kinds only is nobody's work; the search has seen it all the same.
  const wanted = found.filter((row) => reaction.events.includes(row.name));
  const streams = new Map<string, string>();
  for (const row of [...wanted, ...due]) streams.set(row.stream_id, row.org_id);
  const firstSeen = new Map<string, number>();
  for (const row of wanted) {
    firstSeen.set(row.stream_id, Math.min(row.seq, firstSeen.get(row.stream_id) ?? Number.POSITIVE_INFINITY));
  }
  for (const [streamId, orgId] of streams) {
    await workStream(db, reaction, streamId, orgId, firstSeen.get(streamId) ?? 1, log);
  }
  const last = found.at(-1);
  if (last) {
    await db.system((tx) =>
      tx.query('update core.reaction_scan set tx = $2::xid8, stream_id = $3, seq = $4 where reaction = $1', [
        reaction.name,
        last.tx,
        last.stream_id,
        last.seq,
      ]),
    );
  }
  return found.length === batch;
}

async function workStream(
  db: Db,
  reaction: Reaction,
  streamId: string,
  orgId: string,
  firstSeen: number,
  log: Log,
): Promise<void> {
  const cursor = await db.system(async (tx) => {
    const read = () =>
      tx.query<{ seq: number; tries: number; waiting: boolean }>(
        `select seq, tries, (parked_at is not null or coalesce(next_try_at > now(), false)) as waiting
         from core.reaction_cursor where reaction = $1 and stream_id = $2`,
        [reaction.name, streamId],
      );
    const [known] = await read();
    if (known) return known;
    // A stream met for the first time starts at its oldest kept event, not at the one that happened to be found first.
    const [oldest] = await tx.query<{ seq: number | null }>(
      'select min(seq) as seq from core.outbox where stream_id = $1',
      [streamId],
    );
    await tx.query(
      'insert into core.reaction_cursor (reaction, stream_id, org_id, seq) values ($1, $2, $3, $4) on conflict do nothing',
      [reaction.name, streamId, orgId, (oldest?.seq ?? firstSeen) - 1],
    );
    const [made] = await read();
    return made!;
  });
  if (cursor.waiting) return;
  let { seq, tries } = cursor;
  const save = (fields: { tries: number; error: string | null; parked: boolean }) =>
    db.system((tx) =>
      tx.query(
        `update core.reaction_cursor set seq = $3, tries = $4::smallint, error = $5,
           next_try_at = case when $4::smallint > 0 then now() + make_interval(secs => $6) end,
           parked_at = case when $7 then now() end
         where reaction = $1 and stream_id = $2`,
        [
          reaction.name,
          streamId,
          seq,
          fields.tries,
          fields.error,
          backoffMs(fields.tries) / 1000,
          fields.parked,
        ],
      ),
    );
  for (;;) {
    const rows = await db.system((tx) =>
      tx.query<OutboxRow>(
        `select ${eventColumns} from core.outbox
         where stream_id = $1 and seq > $2 and name = any($3) order by seq limit 200`,
        [streamId, seq, reaction.events],
      ),
    );
    for (const row of rows) {
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
