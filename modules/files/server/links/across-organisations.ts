import type { Db } from '@liaison/core/db';
import { hashToken } from '@liaison/core/secrets';

/** A link that holds now. */
export interface OpenLink {
  readonly id: string;
  readonly orgId: string;
  readonly treeId: string;
  readonly nodeId: string;
  readonly mode: 'read' | 'upload';
  readonly passwordHash: string | null;
  readonly until: Date | null;
  readonly mostDownloads: number | null;
  readonly isUsedUp: boolean;
}

/**
 * The link of a secret, asked across organisations: a stranger comes before anybody knows whose it is. One that ended, was taken
 * back or never was is null, after the same work.
 */
export async function findLink(db: Db, token: string): Promise<OpenLink | null> {
  const [row] = await db.systemQuery<{
    id: string;
    org_id: string;
    tree_id: string;
    node_id: string;
    mode: 'read' | 'upload';
    password_hash: string | null;
    until: Date | null;
    most_downloads: number | null;
    is_used_up: boolean;
  }>(
    `select l.id, l.org_id, l.tree_id, l.node_id, l.mode, l.password_hash, l.until, l.most_downloads,
       coalesce(l.downloads >= l.most_downloads, false) as is_used_up
     from files.link l join core.grant g on g.id = l.grant_id
     where l.token_hash = $1 and (g.until is null or g.until > now())`,
    [hashToken(token)],
  );
  return row
    ? {
        id: row.id,
        orgId: row.org_id,
        treeId: row.tree_id,
        nodeId: row.node_id,
        mode: row.mode,
        passwordHash: row.password_hash,
        until: row.until,
        mostDownloads: row.most_downloads,
        isUsedUp: row.is_used_up,
      }
    : null;
}
