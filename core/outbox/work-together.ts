import type { Db } from '../db/index.ts';
import type { Reaction } from './reaction.ts';
import { eventColumns, type OutboxRow, toEvent, unsynced } from './rows.ts';

/** So many events are handled together at most. */
const mostEvents = 200;

/**
 * Works many streams of one organisation at once, for a reaction that takes several events: a statement for where it has come to,
 * one for what is new, one for where it has come to then. What each stream by itself would take is ten times as much where
 * hundreds of people cause one event each.
 *
 * @param streams by id, the number of the first event that was found.
 * @returns those that are still to be worked alone: something failed in them before, or something failed here.
 */
export async function workTogether(
  db: Db,
  reaction: Reaction,
  orgId: string,
  streams: ReadonlyMap<string, number>,
): Promise<readonly string[]> {
  const { name, events } = reaction;
  if (!reaction.handleMany) return [...streams.keys()];
  const reached = new Map<string, number>();
  const alone: string[] = [];
  const left = new Map(streams);
  const known = await db.systemQuery<{ stream_id: string; seq: number; tries: number }>(
    `select stream_id, seq, tries from core.reaction_cursor where reaction = $1 and stream_id = any($2::uuid[])`,
    [name, [...streams.keys()]],
  );
  for (const { stream_id, seq, tries } of known) {
    left.delete(stream_id);
    if (tries > 0) alone.push(stream_id);
    else reached.set(stream_id, seq);
  }
  if (left.size > 0) {
    // A stream met for the first time starts at its oldest kept event, not at the one that happened to be found first.
    const made = await db.systemQuery<{ stream_id: string; seq: number }>(
      `insert into core.reaction_cursor (reaction, stream_id, org_id, seq)
       select $1, s.id, $2, coalesce((select min(o.seq) from core.outbox o where o.stream_id = s.id), s.first) - 1
       from unnest($3::uuid[], $4::bigint[]) as s(id, first)
       on conflict do nothing returning stream_id, seq`,
      [name, orgId, [...left.keys()], [...left.values()]],
    );
    for (const { stream_id, seq } of made) {
      left.delete(stream_id);
      reached.set(stream_id, seq);
    }
    alone.push(...left.keys());
  }
  while (reached.size > 0) {
    const rows = await db.systemQuery<OutboxRow>(
      `select e.* from unnest($1::uuid[], $2::bigint[]) as s(id, seq)
         cross join lateral (select ${eventColumns} from core.outbox o
           where o.stream_id = s.id and o.seq > s.seq and o.name = any($3) order by o.seq limit $4) e
       order by e.stream_id, e.seq limit $4`,
      [[...reached.keys()], [...reached.values()], events, mostEvents],
    );
    if (rows.length === 0) return alone;
    try {
      await reaction.handleMany(rows.map(toEvent));
    } catch {
      // Each by itself then: that says which, and why.
      return [...alone, ...reached.keys()];
    }
    const moved = new Map(rows.map(({ stream_id, seq }) => [stream_id, seq]));
    await db.systemQuery(
      `update core.reaction_cursor c set seq = s.seq
       from ${unsynced}, unnest($2::uuid[], $3::bigint[]) as s(id, seq)
       where c.reaction = $1 and c.stream_id = s.id`,
      [name, [...moved.keys()], [...moved.values()]],
    );
    if (rows.length < mostEvents) return alone;
    for (const [streamId, seq] of moved) reached.set(streamId, seq);
  }
  return alone;
}
