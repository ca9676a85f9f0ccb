import type { PersonActor } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { Invitee } from '../contract/index.ts';
import { addCalendar } from './actions/calendars.ts';
import { createEvent } from './actions/create-event.ts';
import type { Needs } from './actions/needs.ts';
import { openCalendars } from './actions/open-calendars.ts';
import { type DemoAppointment, demoRooms, demoWeek } from './demo-week.ts';

const dayMs = 86_400_000;

export interface DemoCast {
  readonly orgId: string;
  /** By the short key of a person of the demo. */
  person(key: string): { id: string };
  /** Id of the space of a team by its name. */
  team(name: string): string;
}

/** Gives the demo's people the week of today. Does nothing where there are appointments already. */
export async function fillDemoCalendar(core: Core, cast: DemoCast): Promise<void> {
  const { orgId } = cast;
  const needs: Needs = {
    emit: core.outbox.emit,
    spaces: core.spaces,
    audit: core.audit,
    site: core.settings.site.number,
    nextId: () => core.ids.next(),
    now: () => new Date(),
  };
  await core.db.transaction(orgId, async (tx) => {
    const [there] = await tx.query('select from calendar.event limit 1');
    if (there) return;
    const actorOf = async (key: string): Promise<PersonActor> => {
      const personId = cast.person(key).id;
      const [member] = await tx.query<{ role: PersonActor['role'] }>(
        'select role from core.member where space_id = $1 and person_id = $2',
        [orgId, personId],
      );
      if (!member) throw new Error(`${key} is not in the organisation`);
      return { kind: 'person', orgId, personId, role: member.role, sessionId: '' };
    };
    const owner = await actorOf('ines');
    const rooms = new Map<string, string>();
    for (const room of demoRooms) {
      rooms.set(
        room.name,
        await addCalendar(tx, needs, owner, { spaceId: null, kind: 'room', colour: 7, ...room }),
      );
    }
    for (const each of demoWeek) {
      const actor = await actorOf(each.by);
      await openCalendars(tx, needs, actor.personId);
      const [calendar] = await tx.query<{ id: string }>(
        each.team === undefined
          ? `select c.id from calendar.calendar c join core.member m on m.space_id = c.space_id
             where c.is_first and c.kind = 'personal' and m.person_id = $1`
          : 'select id from calendar.calendar where is_first and space_id = $1',
        [each.team === undefined ? actor.personId : cast.team(each.team)],
      );
      if (!calendar) throw new Error(`${each.title}: its calendar is missing`);
      const invitees: Invitee[] = Object.keys(each.with ?? {}).map((key) => ({
        kind: 'person',
        personId: cast.person(key).id,
      }));
      const room = each.room === undefined ? undefined : rooms.get(each.room);
      if (room !== undefined) invitees.push({ kind: 'resource', calendarId: room });
      const isBusy = each.hours !== undefined;
      const meetingId = await createEvent(tx, needs, actor, calendar.id, {
        fields: {
          title: each.title,
          place: each.place ?? each.room ?? '',
          note: '',
          rule: each.rule ?? null,
          times: timesOf(each, needs.now()),
        },
        mine: { isBusy, reminders: isBusy ? [10] : [], colour: each.colour ?? null },
        invitees,
      });
      for (const [key, answer] of Object.entries(each.with ?? {})) {
        if (answer === 'none') continue;
        const { id } = cast.person(key);
        await tx.query(
          `update calendar.participant set answer = $3, answered_at = now() where meeting_id = $1 and person_id = $2`,
          [meetingId, id, answer],
        );
        await tx.query(
          `update calendar.event e set answer = $3 from calendar.calendar c join core.member m on m.space_id = c.space_id
           where e.meeting_id = $1 and e.id <> $1 and c.id = e.calendar_id and c.kind = 'personal' and m.person_id = $2`,
          [meetingId, id, answer],
        );
      }
      await tx.query(
        `update calendar.occurrence o set is_busy = false, has_reminder = false
         from calendar.event e where e.meeting_id = $1 and e.answer = 'no' and o.event_id = e.id`,
        [meetingId],
      );
    }
  });
}

function timesOf({ day, hours, days = 1, zone }: DemoAppointment, now: Date) {
  const monday = now.getTime() - ((now.getUTCDay() + 6) % 7) * dayMs;
  const date = (after: number) => new Date(monday + after * dayMs).toISOString().slice(0, 10);
  return hours
    ? {
        isAllDay: false as const,
        start: `${date(day)}T${hours[0]}`,
        end: `${date(day)}T${hours[1]}`,
        timeZone: zone,
      }
    : { isAllDay: true as const, start: date(day), end: date(day + days), timeZone: null };
}
