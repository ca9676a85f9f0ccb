import type { PersonalData } from '@liaison/core/personal-data';

/** How long a deleted card, and what a merge was made of, can be had back. */
const keptDays = 30;

export const personalData: PersonalData = {
  module: 'contacts',
  async *export(tx, personId) {
    const own = await tx.query(
      `select c.id, c.kind, c.name, c.birth_year, c.birth_month, c.birth_day, c.labels, c.card, c.kept, c.changed_at
       from contacts.contact c join contacts.book b on b.id = c.book_id join core.space s on s.id = b.space_id
         join core.member m on m.space_id = s.id
       where s.kind = 'personal' and m.person_id = $1 and c.deleted_at is null order by c.id`,
      [personId],
    );
    yield { path: 'own-contacts.json', content: JSON.stringify(own, null, 2) };
    const changed = await tx.query(
      `select id, book_id, version, changed_at from contacts.contact where changed_by = $1 order by changed_at`,
      [personId],
    );
    yield { path: 'changed-contacts.json', content: JSON.stringify(changed, null, 2) };
    const imports = await tx.query(
      'select file_name, format, total, added, created_at from contacts.import where person_id = $1 order by created_at',
      [personId],
    );
    yield { path: 'imports.json', content: JSON.stringify(imports, null, 2) };
    const settings = await tx.query('select sort_by from contacts.setting where person_id = $1', [personId]);
    yield { path: 'contacts-settings.json', content: JSON.stringify(settings, null, 2) };
  },
  async erase(tx, personId) {
    await tx.query('delete from contacts.import where person_id = $1', [personId]);
    await tx.query('delete from contacts.setting where person_id = $1', [personId]);
    // Her own book goes with her; what she wrote into a team's stays without her name.
    const own = await tx.query<{ id: string }>(
      `select b.id from contacts.book b join core.space s on s.id = b.space_id
         join core.member m on m.space_id = s.id where s.kind = 'personal' and m.person_id = $1 for update of b`,
      [personId],
    );
    const bookIds = own.map(({ id }) => id);
    for (const table of ['way', 'word', 'merge', 'contact']) {
      await tx.query(`delete from contacts.${table} where book_id = any($1::uuid[])`, [bookIds]);
    }
    await tx.query('delete from contacts.book where id = any($1::uuid[])', [bookIds]);
    await tx.query('update contacts.contact set changed_by = null where changed_by = $1', [personId]);
    await tx.query('update contacts.merge set merged_by = null where merged_by = $1', [personId]);
  },
  retention: [
    {
      what: 'cards of address books',
      days: null,
      why: 'A team’s address book is shared: what somebody wrote stays without her name when she is erased.',
    },
    {
      what: 'deleted and merged cards',
      days: keptDays,
      why: 'Somebody deleted or merged them, and may have been mistaken.',
      async purge(tx, olderThan) {
        const merges = await tx.query(
          'delete from contacts.merge where id in (select id from contacts.merge where merged_at < $1 limit 1000) returning id',
          [olderThan],
        );
        const cards = await tx.query(
          `delete from contacts.contact where id in (
             select id from contacts.contact where deleted_at < $1 limit 1000) returning id`,
          [olderThan],
        );
        return merges.length + cards.length;
      },
    },
    {
      what: 'files that were imported',
      days: keptDays,
      why: 'What became of an import can be looked up for a while.',
      async purge(tx, olderThan) {
        const rows = await tx.query(
          'delete from contacts.import where id in (select id from contacts.import where created_at < $1 limit 1000) returning id',
          [olderThan],
        );
        return rows.length;
      },
    },
  ],
};
