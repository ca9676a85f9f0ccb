import type { PersonalData } from '@liaison/core/personal-data';

export const personalData: PersonalData = {
  module: 'notify',
  async *export(tx, personId) {
    const news = await tx.query(
      `select kind, item, space_id, container_id, actor_id, needs_me, at, read_at from notify.news
       where person_id = $1 order by at`,
      [personId],
    );
    yield { path: 'news.json', content: JSON.stringify(news, null, 2) };
    const preferences = await tx.query(
      'select space_id, container_id, kind, chosen from notify.preference where person_id = $1',
      [personId],
    );
    yield { path: 'preferences.json', content: JSON.stringify(preferences, null, 2) };
  },
  async erase(tx, personId) {
    await tx.query('delete from notify.news where person_id = $1', [personId]);
    await tx.query('update notify.news set actor_id = null where actor_id = $1', [personId]);
    await tx.query('delete from notify.preference where person_id = $1', [personId]);
  },
  retention: [
    {
      what: 'news',
      days: 90,
      why: 'What somebody was told of, read or not; what it was about stays where it is.',
      async purge(tx, olderThan) {
        const rows = await tx.query(
          `delete from notify.news where id in (
             select id from notify.news where org_id = $1 and at < $2 limit 1000) returning id`,
          [tx.orgId, olderThan],
        );
        return rows.length;
      },
    },
    { what: 'preferences', days: null, why: 'They hold until somebody chooses otherwise.' },
  ],
};
