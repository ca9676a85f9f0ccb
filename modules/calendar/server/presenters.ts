import type { Core } from '@liaison/core/floor';
import { type ReminderView, reminderDue, settingsChanged } from '../contract/index.ts';

/** A reminder comes with what it is about: the page that hears it may show anything else. Her settings are told to herself. */
export function addPresenters({ live, db }: Core): void {
  live.present(reminderDue, async (orgId, events) => {
    const rows = await db.read(orgId, (tx) =>
      tx.query<{ id: string; at: Date; title: string; place: string }>(
        `select e.id, o.at, coalesce(o.title, e.title) as title, coalesce(o.place, e.place) as place
         from calendar.event e join calendar.occurrence o on o.event_id = e.id
         where e.id = any($1::uuid[]) and o.at = any($2::timestamptz[])`,
        [events.map(({ payload }) => payload.eventId), events.map(({ payload }) => payload.at)],
      ),
    );
    return events.map(({ payload }) => {
      const row = rows.find((each) => each.id === payload.eventId && each.at.toISOString() === payload.at);
      const data: ReminderView = {
        eventId: payload.eventId,
        title: row?.title ?? '',
        place: row?.place ?? '',
        startsAt: payload.startsAt,
      };
      return { data, only: [payload.personId] };
    });
  });
  live.present(settingsChanged, async (_orgId, events) =>
    events.map(({ payload: { personId } }) => ({ data: {}, only: [personId] })),
  );
}
