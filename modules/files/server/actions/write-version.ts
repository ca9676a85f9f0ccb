import type { Tx } from '@liaison/core/db';
import { maxVersions } from '../../contract/index.ts';
import { addBytes } from '../tree-lock.ts';

/** Content of a file: a blob that is stored already. */
export interface Content {
  readonly sha256: string;
  readonly bytes: number;
  readonly mediaType: string;
}

/** Makes content the newest version of a file, in a tree that is locked; the oldest beyond what is kept goes. */
export async function writeVersion(
  tx: Tx,
  treeId: string,
  nodeId: string,
  authorId: string | null,
  { sha256, bytes, mediaType }: Content,
): Promise<void> {
  await tx.query(
    `with n as (
       update files.node set version = version + 1, sha256 = $2, bytes = $3, media_type = $4, changed_at = now(),
         changed_by = $5 where id = $1 returning id, org_id, version)
     insert into files.version (org_id, node_id, number, sha256, bytes, media_type, author_id)
     select n.org_id, n.id, n.version, $2, $3, $4, $5 from n`,
    [nodeId, sha256, bytes, mediaType, authorId],
  );
  const gone = await tx.query<{ bytes: number }>(
    `delete from files.version where node_id = $1 and number <= (
       select max(number) - $2 from files.version where node_id = $1) returning bytes`,
    [nodeId, maxVersions],
  );
  await addBytes(tx, treeId, bytes - gone.reduce((sum, row) => sum + row.bytes, 0));
}
