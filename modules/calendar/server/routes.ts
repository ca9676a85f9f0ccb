import { invalid, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import * as api from '../contract/index.ts';
import { eventFor } from './access.ts';
import { answerInvitation } from './actions/answer-invitation.ts';
import { addCalendar, editCalendar, removeCalendar } from './actions/calendars.ts';
import { changeEvent } from './actions/change-event.ts';
import { changeMine } from './actions/change-mine.ts';
import { createEvent } from './actions/create-event.ts';
import { deleteEvent } from './actions/delete-event.ts';
import type { Needs } from './actions/needs.ts';
import { openCalendars } from './actions/open-calendars.ts';
import { readBusy } from './busy.ts';
import { findTimes } from './find-times.ts';
import { readOverlay, writeOverlay } from './overlay.ts';
import { readAppointment, readCalendars, readOccurrences } from './queries.ts';
import { readSettings, writeSettings } from './settings.ts';
import { readOccurrencesWith } from './shared-with.ts';
import { presentHours, readHours, writeHours } from './working-hours.ts';

const dayMs = 86_400_000;

/** Two moments in their order, not further apart than a screen is long. */
export function windowOf({ from, to }: { from: string; to: string }): { from: Date; to: Date } {
  const window = { from: new Date(from), to: new Date(to) };
  const length = window.to.getTime() - window.from.getTime();
  if (!(length > 0) || length > 62 * dayMs) throw invalid('Ask for at most 62 days, the earlier one first.');
  return window;
}

/** Validate (by the contract) → access → action → present. */
export function serveRoutes(core: Core, needs: Needs, people: Pick<People, 'findMany'>): void {
  const { http, db, spaces } = core;

  const calendarNow = async (tx: Tx, actor: PersonActor, id: string) => {
    const found = (await readCalendars(tx, actor)).find((each) => each.id === id);
    if (!found) throw invalid('This calendar cannot be shown.');
    return found;
  };
  const eventNow = async (tx: Tx, actor: PersonActor, id: string, at: string | null) =>
    readAppointment(
      tx,
      actor,
      await eventFor(tx, spaces, actor, id, 'read'),
      at === null ? null : Date.parse(at),
    );

  http.route(api.listCalendars, async ({ actor }) => ({
    rows: await db.transaction(actor.orgId, async (tx) => {
      await openCalendars(tx, needs, actor.personId);
      return readCalendars(tx, actor);
    }),
  }));
  http.route(api.createCalendar, ({ actor, body }) =>
    db.transaction(actor.orgId, async (tx) =>
      calendarNow(tx, actor, await addCalendar(tx, needs, actor, body)),
    ),
  );
  http.route(api.changeCalendar, ({ actor, params, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      await editCalendar(tx, needs, actor, params.calendarId, body);
      return calendarNow(tx, actor, params.calendarId);
    }),
  );
  http.route(api.deleteCalendar, async ({ actor, params }) => {
    await db.transaction(actor.orgId, (tx) => removeCalendar(tx, needs, actor, params.calendarId));
    return undefined;
  });
  http.route(api.listOccurrences, ({ actor, query }) =>
    db.read(actor.orgId, (tx) =>
      readOccurrences(tx, actor, {
        ...windowOf(query),
        calendarIds: query.calendars?.split(',') ?? null,
      }),
    ),
  );
  http.route(api.listOccurrencesWith, ({ actor, params, query }) =>
    db.read(actor.orgId, (tx) => readOccurrencesWith(tx, actor, params.personId, query, needs.now())),
  );
  http.route(api.listBusy, async ({ actor, query }) => {
    const { from, to } = windowOf(query);
    const ids = [...new Set(query.ids.split(','))];
    const found = await db.read(actor.orgId, (tx) => readBusy(tx, actor, ids, from, to));
    return {
      rows: ids.map((id) => ({
        id,
        isKnown: found.has(id),
        spans: (found.get(id) ?? []).map(({ startsAt, endsAt }) => ({
          startsAt: startsAt.toISOString(),
          endsAt: endsAt.toISOString(),
        })),
      })),
    };
  });
  http.route(api.getOverlay, ({ actor }) =>
    db.read(actor.orgId, async (tx) => ({ personIds: await readOverlay(tx, actor) })),
  );
  http.route(api.setOverlay, ({ actor, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      await writeOverlay(tx, actor, body.personIds);
      return { personIds: await readOverlay(tx, actor) };
    }),
  );
  http.route(api.getCalendarSettings, ({ actor }) => db.read(actor.orgId, (tx) => readSettings(tx, actor)));
  http.route(api.setCalendarSettings, ({ actor, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      await writeSettings(tx, needs, actor, body);
      return readSettings(tx, actor);
    }),
  );
  http.route(api.createEvent, ({ actor, params, body }) =>
    db.transaction(actor.orgId, async (tx) =>
      eventNow(tx, actor, await createEvent(tx, needs, actor, params.calendarId, body), null),
    ),
  );
  http.route(api.getEvent, ({ actor, params, query }) =>
    db.read(actor.orgId, (tx) => eventNow(tx, actor, params.eventId, query.at ?? null)),
  );
  http.route(api.changeEvent, ({ actor, params, body }) =>
    db.transaction(actor.orgId, async (tx) =>
      eventNow(tx, actor, await changeEvent(tx, needs, actor, params.eventId, body), null),
    ),
  );
  http.route(api.deleteEvent, async ({ actor, params, body }) => {
    await db.transaction(actor.orgId, (tx) => deleteEvent(tx, needs, actor, params.eventId, body));
    return undefined;
  });
  http.route(api.answerInvitation, ({ actor, params, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      await answerInvitation(tx, needs, actor, params.eventId, body);
      return eventNow(tx, actor, params.eventId, body.at);
    }),
  );
  http.route(api.changeMine, ({ actor, params, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      await changeMine(tx, needs, actor, params.eventId, body);
      return eventNow(tx, actor, params.eventId, null);
    }),
  );
  http.route(api.findTimes, async ({ actor, body }) => {
    const { from, to } = windowOf(body);
    const ids = [...new Set([...body.personIds, ...body.calendarIds])];
    return db.read(actor.orgId, async (tx) => {
      const busy = await readBusy(tx, actor, ids, from, to);
      const known = body.personIds.filter((id) => busy.has(id));
      const slots = findTimes({
        fromMs: Math.max(from.getTime(), needs.now().getTime()),
        toMs: to.getTime(),
        minutes: body.minutes,
        busy,
        hours: await readHours(tx, people, known),
      });
      return {
        rows: slots.map(({ startMs, endMs, outsideHours, taken }) => ({
          startsAt: new Date(startMs).toISOString(),
          endsAt: new Date(endMs).toISOString(),
          outsideHours: [...outsideHours],
          taken: [...taken],
        })),
        unknown: ids.filter((id) => !busy.has(id)),
      };
    });
  });
  const hoursOf = async (tx: Tx, personId: string) => {
    const hours = (await readHours(tx, people, [personId])).get(personId);
    if (!hours) throw new Error('hours were asked for and are not there');
    return presentHours(hours);
  };
  http.route(api.getWorkingHours, ({ actor }) => db.read(actor.orgId, (tx) => hoursOf(tx, actor.personId)));
  http.route(api.setWorkingHours, ({ actor, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      await writeHours(tx, actor.personId, body);
      return hoursOf(tx, actor.personId);
    }),
  );
}
