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
    const [times] = await tx.query('select chosen from notify.times where person_id = $1', [personId]);
    yield {
      path: 'preferences.json',
      content: JSON.stringify({ preferences, times: times?.chosen ?? null }, null, 2),
    };
    const browsers = await tx.query(
      'select browser, created_at, last_pushed_at from notify.subscription where person_id = $1',
      [personId],
    );
    yield { path: 'browsers.json', content: JSON.stringify(browsers, null, 2) };
  },
  async erase(tx, personId) {
    await tx.query('delete from notify.news where person_id = $1', [personId]);
    await tx.query('update notify.news set actor_id = null where actor_id = $1', [personId]);
    for (const table of ['preference', 'times', 'subscription', 'shown']) {
      await tx.query(`delete from notify.${table} where person_id = $1`, [personId]);
    }
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
    {
      what: 'what browsers were asked to show',
      days: 90,
      why: 'It is withdrawn from them when it is read.',
      async purge(tx, olderThan) {
        const rows = await tx.query(
          `delete from notify.shown where (person_id, group_id) in (
             select person_id, group_id from notify.shown where org_id = $1 and at < $2 limit 1000) returning tag`,
          [tx.orgId, olderThan],
        );
        return rows.length;
      },
    },
    {
      what: 'browsers that are pushed to',
      days: null,
      why: 'They end with the session that subscribed them.',
    },
    { what: 'preferences', days: null, why: 'They hold until somebody chooses otherwise.' },
  ],
};
