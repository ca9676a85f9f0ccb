import type { Tx } from '@liaison/core/db';
import { hears, type NewsItem, type NewsSource, type NewsText } from '@liaison/core/news';
import {
  appointmentCancelled,
  invitationAnswered,
  invitationSent,
  invitationWithdrawn,
  reminderDue,
} from '../contract/index.ts';

interface EventRow extends Record<string, unknown> {
  readonly id: string;
  readonly meeting_id: string;
  readonly calendar_id: string;
  readonly space_id: string;
  readonly organiser_id: string | null;
}

const groupOf = (meetingId: string): string => `calendar.meeting:${meetingId}`;
/**
 * `calendar.invited:<event>`, or with what was told of it: each change and each answer is news of its own, and last which time of a
 * series it is about.
 */
const itemOf = (what: string, eventId: string, told?: string, at?: string): string =>
  [`calendar.${what}`, eventId, told ?? [], at ?? []].flat().join(':');
const eventOf = (item: string): string => item.split(':')[1] ?? '';
/** The time's own text has colons. */
const timeOf = (item: string): Date | null => {
  const text = /:(\d{4}-\d\d-\d\dT[\d:.]+Z)$/.exec(item)?.[1];
  return text === undefined ? null : new Date(text);
};

const readEvents = async (tx: Tx, ids: readonly string[]): Promise<Map<string, EventRow>> =>
  new Map(
    (
      await tx.query<EventRow>(
        `select e.id, e.meeting_id, e.calendar_id, c.space_id, e.organiser_id
         from calendar.event e join calendar.calendar c on c.id = e.calendar_id where e.id = any($1::uuid[])`,
        [[...new Set(ids)]],
      )
    ).map((row) => [row.id, row]),
  );

const common = (row: EventRow): Pick<NewsItem, 'group' | 'place'> => ({
  group: groupOf(row.meeting_id),
  place: { spaceId: row.space_id, containerId: row.calendar_id, itemId: row.id },
});

/** Invitations, what changed of them and what is off, answers to one's own, and what is about to begin. */
export const news: NewsSource = {
  kinds: [
    { kind: 'calendar.invited', needsMe: true, usual: 'now' },
    { kind: 'calendar.changed', needsMe: true, usual: 'now' },
    { kind: 'calendar.cancelled', needsMe: true, usual: 'now' },
    { kind: 'calendar.answered', needsMe: false, usual: 'now' },
    { kind: 'calendar.reminder', needsMe: false, usual: 'now' },
  ],
  hears: [
    hears(invitationSent, async (tx, events) => {
      const rows = await readEvents(
        tx,
        events.map(({ payload }) => payload.eventId),
      );
      return {
        news: events.flatMap(({ id, payload, at }): NewsItem[] => {
          const row = rows.get(payload.eventId);
          if (!row) return [];
          return [
            {
              ...common(row),
              kind: payload.isNew ? 'calendar.invited' : 'calendar.changed',
              item: payload.isNew ? itemOf('invited', row.id) : itemOf('changed', row.id, id, payload.at),
              for: [payload.personId],
              actorId: row.organiser_id,
              at,
            },
          ];
        }),
      };
    }),
    hears(invitationWithdrawn, (_tx, events) => ({
      read: events.map(({ payload }) => ({
        personId: payload.personId,
        group: groupOf(payload.meetingId),
      })),
    })),
    hears(appointmentCancelled, async (tx, events) => {
      const rows = await tx.query<{ id: string; actor_id: string | null }>(
        'select id, actor_id from calendar.cancelled where id = any($1::uuid[])',
        [events.map(({ payload }) => payload.cancelledId)],
      );
      const actors = new Map(rows.map((row) => [row.id, row.actor_id]));
      return {
        news: events.flatMap(({ payload, at }): NewsItem[] =>
          actors.has(payload.cancelledId)
            ? [
                {
                  kind: 'calendar.cancelled',
                  item: itemOf('cancelled', payload.cancelledId),
                  // The meeting's own group is read with what was told of it before.
                  group: `calendar.cancelled:${payload.meetingId}`,
                  for: [payload.personId],
                  actorId: actors.get(payload.cancelledId) ?? null,
                  place: null,
                  at,
                },
              ]
            : [],
        ),
      };
    }),
    hears(invitationAnswered, async (tx, events) => {
      const rows = await readEvents(
        tx,
        events.map(({ payload }) => payload.eventId),
      );
      return {
        news: events.flatMap(({ id, payload, at }): NewsItem[] => {
          const row = rows.get(payload.eventId);
          if (!row?.organiser_id || row.organiser_id === payload.personId) return [];
          return [
            {
              ...common(row),
              kind: 'calendar.answered',
              item: itemOf('answered', row.id, id, payload.at),
              for: [row.organiser_id],
              actorId: payload.personId,
              at,
            },
          ];
        }),
        // Whoever answers has seen that she was asked.
        read: events.flatMap(({ payload }) => {
          const row = rows.get(payload.eventId);
          return row ? [{ personId: payload.personId, group: groupOf(row.meeting_id) }] : [];
        }),
      };
    }),
    hears(reminderDue, async (tx, events) => {
      const rows = await readEvents(
        tx,
        events.map(({ payload }) => payload.eventId),
      );
      return {
        news: events.flatMap(({ payload, at }): NewsItem[] => {
          const row = rows.get(payload.eventId);
          return row
            ? [
                {
                  ...common(row),
                  kind: 'calendar.reminder',
                  item: itemOf('reminder', row.id, payload.at),
                  for: [payload.personId],
                  actorId: null,
                  at,
                },
              ]
            : [];
        }),
      };
    }),
  ],
  async settled(tx, asked) {
    const invited = asked.filter(({ item }) => item.startsWith('calendar.invited:'));
    const answered = await tx.query<{ id: string }>(
      "select id from calendar.event where id = any($1::uuid[]) and answer <> 'none'",
      [invited.map(({ item }) => eventOf(item))],
    );
    const ids = new Set(answered.map(({ id }) => id));
    return new Set(
      invited.filter(({ item }) => ids.has(eventOf(item))).map(({ personId, item }) => `${personId} ${item}`),
    );
  },
  async describe(tx, personId, items) {
    const rows = await tx.query<{
      id: string;
      title: string;
      place: string;
      is_series: boolean;
      first_start: Date;
    }>('select id, title, place, is_series, first_start from calendar.event where id = any($1::uuid[])', [
      items.map(({ item }) => eventOf(item)),
    ]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    const off = await tx.query<{ id: string; title: string; place: string; starts_at: Date }>(
      `select id, title, place, starts_at from calendar.cancelled where id = any($1::uuid[]) and person_id = $2`,
      [items.map(({ item }) => eventOf(item)), personId],
    );
    const offById = new Map(off.map((row) => [row.id, row]));
    return new Map(
      items.flatMap(({ item, kind }): [string, NewsText][] => {
        if (kind === 'calendar.cancelled') {
          const row = offById.get(eventOf(item));
          if (!row) return [];
          const path = `/calendar?day=${row.starts_at.toISOString().slice(0, 10)}`;
          return [[item, { title: row.title, text: row.place.slice(0, 160), path, startsAt: row.starts_at }]];
        }
        const row = byId.get(eventOf(item));
        if (!row) return [];
        const time = timeOf(item);
        const at = time ?? row.first_start;
        const path = row.is_series
          ? `/calendar?event=${row.id}${time ? `&day=${time.toISOString().slice(0, 10)}&at=${time.toISOString()}` : ''}`
          : `/calendar?day=${row.first_start.toISOString().slice(0, 10)}&event=${row.id}`;
        return [[item, { title: row.title, text: row.place.slice(0, 160), path, startsAt: at }]];
      }),
    );
  },
};
