import type { Db } from '@liaison/core/db';

/** Organisations in which attachments are files, whose bytes may have to be let go. */
export async function organisationsWithFiles(db: Db): Promise<string[]> {
  const rows = await db.systemQuery<{ org_id: string }>(
    'select distinct org_id from chat.attachment where node_id is not null',
  );
  return rows.map(({ org_id }) => org_id);
}
