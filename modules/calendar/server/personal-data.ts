import type { PersonalData } from '@liaison/core/personal-data';

export const personalData: PersonalData = {
  module: 'calendar',
  async *export(tx, personId) {
    const events = await tx.query(
      `select c.name as calendar, e.id, e.uid, e.components, e.answer, e.reminders, e.is_busy, e.created_at
       from calendar.event e join calendar.calendar c on c.id = e.calendar_id
         join core.space s on s.id = c.space_id join core.member m on m.space_id = s.id
       where (s.kind = 'personal' and m.person_id = $1) or (e.organiser_id = $1 and m.person_id = $1)
       order by e.created_at`,
      [personId],
    );
    yield { path: 'appointments.json', content: JSON.stringify(events, null, 2) };
    const answers = await tx.query(
      'select meeting_id, answer, word, answered_at from calendar.participant where person_id = $1',
      [personId],
    );
    yield { path: 'answers.json', content: JSON.stringify(answers, null, 2) };
    const times = await tx.query(
      'select meeting_id, at, answer, word, answered_at from calendar.time_answer where person_id = $1 order by at',
      [personId],
    );
    yield { path: 'answers-of-times.json', content: JSON.stringify(times, null, 2) };
    const overlay = await tx.query(
      'select colleague_id from calendar.overlay where person_id = $1 order by position',
      [personId],
    );
    yield { path: 'colleagues-over-my-days.json', content: JSON.stringify(overlay, null, 2) };
    const cancelled = await tx.query(
      'select title, place, starts_at, cancelled_at from calendar.cancelled where person_id = $1 order by cancelled_at',
      [personId],
    );
    yield { path: 'cancelled.json', content: JSON.stringify(cancelled, null, 2) };
    const hours = await tx.query(
      'select days, from_minute, to_minute, spans from calendar.working_hours where person_id = $1',
      [personId],
    );
    yield { path: 'working-hours.json', content: JSON.stringify(hours, null, 2) };
    const settings = await tx.query('select first_day from calendar.setting where person_id = $1', [
      personId,
    ]);
    yield { path: 'calendar-settings.json', content: JSON.stringify(settings, null, 2) };
    const imports = await tx.query(
      'select file_name, total, added, changed, created_at from calendar.import where person_id = $1 order by created_at',
      [personId],
    );
    yield { path: 'imports.json', content: JSON.stringify(imports, null, 2) };
    const feeds = await tx.query(
      'select calendar_id, name, detail, created_at, read_at from calendar.feed where person_id = $1 order by created_at',
      [personId],
    );
    yield { path: 'feeds.json', content: JSON.stringify(feeds, null, 2) };
  },
  async erase(tx, personId) {
    await tx.query('delete from calendar.feed where person_id = $1', [personId]);
    await tx.query('delete from calendar.import where person_id = $1', [personId]);
    const own = await tx.query<{ id: string }>(
      `select c.id from calendar.calendar c join core.space s on s.id = c.space_id and s.kind = 'personal'
         join core.member m on m.space_id = s.id where m.person_id = $1`,
      [personId],
    );
    const ids = own.map(({ id }) => id);
    // What she called together is off; where she was invited she is missing.
    const meetings = await tx.query<{ id: string }>(
      'select id from calendar.event where calendar_id = any($1::uuid[]) and meeting_id = id',
      [ids],
    );
    await tx.query('delete from calendar.event where meeting_id = any($1::uuid[])', [
      meetings.map(({ id }) => id),
    ]);
    await tx.query('delete from calendar.participant where meeting_id = any($1::uuid[])', [
      meetings.map(({ id }) => id),
    ]);
    await tx.query('delete from calendar.event where calendar_id = any($1::uuid[])', [ids]);
    await tx.query('delete from calendar.calendar where id = any($1::uuid[])', [ids]);
    await tx.query('delete from calendar.participant where person_id = $1', [personId]);
    await tx.query('delete from calendar.time_answer where person_id = $1', [personId]);
    await tx.query('delete from calendar.overlay where person_id = $1 or colleague_id = $1', [personId]);
    await tx.query('delete from calendar.cancelled where person_id = $1', [personId]);
    await tx.query('update calendar.cancelled set actor_id = null where actor_id = $1', [personId]);
    await tx.query('delete from calendar.working_hours where person_id = $1', [personId]);
    await tx.query('delete from calendar.setting where person_id = $1', [personId]);
    await tx.query('delete from calendar.running where person_id = $1', [personId]);
    await tx.query('update calendar.event set organiser_id = null where organiser_id = $1', [personId]);
  },
  retention: [
    {
      what: 'appointments',
      days: null,
      why: 'A calendar is a memory: what is in one’s own goes with its person, a team’s stays without her name.',
    },
    {
      what: 'links by which programs follow calendars',
      days: null,
      why: 'A link holds until its owner takes it back, and goes with her.',
    },
    {
      what: 'files of appointments that were imported',
      days: 30,
      why: 'What became of an import can be looked up for a while.',
      async purge(tx, olderThan) {
        const rows = await tx.query(
          `delete from calendar.import where id in (
             select id from calendar.import where created_at < $1 limit 1000) returning id`,
          [olderThan],
        );
        return rows.length;
      },
    },
    {
      what: 'appointments that are off, for those who were asked to come',
      days: 40,
      why: 'So that the news of it can be read.',
      async purge(tx, olderThan) {
        const rows = await tx.query(
          `delete from calendar.cancelled where id in (
             select id from calendar.cancelled where cancelled_at < $1 limit 1000) returning id`,
          [olderThan],
        );
        return rows.length;
      },
    },
    {
      what: 'which reminders were told',
      days: 40,
      why: 'So that nobody is reminded twice.',
      async purge(tx, olderThan) {
        const rows = await tx.query(
          `delete from calendar.reminded where (event_id, at, minutes) in (
             select event_id, at, minutes from calendar.reminded where told_at < $1 limit 1000) returning event_id`,
          [olderThan],
        );
        return rows.length;
      },
    },
  ],
};
