import type { Db } from '@liaison/core/db';
import { hashToken } from '@liaison/core/secrets';
import type { FeedDetail } from '../contract/index.ts';

/** Organisations in which something of a calendar begins, ends or is due about now. */
export async function organisationsWithWork(db: Db): Promise<string[]> {
  const rows = await db.system((tx) =>
    tx.query<{ org_id: string }>(
      `select org_id from calendar.occurrence where is_busy and not is_all_day
         and starts_at > now() - interval '31 days' and starts_at <= now() + interval '1 minute' and ends_at > now()
       union select org_id from calendar.running
       union select org_id from calendar.occurrence where has_reminder
         and starts_at > now() - interval '10 minutes' and starts_at < now() + interval '29 days'`,
    ),
  );
  return rows.map((row) => row.org_id);
}

/** Organisations with series whose kept times end soon. */
export async function organisationsToExpand(db: Db, before: Date): Promise<string[]> {
  const rows = await db.system((tx) =>
    tx.query<{ org_id: string }>(
      'select distinct org_id from calendar.event where is_series and expanded_until < $1 and (last_end is null or last_end > expanded_until)',
      [before],
    ),
  );
  return rows.map((row) => row.org_id);
}

/** A link of a feed that is there. */
export interface OpenFeed {
  readonly id: string;
  readonly orgId: string;
  readonly calendarId: string;
  readonly personId: string;
  readonly detail: FeedDetail;
  readonly createdAt: Date;
}

/** The feed of a secret, asked across organisations: a program comes before anybody knows whose it is. */
export async function findFeed(db: Db, token: string): Promise<OpenFeed | null> {
  const [row] = await db.systemQuery<{
    id: string;
    org_id: string;
    calendar_id: string;
    person_id: string;
    detail: FeedDetail;
    created_at: Date;
  }>(
    'select id, org_id, calendar_id, person_id, detail, created_at from calendar.feed where token_hash = $1',
    [hashToken(token)],
  );
  return row
    ? {
        id: row.id,
        orgId: row.org_id,
        calendarId: row.calendar_id,
        personId: row.person_id,
        detail: row.detail,
        createdAt: row.created_at,
      }
    : null;
}
