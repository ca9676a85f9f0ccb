import type { Core } from '@liaison/core/floor';
import { reactTo } from '@liaison/core/outbox';
import type { Reach } from '@liaison/reach';
import { appointmentsChanged, reminderDue } from '../contract/index.ts';
import { organisationsToExpand, organisationsWithWork } from './across-organisations.ts';
import type { JComponent } from './series/component.ts';
import { copyTimes, planOf, windowDays, writeTimes } from './stored.ts';

const dayMs = 86_400_000;

/**
 * What happens because time passes: reminders come due, a running appointment is a claim of reachability, and the times of
 * series that are kept move on. One job a minute, in one process of all; what is changed meanwhile is followed at once.
 */
export function keepTime(core: Core, reach: Pick<Reach, 'claim' | 'release'>): void {
  const { jobs, db, outbox } = core;

  jobs.every('calendar.follow-clock', '* * * * *', async ({ signal }) => {
    for (const orgId of await organisationsWithWork(db)) {
      if (signal.aborted) return;
      await remind(core, orgId);
      await followRunning(core, reach, orgId);
    }
  });
  jobs.every('calendar.extend-series', '23 2 * * *', async ({ signal }) => {
    const before = new Date(Date.now() + (windowDays.after - 30) * dayMs);
    for (const orgId of await organisationsToExpand(db, before)) {
      while (!signal.aborted && (await extendSome(core, orgId, before)) > 0) {
        // In batches, so that no transaction is long.
      }
    }
  });
  outbox.react(
    reactTo('calendar.follow-changes', appointmentsChanged, ({ orgId }) => followRunning(core, reach, orgId)),
  );
}

/** Tells what is due and was not told: by its own row, so that twice is once. */
export async function remind({ db, outbox }: Pick<Core, 'db' | 'outbox'>, orgId: string): Promise<void> {
  await db.transaction(orgId, async (tx) => {
    const due = await tx.query<{
      event_id: string;
      at: Date;
      starts_at: Date;
      space_id: string;
      person_id: string;
    }>(
      `with due as (
         select o.event_id, o.at, o.starts_at, c.space_id, r.minutes, m.person_id
         from calendar.occurrence o join calendar.event e on e.id = o.event_id
           join calendar.calendar c on c.id = o.calendar_id and c.kind = 'personal'
           join core.member m on m.space_id = c.space_id
           cross join lateral unnest(e.reminders) as r (minutes)
         where o.has_reminder and o.starts_at > now() - interval '10 minutes' and o.starts_at < now() + interval '29 days'
           and o.starts_at - make_interval(mins => r.minutes) <= now()
           and o.starts_at - make_interval(mins => r.minutes) > now() - interval '10 minutes'
         limit 5000
       ), told as (
         insert into calendar.reminded (org_id, event_id, at, minutes)
         select $1, event_id, at, minutes from due on conflict do nothing returning event_id, at
       )
       select distinct on (d.event_id, d.at) d.event_id, d.at, d.starts_at, d.space_id, d.person_id
       from told t join due d on d.event_id = t.event_id and d.at = t.at`,
      [orgId],
    );
    for (const row of due) {
      outbox.emit(tx, reminderDue, {
        spaceId: row.space_id,
        personId: row.person_id,
        eventId: row.event_id,
        at: row.at.toISOString(),
        startsAt: row.starts_at.toISOString(),
      });
    }
  });
}

/**
 * Claims people as in a meeting while an appointment of theirs runs, and gives back what runs no more: it ended, moved, was
 * declined, or its time counts as free. Whole days claim nobody.
 */
export async function followRunning(
  { db }: Pick<Core, 'db'>,
  reach: Pick<Reach, 'claim' | 'release'>,
  orgId: string,
): Promise<void> {
  const { begun, ended } = await db.transaction(orgId, async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('calendar.running ' || $1, 0))`, [orgId]);
    const running = `select m.person_id, o.event_id, max(o.ends_at) as until
      from calendar.occurrence o join calendar.calendar c on c.id = o.calendar_id and c.kind = 'personal'
        join core.member m on m.space_id = c.space_id
      where o.is_busy and not o.is_all_day and o.starts_at <= now() and o.ends_at > now()
        and o.starts_at > now() - interval '31 days' group by 1, 2`;
    const ended = await tx.query<{ person_id: string; event_id: string }>(
      `delete from calendar.running r where not exists (
         select from (${running}) n where n.person_id = r.person_id and n.event_id = r.event_id)
       returning r.person_id, r.event_id`,
    );
    const begun = await tx.query<{ person_id: string; event_id: string; until: Date }>(
      `insert into calendar.running as r (org_id, person_id, event_id, until)
       select $1, n.person_id, n.event_id, n.until from (${running}) n
       on conflict (person_id, event_id) do update set until = excluded.until where r.until <> excluded.until
       returning r.person_id, r.event_id, r.until`,
      [orgId],
    );
    return { begun, ended };
  });
  // After the commit: a claim that was not made is made by the next minute's job, for its row goes first.
  try {
    for (const row of ended) {
      await reach.release({ orgId, personId: row.person_id, kind: 'meeting', ref: refOf(row.event_id) });
    }
    for (const row of begun) {
      await reach.claim({
        orgId,
        personId: row.person_id,
        kind: 'meeting',
        ref: refOf(row.event_id),
        until: row.until,
        lasting: true,
      });
    }
  } catch (error) {
    await db.transaction(orgId, (tx) =>
      tx.query('delete from calendar.running where event_id = any($1::uuid[])', [
        begun.map((row) => row.event_id),
      ]),
    );
    throw error;
  }
}

const refOf = (eventId: string): string => `appointment:${eventId}`;

/** Moves the kept times of some series on; answers how many. */
async function extendSome(
  { db, log }: Pick<Core, 'db' | 'log'>,
  orgId: string,
  before: Date,
): Promise<number> {
  return db.transaction(orgId, async (tx) => {
    const rows = await tx.query<{ id: string; components: JComponent[] }>(
      `select id, components from calendar.event
       where is_series and meeting_id = id and expanded_until < $1 and (last_end is null or last_end > expanded_until)
       order by id limit 100 for update skip locked`,
      [before],
    );
    for (const { id, components } of rows) {
      try {
        const plan = planOf(components, new Date());
        await tx.query(
          'update calendar.event set expanded_from = $2, expanded_until = greatest($3::timestamptz, $4) where meeting_id = $1',
          [id, plan.expandedFrom, plan.expandedUntil, before],
        );
        await writeTimes(tx, id, plan.times);
        await copyTimes(tx, id);
      } catch (error) {
        // Written by rules that are stricter now: it is left as it was.
        log.warn({ err: error, eventId: id }, 'a series could not be followed further');
        await tx.query('update calendar.event set expanded_until = $2 where meeting_id = $1', [id, before]);
      }
    }
    return rows.length;
  });
}
