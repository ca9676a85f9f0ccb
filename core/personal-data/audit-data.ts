import type { PersonalData } from './personal-data.ts';

/** What the audit log knows of people. */
export const auditPersonalData: PersonalData = {
  module: 'audit',
  async *export(tx, personId) {
    // The newest are enough to read; what a person did in many years fits in few pages of this size.
    const rows = await tx.query(
      `select at, action, subject_id as "subjectId", ip, details
       from core.audit where person_id = $1 or subject_id = $1 order by at desc, id desc limit 50000`,
      [personId],
    );
    yield { path: 'audit.json', content: `${JSON.stringify(rows, null, 2)}\n` };
  },
  async erase() {
    // Entries hold ids only, and whoever reads them later must be able to trust that none went missing.
  },
  retention: [
    {
      what: 'Audit entries: who changed people, rights and settings, from which address',
      days: 730,
      why: 'To find out what happened after a break-in or a dispute. They name people by number only.',
      async purge(tx, olderThan) {
        const [row] = await tx.query<{ gone: number }>('select core.purge_audit($1, 1000) as gone', [
          olderThan,
        ]);
        return row?.gone ?? 0;
      },
    },
  ],
};
