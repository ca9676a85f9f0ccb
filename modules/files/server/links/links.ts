import { conflict, notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { createToken, hashToken, type Secrets } from '@liaison/core/secrets';
import type { FileLink } from '../../contract/index.ts';
import { nodeFor, placeOf } from '../access.ts';
import type { Needs } from '../actions/needs.ts';
import { readUntil } from '../actions/share-node.ts';

/** Links of one file or folder. */
const mostLinks = 50;

/** A sealed secret opens with its own link alone. */
const contextOf = (linkId: string): string => `files.link:${linkId}`;

export interface NewLink {
  readonly mode: 'read' | 'upload';
  /** What is kept of its password. */
  readonly passwordHash: string | null;
  readonly until: string | null;
  readonly mostDownloads: number | null;
}

/**
 * A way in for strangers, made by who manages the node. Its secret is kept sealed as well as hashed, so that it can be copied
 * again: where it is shown once, people make another link each time and nobody knows which of them are out.
 */
export async function createLink(
  tx: Tx,
  { spaces, nextId }: Needs,
  secrets: Secrets,
  actor: PersonActor,
  nodeId: string,
  { mode, passwordHash, until, mostDownloads }: NewLink,
): Promise<string> {
  const node = await nodeFor(tx, spaces, actor, nodeId, 'manage');
  if (mode === 'upload' && node.kind !== 'folder') {
    throw conflict('files-link-folder', 'Strangers can send into folders only.');
  }
  const [count] = await tx.query<{ count: number }>(
    'select count(*)::integer as count from files.link where node_id = $1',
    [node.id],
  );
  if ((count?.count ?? 0) >= mostLinks)
    throw conflict('files-many-links', 'This has too many links already.');
  const end = readUntil(until);
  const id = nextId();
  const token = createToken();
  // Below `read`: who may send into it learns no more than that it is there.
  const right = mode === 'read' ? 'read' : 'free-busy';
  const grantId = await spaces.grant(tx, placeOf(node), {
    principal: { kind: 'link', id },
    right,
    until: end,
  });
  await tx.query(
    `insert into files.link (id, org_id, tree_id, node_id, grant_id, mode, token_hash, sealed_token, password_hash, until,
       most_downloads, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      id,
      actor.orgId,
      node.treeId,
      node.id,
      grantId,
      mode,
      hashToken(token),
      secrets.seal(token, contextOf(id)),
      passwordHash,
      end,
      mode === 'read' ? mostDownloads : null,
      actor.personId,
    ],
  );
  return id;
}

/** Ends a link at once; who manages what it leads to may. */
export async function revokeLink(
  tx: Tx,
  { spaces }: Needs,
  actor: PersonActor,
  linkId: string,
): Promise<void> {
  const [link] = await tx.query<{ node_id: string; grant_id: string; trashed: boolean }>(
    `select l.node_id, l.grant_id, n.trashed_at is not null as trashed
     from files.link l join files.node n on n.id = l.node_id where l.id = $1`,
    [linkId],
  );
  if (!link) throw notFound('This link');
  await nodeFor(tx, spaces, actor, link.node_id, 'manage', { trash: link.trashed }).catch(
    (error: unknown) => {
      // Whoever may not know of the file may not know of its link.
      if ((error as { status?: unknown }).status === 404) throw notFound('This link');
      throw error;
    },
  );
  await tx.query('delete from files.link where id = $1', [linkId]);
  await spaces.revoke(tx, link.grant_id);
}

/** Links of a space or of one node, newest first, with their secrets: ask for `manage` before. */
export async function readLinks(
  tx: Tx,
  secrets: Secrets,
  of: { readonly treeId: string } | { readonly nodeId: string } | { readonly linkId: string },
): Promise<FileLink[]> {
  const [column, id] =
    'treeId' in of ? ['tree_id', of.treeId] : 'nodeId' in of ? ['node_id', of.nodeId] : ['id', of.linkId];
  const rows = await tx.query<{
    id: string;
    node_id: string;
    name: string;
    mode: 'read' | 'upload';
    sealed_token: string;
    has_password: boolean;
    until: Date | null;
    most_downloads: number | null;
    downloads: number;
    opened: number;
    created_by: string | null;
    created_at: Date;
  }>(
    `select l.id, l.node_id, n.name, l.mode, l.sealed_token, l.password_hash is not null as has_password, l.until,
       l.most_downloads, l.downloads, l.opened, l.created_by, l.created_at
     from files.link l join files.node n on n.id = l.node_id
     where l.${column} = $1 order by l.created_at desc, l.id desc limit 500`,
    [id],
  );
  return rows.map((row) => ({
    id: row.id,
    nodeId: row.node_id,
    nodeName: row.name,
    mode: row.mode,
    path: `/l/${secrets.openText(row.sealed_token, contextOf(row.id))}`,
    hasPassword: row.has_password,
    until: row.until?.toISOString() ?? null,
    mostDownloads: row.most_downloads,
    downloads: row.downloads,
    opened: row.opened,
    createdById: row.created_by,
    createdAt: row.created_at.toISOString(),
  }));
}
