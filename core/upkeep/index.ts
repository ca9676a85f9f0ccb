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
  const parkedOf = async (orgId: string) =>
    (await outbox.parked())
      .filter((each) => each.orgId === orgId)
      .map(({ orgId: _own, parkedAt, ...each }) => ({ ...each, parkedAt: parkedAt.toISOString() }));

  http.route(listParked, async ({ actor }) => {
    administers(actor);
    return { rows: await parkedOf(actor.orgId) };
  });
  http.route(resumeParked, async ({ actor, body, ip }) => {
    administers(actor);
    const mine = await parkedOf(actor.orgId);
    if (!mine.some(({ reaction, streamId }) => reaction === body.reaction && streamId === body.streamId)) {
      throw notFound('This work');
    }
    await outbox.unpark(body.reaction, body.streamId, body.how);
    await db.transaction(actor.orgId, (tx) =>
      audit.record(tx, {
        action: body.how === 'skip' ? 'core.parked-work-skipped' : 'core.parked-work-retried',
        subjectId: body.streamId,
        ip,
        details: { reaction: body.reaction },
      }),
    );
    return { rows: await parkedOf(actor.orgId) };
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
