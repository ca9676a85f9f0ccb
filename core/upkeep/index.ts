import {
  type EventDefinition,
  exportMyData,
  forbidden,
  listParked,
  listRetention,
  notFound,
  type PersonActor,
  resumeParked,
} from '../contract/index.ts';
import type { Core } from '../floor/index.ts';
import { reactTo } from '../outbox/index.ts';
import type { PersonalDataOfAll } from '../personal-data/index.ts';
import { createParkedWorks } from './parked-work.ts';

/** Events are kept this long: pages resume from them, and new reactions read them. */
const eventDays = 14;

/**
 * What the floor owes people and administrators once all modules are there: a person's own data, what is kept and why,
 * background work that is stuck, and the nightly end of old events. Call it once, in `compose.ts`.
 *
 * @param erased the event after which every module erases a person.
 */
export function serveUpkeep(
  { http, outbox, jobs, db, audit }: Core,
  personalData: PersonalDataOfAll,
  erased: EventDefinition<{ orgId: string; personId: string; version: number }>,
): void {
  http.route(exportMyData, async ({ actor, reply }) => {
    const made = await personalData.export(actor.orgId, actor.personId);
    return reply
      .headers({
        'content-type': 'application/zip',
        'content-disposition': 'attachment; filename="my-data.zip"',
        'content-length': made.sizeBytes,
      })
      .send(made.stream);
  });
  http.route(listRetention, async () => ({ rows: [...personalData.retention] }));

  const administers = (actor: PersonActor) => {
    if (actor.role !== 'owner' && actor.role !== 'manager') {
      throw forbidden('only owners and managers look after background work');
    }
  };
  const parked = createParkedWorks({ db, outbox, jobs });

  http.route(listParked, async ({ actor, query }) => {
    administers(actor);
    const page = await parked.list(actor.orgId, query);
    return {
      ...page,
      rows: page.rows.map((row) => ({
        ...row,
        since: row.since.toISOString(),
        parkedAt: row.parkedAt.toISOString(),
      })),
    };
  });
  http.route(resumeParked, async ({ actor, body, ip }) => {
    administers(actor);
    const work = await parked.find(actor.orgId, body.id);
    if (!work) throw notFound('This work');
    const skip = body.how === 'skip';
    await db.transaction(actor.orgId, async (tx) => {
      await audit.record(tx, {
        action: skip ? 'core.parked-work-skipped' : 'core.parked-work-retried',
        ip,
        details: { kind: work.kind, name: work.name, event: work.event, tries: work.tries },
      });
      // Before the commit: what was not done is not in the log.
      await (skip ? parked.drop(body.id) : parked.retry(body.id));
    });
    return undefined;
  });

  outbox.react(
    reactTo('core.erase-person-everywhere', erased, ({ orgId, payload }) =>
      personalData.eraseLater(orgId, payload.personId),
    ),
  );
  jobs.every('core.delete-old-events', '41 2 * * *', async () => {
    await outbox.purge(new Date(Date.now() - eventDays * 86_400_000));
  });
}
