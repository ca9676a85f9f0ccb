import type { Db } from '../db/index.ts';

/** Every organisation whose home is this database. */
export async function organisations(db: Db): Promise<string[]> {
  return db.system(async (tx) =>
    (await tx.query<{ id: string }>("select id from core.space where kind = 'organisation' order by id")).map(
      ({ id }) => id,
    ),
  );
}
