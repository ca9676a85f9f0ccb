import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import { organisationsWithWaiting } from './across-organisations.ts';
import { timesOf } from './actions/choose.ts';
import { tellChanged } from './actions/tell-changed.ts';
import { lockPersons, type Written } from './actions/write-news.ts';
import { digestKind } from './queries.ts';
import { lastTimeOf } from './quiet.ts';

/**
 * Gathers what waits into one news each day, at the hour that each person chose.
 *
 * @param push is handed what was made: to be pushed, and carried by whoever else carries digests.
 */
export function makeDigests(
  core: Pick<Core, 'db' | 'jobs' | 'outbox' | 'ids'>,
  people: Pick<People, 'findMany'>,
  push: (orgId: string, toPush: Written['toPush']) => Promise<void>,
): void {
  core.jobs.every('notify.make-digests', '*/5 * * * *', async ({ signal }) => {
    for (const orgId of await organisationsWithWaiting(core.db)) {
      if (signal.aborted) return;
      await makeDigestsOf(core, people, push, orgId, new Date());
    }
  });
}

/** Safe to run twice: of one time there is one digest, and what it gathered waits no more. */
export async function makeDigestsOf(
  { db, outbox, ids }: Pick<Core, 'db' | 'outbox' | 'ids'>,
  people: Pick<People, 'findMany'>,
  push: (orgId: string, toPush: Written['toPush']) => Promise<void>,
  orgId: string,
  now: Date,
): Promise<void> {
  const waiting = await db.read(orgId, (tx) =>
    tx.query<{ person_id: string }>('select distinct person_id from notify.news where waits'),
  );
  for (let from = 0; from < waiting.length; from += 100) {
    const personIds = waiting.slice(from, from + 100).map((row) => row.person_id);
    const made = await db.transaction(orgId, async (tx) => {
      const known = await people.findMany(tx, personIds);
      await lockPersons(tx, personIds);
      const digests: Written['toPush'][number][] = [];
      for (const personId of personIds) {
        const person = known.get(personId);
        if (!person) continue;
        const times = await timesOf(tx, personId);
        const at = lastTimeOf(times.digestAt, times.quiet.zone ?? person.timeZone, now);
        const digest = await gather(tx, personId, at, ids.next());
        if (digest) digests.push({ newsId: digest.id, groupId: digest.group_id, personId });
      }
      await tellChanged(
        tx,
        outbox.emit,
        digests.map(({ personId }) => personId),
      );
      return digests;
    });
    if (made.length > 0) await push(orgId, made);
  }
}

/** Answers the digest; null where nothing waited at that time. */
async function gather(
  tx: Tx,
  personId: string,
  at: Date,
  id: string,
): Promise<{ id: string; group_id: string } | null> {
  const [first] = await tx.query(
    'select from notify.news where person_id = $1 and waits and at <= $2 limit 1',
    [personId, at],
  );
  if (!first) return null;
  const item = `${digestKind}:${at.toISOString()}`;
  const [digest] = await tx.query<{ id: string; group_id: string }>(
    `insert into notify.news (id, org_id, person_id, kind, item, group_id, group_key, needs_me, at, push_due)
     values ($1, $2, $3, $4, $5, notify.group_of($3, $5), $5, false, $6, true)
     on conflict (person_id, item) do update set read_at = null returning id, group_id`,
    [id, tx.orgId, personId, digestKind, item, at],
  );
  if (!digest) throw new Error('a digest was neither written nor there');
  await tx.query(
    'update notify.news set waits = false, digest_id = $3 where person_id = $1 and waits and at <= $2',
    [personId, at, digest.id],
  );
  return digest;
}
