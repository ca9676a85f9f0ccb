import type { Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import { newsChanged } from '../../contract/index.ts';

/** Tells people's pages that their news are not what they were. */
export async function tellChanged(tx: Tx, emit: Emit, personIds: Iterable<string>): Promise<void> {
  const ids = [...new Set(personIds)].sort();
  if (ids.length === 0) return;
  const rows = await tx.query<{ person_id: string; space_id: string }>(
    `select m.person_id, m.space_id from core.member m join core.space s on s.id = m.space_id
     where m.person_id = any($1::uuid[]) and s.kind = 'personal' order by m.person_id`,
    [ids],
  );
  for (const row of rows) {
    emit(tx, newsChanged, { spaceId: row.space_id, personId: row.person_id }, { personId: null });
  }
}
