import type { PersonalData } from '@liaison/core/personal-data';
import { trashDays } from '../contract/index.ts';
import { forget } from './actions/delete-nodes.ts';

export const personalData: PersonalData = {
  module: 'files',
  async *export(tx, personId) {
    const written = await tx.query(
      `select v.node_id, n.name, n.tree_id, v.number, v.bytes, v.media_type, v.sha256, v.written_at
       from files.version v join files.node n on n.id = v.node_id where v.author_id = $1 order by v.written_at`,
      [personId],
    );
    yield { path: 'files.json', content: JSON.stringify(written, null, 2) };
    const stars = await tx.query('select node_id, at from files.star where person_id = $1', [personId]);
    const links = await tx.query(
      'select node_id, mode, until, opened, downloads, created_at from files.link where created_by = $1',
      [personId],
    );
    yield { path: 'links.json', content: JSON.stringify(links, null, 2) };
    yield { path: 'stars.json', content: JSON.stringify(stars, null, 2) };
  },
  async erase(tx, personId) {
    await tx.query('delete from files.star where person_id = $1', [personId]);
    await tx.query('delete from files.upload where person_id = $1', [personId]);
    await tx.query('update files.link set created_by = null where created_by = $1', [personId]);
    await tx.query(
      `delete from core.grant g using files.node n where n.id = g.item_id and g.principal_kind = 'person' and g.principal_id = $1`,
      [personId],
    );
    // What lay in a space of her own goes with her; what she gave to others stays without her name.
    const own = await tx.query<{ id: string; root_id: string }>(
      `select t.id, t.root_id from files.tree t join core.space s on s.id = t.space_id
       join core.member m on m.space_id = s.id where s.kind = 'personal' and m.person_id = $1 for update of t`,
      [personId],
    );
    for (const { id, root_id: rootId } of own) {
      await forget(tx, id, [rootId]);
      await tx.query('delete from files.tree where id = $1', [id]);
    }
    await tx.query('update files.version set author_id = null where author_id = $1', [personId]);
    await tx.query('update files.node set changed_by = null where changed_by = $1', [personId]);
    await tx.query('update files.node set trashed_by = null where trashed_by = $1', [personId]);
  },
  retention: [
    {
      what: 'files of spaces',
      days: null,
      why: 'A space’s files are shared: what somebody wrote stays without a name when she is erased.',
    },
    {
      what: 'files in the trash',
      days: trashDays,
      why: 'Somebody deleted them, and may have been mistaken.',
      async purge(tx, olderThan) {
        const old = await tx.query<{ tree_id: string }>(
          'select distinct tree_id from files.node where trashed_at < $1 order by tree_id limit 20',
          [olderThan],
        );
        let gone = 0;
        for (const { tree_id: treeId } of old) {
          await tx.query('select id from files.tree where id = $1 for update', [treeId]);
          const rows = await tx.query<{ id: string }>(
            'select id from files.node where tree_id = $1 and trashed_at < $2 limit 200',
            [treeId, olderThan],
          );
          const forgotten = await forget(
            tx,
            treeId,
            rows.map(({ id }) => id),
          );
          gone += forgotten.length;
        }
        return gone;
      },
    },
    {
      what: 'previews of files',
      days: 180,
      why: 'They are drawn anew when somebody looks.',
      async purge(tx, olderThan) {
        const rows = await tx.query(
          `delete from files.preview where ctid in (
             select ctid from files.preview where made_at < $1 limit 1000) returning size`,
          [olderThan],
        );
        return rows.length;
      },
    },
    {
      what: 'uploads that were not gone on with',
      days: 8,
      why: 'Whoever was cut off can go on for a week.',
      async purge(tx, olderThan) {
        const rows = await tx.query(
          `delete from files.upload where id in (
             select id from files.upload where created_at < $1 limit 1000) returning id`,
          [olderThan],
        );
        return rows.length;
      },
    },
  ],
};
