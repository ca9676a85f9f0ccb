import type { Db } from '@liaison/core/db';
import type { DoctorPatient } from './credentials.ts';

/** The first owner of the oldest organisation, or of that with this name: for whom the doctor calls. */
export async function findPatient(db: Db, organisation: string | null): Promise<DoctorPatient | null> {
  const rows = await db.system((tx) =>
    tx.query<{ org_id: string; person_id: string }>(
      `select s.org_id, m.person_id from core.space s join core.member m on m.space_id = s.id
       where s.kind = 'organisation' and m.role = 'owner' and ($1::text is null or lower(s.name) = lower($1))
       order by s.id, m.person_id limit 1`,
      [organisation],
    ),
  );
  const [row] = rows;
  return row ? { orgId: row.org_id, personId: row.person_id } : null;
}
