import type { Tx } from '../db/index.ts';

/** The space that is somebody's alone, in which what concerns only her is told in order; null once she is gone. */
export async function personalSpaceOf(tx: Tx, personId: string): Promise<string | null> {
  const [space] = await tx.query<{ id: string }>(
    `select s.id from core.space s join core.member m on m.space_id = s.id
     where s.kind = 'personal' and m.person_id = $1 order by s.id limit 1`,
    [personId],
  );
  return space?.id ?? null;
}
