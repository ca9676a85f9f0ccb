import { conflict, notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { createToken, hashToken, type Secrets } from '@liaison/core/secrets';
import { type Feed, type FeedDetail, maxFeedsOfPerson } from '../../contract/index.ts';
import { calendarFor } from '../access.ts';
import type { Needs } from '../actions/needs.ts';

/** A sealed secret opens with its own feed alone. */
const contextOf = (feedId: string): string => `calendar.feed:${feedId}`;

/** A link for programs, to what its owner may see. Its secret is kept sealed as well as hashed, so that it can be copied again. */
export async function createFeed(
  tx: Tx,
  needs: Needs,
  secrets: Secrets,
  actor: PersonActor,
  calendarId: string,
  { name, detail }: { name: string; detail: FeedDetail },
): Promise<string> {
  const calendar = await calendarFor(
    tx,
    needs.spaces,
    actor,
    calendarId,
    detail === 'all' ? 'read' : 'free-busy',
  );
  const [count] = await tx.query<{ count: number }>(
    'select count(*)::integer as count from calendar.feed where person_id = $1',
    [actor.personId],
  );
  if ((count?.count ?? 0) >= maxFeedsOfPerson) {
    throw conflict('calendar-many-feeds', 'You have too many links already; end one that is not used.');
  }
  const id = needs.nextId();
  const token = createToken();
  await tx.query(
    `insert into calendar.feed (id, org_id, calendar_id, person_id, name, detail, token_hash, sealed_token)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      id,
      tx.orgId,
      calendar.id,
      actor.personId,
      name,
      detail,
      hashToken(token),
      secrets.seal(token, contextOf(id)),
    ],
  );
  await needs.audit.record(tx, {
    action: 'calendar.feed-created',
    subjectId: calendar.id,
    personId: actor.personId,
    details: { feedId: id, detail },
  });
  return id;
}

/** Ends a link at once; it is its owner's alone. */
export async function revokeFeed(tx: Tx, needs: Needs, actor: PersonActor, feedId: string): Promise<void> {
  const [feed] = await tx.query<{ calendar_id: string }>(
    'delete from calendar.feed where id = $1 and person_id = $2 returning calendar_id',
    [feedId, actor.personId],
  );
  if (!feed) throw notFound('This link');
  await needs.audit.record(tx, {
    action: 'calendar.feed-revoked',
    subjectId: feed.calendar_id,
    personId: actor.personId,
    details: { feedId },
  });
}

/** Somebody's links, newest first, with their secrets. */
export async function readFeeds(tx: Tx, secrets: Secrets, actor: PersonActor): Promise<Feed[]> {
  const rows = await tx.query<{
    id: string;
    calendar_id: string;
    name: string;
    detail: FeedDetail;
    sealed_token: string;
    created_at: Date;
    read_at: Date | null;
  }>(
    `select id, calendar_id, name, detail, sealed_token, created_at, read_at from calendar.feed
     where person_id = $1 order by created_at desc, id desc limit 100`,
    [actor.personId],
  );
  return rows.map((row) => ({
    id: row.id,
    calendarId: row.calendar_id,
    name: row.name,
    detail: row.detail,
    path: `/api/v1/feeds/${secrets.openText(row.sealed_token, contextOf(row.id))}/calendar.ics`,
    createdAt: row.created_at.toISOString(),
    readAt: row.read_at?.toISOString() ?? null,
  }));
}
